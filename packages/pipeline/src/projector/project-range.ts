import type { Purpose } from '@filrouge/domain/consent';
import { threadOf } from '@filrouge/domain/identity';
import {
  type EventRow,
  type EventStore,
  type ProjectionTransaction,
  type ProjectorPosition,
  type ThreadSpans,
  type Vault,
  VaultFault,
} from '@filrouge/ports';
import { standingsOf } from './consent-step.ts';
import { type IdentityChange, projectIdentity } from './identity-step.ts';
import type { KnownFacts } from './known-facts.ts';
import { keptCounts, type OpenedJournalItem, type OpenedRange, placesInQuarantine } from './opened-item.ts';
import type { PreparedRange } from './prepared-range.ts';
import { projectProfiles } from './profile-step.ts';

export type RangeDeps = {
  readonly vault: Vault;
  readonly events: EventStore;
  readonly known: KnownFacts;
  /** See `IdentityDeps`: the attempt before this one was lost. */
  readonly tellAll: boolean;
  /** Purposes whose states reports ask for. */
  readonly purposes: readonly Purpose[];
  /** Called when all that remains is to wait for engines: the moment to prepare what comes after. */
  readonly onWaiting: () => void;
};

export type Range = {
  readonly at: ProjectorPosition;
  readonly prepared: PreparedRange;
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
  const { at, prepared, attempt } = range;
  const { opened, upTo } = prepared;
  await demandKeys(transaction, opened);
  const items = await standingItems(transaction, opened.items);
  // Beside PostgreSQL's work, and over before its commit, whatever becomes of either.
  const told = new Telling();
  try {
    if (upTo > at.position) {
      const eventRange = { generation: at.generation, from: at.position + 1, to: upTo };
      told.add(deps.events.insertRange(eventRange, rowsOf(prepared, items)));
    }
    deps.onWaiting();
    const separations = await transaction.separationsAfter(at.separationPosition);
    const changes = await projectBrands(transaction, deps, items, separations.pairs);
    told.add(deps.events.putThreadSpans(changes.flatMap(spansOf), attempt));
    await projectProfiles(transaction, deps.vault, items);
    await transaction.quarantine(opened.poison);
    const mended = await mend(transaction, opened, at.counted);
    await transaction.countKept(keptCounts(opened, at.counted, mended));
    const facts = await transaction.factNodesAfter(at.ledgerPosition, RANGE_FACTS_MAX);
    const moved = [...new Set([...facts.nodes, ...changes.flatMap(({ unsettled }) => unsettled)])];
    const untold = new Set(changes.flatMap((change) => change.untold));
    const alone = changes.flatMap(({ brand, alone: nodes }) => nodes.map((node) => ({ ...node, brand })));
    const standings = await standingsOf(transaction, deps.purposes, { moved, alone }, untold);
    told.add(deps.events.putConsentStates(standings, attempt));
    await told.all();

    await transaction.announce([...new Set(changes.flatMap(({ consent, spans }) => [...consent, ...spans.keys()]))]);
    await transaction.commit({
      attempt,
      position: upTo,
      items: opened.total,
      ledgerPosition: facts.head,
      separationPosition: separations.head,
    });
    return { items: opened.total, changes };
  } finally {
    await told.settled();
  }
}

/** What is under way to the event store. */
class Telling {
  readonly #under: Promise<void>[] = [];

  add(work: Promise<void>): void {
    // Its fault is told by `all`; until then nobody listens.
    work.catch(() => undefined);
    this.#under.push(work);
  }

  async all(): Promise<void> {
    await Promise.all(this.#under);
  }

  /** Nothing of an attempt is to arrive after another was begun. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#under);
  }
}

function rowsOf({ opened, rows }: PreparedRange, standing: readonly OpenedJournalItem[]): readonly EventRow[] {
  if (standing.length === opened.items.length) return rows;
  const kept = new Set(standing);
  return rows.filter((_, place) => kept.has(opened.items[place] as OpenedJournalItem));
}

/** A key that there is and that the key folder cannot give is no damage of the journal's: nothing goes on without it. */
async function demandKeys(transaction: ProjectionTransaction, { strangeKeys }: OpenedRange): Promise<void> {
  if (strangeKeys.size === 0) return;
  const [key] = await transaction.knownKeys([...strangeKeys]);
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
