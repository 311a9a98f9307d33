import type { Purpose } from '@filrouge/domain/consent';
import { threadOf } from '@filrouge/domain/identity';
import {
  type EventStore,
  type JournalEntry,
  type ProjectionTransaction,
  type ProjectorPosition,
  type ThreadSpans,
  type Vault,
  VaultFault,
} from '@filrouge/ports';
import { standingsOf } from './consent-step.ts';
import { eventRow } from './event-row.ts';
import { type IdentityChange, projectIdentity } from './identity-step.ts';
import type { KnownFacts } from './known-facts.ts';
import {
  keptCounts,
  type OpenedJournalItem,
  type OpenedRange,
  openEntries,
  placesInQuarantine,
} from './opened-item.ts';
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

/** Decisions that one range takes in: a replay meets the whole ledger at once. */
const RANGE_FACTS_MAX = 20_000;

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
  await demandKeys(transaction, opened);
  const separations = await transaction.separationsAfter(at.separationPosition);
  const items = await standingItems(transaction, opened.items);
  const changes = await projectBrands(transaction, deps, items, separations.pairs);
  await projectProfiles(transaction, deps.vault, items);
  await transaction.quarantine(opened.poison);
  const mended = await mend(transaction, opened, at.counted);
  await transaction.countKept(keptCounts(opened, at.counted, mended));

  if (upTo > at.position) {
    const rows = items.map((item) => eventRow(deps.vault, item));
    await deps.events.insertRange({ generation: at.generation, from: at.position + 1, to: upTo }, rows);
  }
  await deps.events.putThreadSpans(changes.flatMap(spansOf), attempt);
  const facts = await transaction.factNodesAfter(at.ledgerPosition, RANGE_FACTS_MAX);
  const moved = [...new Set([...facts.nodes, ...changes.flatMap(({ unsettled }) => unsettled)])];
  const untold = new Set(changes.flatMap((change) => change.untold));
  await deps.events.putConsentStates(await standingsOf(transaction, deps.purposes, moved, untold), attempt);

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

/** A key that there is and that the key folder cannot give is no damage of the journal's: nothing goes on without it. */
async function demandKeys(transaction: ProjectionTransaction, { strangeKeys }: OpenedRange): Promise<void> {
  if (strangeKeys.length === 0) return;
  const [key] = await transaction.knownKeys(strangeKeys);
  if (key === undefined) return;
  throw new VaultFault(`the key folder lacks data key ${key}, which is in use: restore it from the copy of the keys`);
}

/** What waited in quarantine since an earlier reading, and can be read now that its row was put back, is kept (S2). */
async function mend(
  transaction: ProjectionTransaction,
  opened: OpenedRange,
  counted: number,
): Promise<ReadonlySet<OpenedJournalItem>> {
  const places = placesInQuarantine(opened, counted);
  const mended = places.size === 0 ? [] : await transaction.mend([...places.keys()]);
  return new Set(mended.flatMap((id) => places.get(id) ?? []));
}

/** Without what came with imports that were undone: it was kept and counts as that, and stands nowhere else. */
export async function standingItems(
  transaction: Pick<ProjectionTransaction, 'undoneRuns'>,
  items: readonly OpenedJournalItem[],
): Promise<readonly OpenedJournalItem[]> {
  if (items.every(({ item }) => item.run === undefined)) return items;
  const undone = await transaction.undoneRuns();
  return items.filter(({ item }) => item.run === undefined || !undone.has(item.run));
}

async function projectBrands(
  transaction: ProjectionTransaction,
  deps: RangeDeps,
  items: readonly OpenedJournalItem[],
  separated: Separated,
): Promise<readonly IdentityChange[]> {
  const changes: IdentityChange[] = [];
  const byBrand = Map.groupBy(items, ({ item }) => item.brand);
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
