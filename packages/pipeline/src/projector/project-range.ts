import type { Purpose } from '@filrouge/domain/consent';
import { threadOf } from '@filrouge/domain/identity';
import type {
  EventStore,
  JournalEntry,
  ProjectionTransaction,
  ProjectorPosition,
  ThreadSpans,
  Vault,
} from '@filrouge/ports';
import { standingsOf } from './consent-step.ts';
import { eventRow } from './event-row.ts';
import { type IdentityChange, projectIdentity } from './identity-step.ts';
import type { KnownFacts } from './known-facts.ts';
import { keptCounts, type OpenedRange, openEntries } from './opened-item.ts';
import { projectProfiles } from './profile-step.ts';

export type RangeDeps = {
  readonly vault: Vault;
  readonly events: EventStore;
  readonly known: KnownFacts;
  /** See `IdentityDeps`: the attempt before this one was lost. */
  readonly tellAll: boolean;
  /** Purposes whose states reports ask for. */
  readonly purposes: readonly Purpose[];
};

export type Range = {
  readonly at: ProjectorPosition;
  readonly upTo: number;
  readonly entries: readonly JournalEntry[];
  /** The number of this attempt at it. */
  readonly attempt: number;
};

type Separated = Awaited<ReturnType<ProjectionTransaction['separationsAfter']>>['pairs'];

export type RangeDone = { readonly items: number; readonly changes: readonly IdentityChange[] };

/**
 * Projects one range of the journal, and the consent facts that came meanwhile: who is who, profiles, counters, events,
 * the map, consent states. All of PostgreSQL's part is one transaction with the new position; what goes to the event
 * store before its commit is the same again if the range is tried again.
 */
export async function projectRange(
  transaction: ProjectionTransaction,
  deps: RangeDeps,
  range: Range,
): Promise<RangeDone> {
  const { at, upTo, entries, attempt } = range;
  const opened = openEntries(deps.vault, entries);
  const separations = await transaction.separationsAfter(at.separationPosition);
  const changes = await projectBrands(transaction, deps, opened, separations.pairs);
  await projectProfiles(transaction, deps.vault, opened.items);
  await transaction.quarantine(opened.poison);
  await transaction.countKept(keptCounts(opened, at.counted));

  if (upTo > at.position) {
    const rows = opened.items.map((item) => eventRow(deps.vault, item));
    await deps.events.insertRange({ generation: at.generation, from: at.position + 1, to: upTo }, rows);
  }
  await deps.events.putThreadSpans(changes.flatMap(spansOf), attempt);
  const facts = await transaction.factNodesAfter(at.ledgerPosition);
  const moved = [...new Set([...facts.nodes, ...changes.flatMap(({ consent }) => consent)])];
  await deps.events.putConsentStates(await standingsOf(transaction, deps.purposes, moved), attempt);

  await transaction.announce([...new Set(changes.flatMap(({ consent, spans }) => [...consent, ...spans.keys()]))]);
  await transaction.commit({
    attempt,
    position: upTo,
    items: opened.total,
    ledgerPosition: facts.head,
    separationPosition: separations.head,
  });
  return { items: opened.total, changes };
}

async function projectBrands(
  transaction: ProjectionTransaction,
  deps: RangeDeps,
  opened: OpenedRange,
  separated: Separated,
): Promise<readonly IdentityChange[]> {
  const changes: IdentityChange[] = [];
  const byBrand = Map.groupBy(opened.items, ({ item }) => item.brand);
  const pairs = Map.groupBy(separated, ({ brand }) => brand);
  for (const brand of [...new Set([...byBrand.keys(), ...pairs.keys()])].sort()) {
    const apart = (pairs.get(brand) ?? []).flatMap(({ a, b }) => [a, b]);
    changes.push(await projectIdentity(transaction, deps, brand, { items: byBrand.get(brand) ?? [], apart }));
  }
  return changes;
}

function spansOf({ brand, spans }: IdentityChange): readonly ThreadSpans[] {
  return [...spans].map(([node, entries]) => ({
    brand,
    thread: threadOf(node),
    spans: entries.map(({ from, to, person }) => ({ from, to, person })),
  }));
}
