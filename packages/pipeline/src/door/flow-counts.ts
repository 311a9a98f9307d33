import type { Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import { clearName } from '@filrouge/domain/event';
import type { FlowCount } from '@filrouge/ports';
import type { HashedItem } from './hashed-item.ts';
import type { ItemOutcome, Submission } from './submission.ts';

type Counter = Omit<FlowCount, 'count'> & { count: number };

/** The counters of S2 that one group commit moves: accepted, withheld by name and reason, duplicates, refusals, bots. */
export function countFlow(
  group: readonly Submission[],
  items: readonly HashedItem[],
  outcomes: readonly ItemOutcome[],
): readonly FlowCount[] {
  const counts = new Map<string, Counter>();
  // Looked at before the map: most items of a moment have the outcome of the one before, from the same source.
  const latest: { [outcome in FlowCount['outcome']]?: Counter } = {};
  const count = (
    brand: BrandId,
    source: SourceId,
    outcome: FlowCount['outcome'],
    detail: { readonly reason?: string; readonly name?: string; readonly by?: number; readonly at?: Instant } = {},
  ): void => {
    const { reason = '', name = '', by = 1, at } = detail;
    const last = latest[outcome];
    if (last?.source === source && last.reason === reason && last.name === name && last.receivedAt === at) {
      last.count += by;
      return;
    }
    const key = `${source}\n${outcome}\n${reason}\n${name}\n${at ?? ''}`;
    const on = at === undefined ? {} : { receivedAt: at };
    const counter = counts.get(key) ?? { brand, source, outcome, reason, name, count: 0, ...on };
    counter.count += by;
    counts.set(key, counter);
    latest[outcome] = counter;
  };
  for (const { source, refused } of group) {
    for (const [code, by] of refused) count(source.brand, source.id, 'refused', { reason: code, by });
  }
  for (let at = 0; at < items.length; at += 1) {
    const { brand, source, item, submission } = items[at] as HashedItem;
    const outcome = outcomes[at] as ItemOutcome;
    const released = submission.releases !== undefined;
    // Somebody else has let this entry out: what is not there is counted nowhere.
    if (released && outcome.kind === 'duplicate') continue;
    if (outcome.kind === 'refused' || outcome.kind === 'duplicate') {
      const reason = outcome.kind === 'refused' ? outcome.code : '';
      count(brand, source.id, outcome.kind, { reason });
      continue;
    }
    // A released entry was accepted when it first came in: it changes its state and not the sum.
    if (!released) count(brand, source.id, 'accepted');
    if (outcome.kind === 'withheld') {
      const on = submission.firstReceivedAt === undefined ? {} : { at: submission.firstReceivedAt };
      count(brand, source.id, 'withheld', { reason: outcome.reason, name: clearName(item.name), ...on });
    } else if (item.marks.includes('bot')) {
      count(brand, source.id, 'bot');
    }
  }
  return [...counts.values()];
}
