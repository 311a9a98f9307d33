import { type Instant, invariant } from '@filrouge/domain/base';
import { type Purpose, UNKNOWN } from '@filrouge/domain/consent';
import {
  affectedDevices,
  affectedPersons,
  isDeviceNamespace,
  loadAffected,
  type Namespace,
  type Node,
  type NodeId,
  threadOf,
} from '@filrouge/domain/identity';
import type {
  ConsentStanding,
  EventStore,
  ImportRun,
  ProjectionStore,
  ProjectionTransaction,
  ProjectorPosition,
  Snapshot,
  Vault,
} from '@filrouge/ports';
import { standingsOf } from './consent-step.ts';
import { eventRow } from './event-row.ts';
import { lastActs, putFacts } from './identity-step.ts';
import { KnownFacts } from './known-facts.ts';
import { type OpenedJournalItem, RangeOpener } from './opened-item.ts';
import { projectProfiles } from './profile-step.ts';
import { standingItems } from './project-range.ts';
import { SnapshotDamaged, wholeSnapshots } from './replay-base.ts';
import { resolveDevicesAgain, resolvePersonsAgain } from './resolve-changes.ts';

export type UndoDeps = {
  readonly store: ProjectionStore;
  readonly events: EventStore;
  readonly vault: Vault;
  readonly purposes: readonly Purpose[];
  readonly now: () => Instant;
};

/** The journal does not reach back to what the import brought, and every snapshot holds it. Its message is a sentence for staff. */
export class ImportTooOld extends Error {
  override readonly name = 'ImportTooOld';
}

/** Items of the journal that are looked at together. */
const READ_ITEMS_MAX = 4_000;
/** Nodes that one statement is about. */
const NODES_MAX = 5_000;
/** More moved nodes than this are not told one by one: the door forgets all. */
const ANNOUNCED_NODES_MAX = 50_000;

/**
 * What the projections of the nodes that a run named are built again from: nothing while the journal has its beginning,
 * else the eldest whole snapshot from before the run. Throws `ImportTooOld`.
 */
export async function undoBase(
  store: Pick<ProjectionStore, 'snapshots'>,
  events: Pick<EventStore, 'digestUpTo'>,
  { journal }: Pick<ImportRun, 'journal'>,
): Promise<Snapshot | undefined> {
  const { prunedUpTo } = await store.snapshots.horizon();
  if (prunedUpTo === 0 || journal === undefined) return undefined;
  if (journal.first > prunedUpTo) {
    for await (const snapshot of wholeSnapshots(store.snapshots, events)) {
      if (snapshot.position < journal.first) return snapshot;
    }
  }
  throw new ImportTooOld(
    'the days of the journal in which this import came in are not kept any more: what it brought cannot be told from the rest',
  );
}

/**
 * Takes back all that a closed run of an import brought. The persons and terminals that it named are forgotten and told
 * again from the journal without it, in one transaction: what stands afterwards is what a replay builds, which leaves the
 * run out too. Interrupted anywhere, it is begun again and ends the same.
 */
export async function undoImport(deps: UndoDeps, number: number, at: ProjectorPosition): Promise<void> {
  const { store, events } = deps;
  const run = await store.imports.run(number);
  invariant(run !== undefined, 'a run that is to be undone is there');
  const base = await undoBase(store, events, run).catch(async (fault: unknown) => {
    if (!(fault instanceof ImportTooOld)) throw fault;
    // The journal was cut between the question and the closing. Nothing was taken back, and nothing may wait for it.
    await store.imports.reopen(number);
    return 'too-old' as const;
  });
  if (base === 'too-old') return;
  await store.imports.release(run);
  await events.forgetRun(number);
  await takeBack(deps, run, base, at);
  await forgetSnapshots(deps, run);
  await store.imports.finish(number, deps.now());
}

/** What a run named, and the items that may have given way to one of its own. */
type Brought = { readonly nodes: ReadonlyMap<NodeId, Namespace>; readonly events: ReadonlySet<number> };

async function takeBack(
  deps: UndoDeps,
  run: ImportRun,
  base: Snapshot | undefined,
  at: ProjectorPosition,
): Promise<void> {
  const { store } = deps;
  const brought = await broughtBy(deps, run);
  // Of a file of decisions or products nothing stands in the journal: there is nobody to be told again.
  const begin = brought.events.size === 0 ? at.position : (base?.position ?? 0);
  const total = await store.itemsBetween(begin, at.position);
  let read = 0;
  await store.imports.progress(run.number, read, total);
  const attempt = await store.begin(at, undefined);
  await store.project(async (transaction) => {
    const touched = await reachOf(transaction, brought.nodes);
    const voided = await transaction.voidFacts(run.number);
    for (const some of chunks([...brought.nodes.keys()])) await transaction.forget(some, base);
    const known = new KnownFacts();
    for await (const opened of journalItems(deps, begin, at.position)) {
      const standing = await standingItems(transaction, opened);
      await tellAgain(deps, transaction, known, run, standing, brought);
      read += opened.length;
      await store.imports.progress(run.number, Math.min(read, total), total);
    }
    const moved = await settle(deps, transaction, run, touched, attempt);
    await fold(deps, transaction, { run, named: brought.nodes, moved: [...moved, ...voided], attempt });
    const announced = new Set([...touched.keys(), ...moved, ...voided]);
    await transaction.announce(announced.size > ANNOUNCED_NODES_MAX ? 'everything' : [...announced]);
    const { position, ledgerPosition, separationPosition } = at;
    await transaction.commit({ attempt, position, items: 0, ledgerPosition, separationPosition, takesBack: true });
  });
}

/** Items of the journal, some thousand at a time, so that no statement lasts long. */
async function* journalItems(
  { store, vault }: Pick<UndoDeps, 'store' | 'vault'>,
  after: number,
  upTo: number,
): AsyncGenerator<readonly OpenedJournalItem[]> {
  for (let from = after; from < upTo; ) {
    const end = Math.min((await store.rangeAfter(from, READ_ITEMS_MAX)) ?? upTo, upTo);
    const opened = new RangeOpener(vault);
    for await (const entry of store.journal(from, end)) opened.open(entry);
    yield opened.items;
    from = end;
  }
}

async function broughtBy(deps: UndoDeps, { number, journal }: ImportRun): Promise<Brought> {
  const nodes = new Map<NodeId, Namespace>();
  const events = new Set<number>();
  if (journal === undefined) return { nodes, events };
  for await (const opened of journalItems(deps, journal.first - 1, journal.last)) {
    for (const { item, eventId } of opened) {
      if (item.run !== number) continue;
      events.add(shortOf(eventId));
      for (const { node, namespace } of namedBy(item)) nodes.set(node, namespace);
    }
  }
  return { nodes, events };
}

/** 52 bits of an event's id. Two that share them are both stored again, which changes nothing. */
function shortOf(eventId: string): number {
  return Number.parseInt(eventId.replaceAll('-', '').slice(0, 13), 16);
}

function namedBy({ identifiers, previous }: OpenedJournalItem['item']): OpenedJournalItem['item']['identifiers'] {
  return previous === undefined ? identifiers : [...identifiers, previous];
}

/** These nodes and all that stands with them now: whoever they are torn from is resolved again too. */
async function reachOf(
  transaction: ProjectionTransaction,
  nodes: ReadonlyMap<NodeId, Namespace>,
): Promise<ReadonlyMap<NodeId, Namespace>> {
  const reach = new Map(nodes);
  for (const some of chunks([...nodes])) {
    const start = some.map(([id, namespace]): Node => ({ id, namespace }));
    const persons = await loadAffected(affectedPersons(start), (wanted) =>
      transaction.personRecords(wanted.map(({ id }) => id)),
    );
    const devices = await loadAffected(affectedDevices(start), (wanted) =>
      transaction.deviceRecords(wanted.map(({ id }) => id)),
    );
    const loaded = [persons, devices].flatMap((part) => (part.kind === 'loaded' ? part.nodes : []));
    const rows = await transaction.nodes(some.map(([id]) => id));
    const members = await transaction.members([...new Set(rows.flatMap(({ component }) => component ?? []))]);
    for (const { id, namespace } of [...loaded, ...members.map(({ node }) => node)]) reach.set(id, namespace);
  }
  for (const some of chunks([...reach.keys()])) {
    for (const { id, namespace } of await transaction.devicesOf(some)) reach.set(id, namespace);
  }
  return reach;
}

/** Writes down again what an item says of a forgotten node, and stores a row that had given way to one of the run's. */
async function tellAgain(
  deps: UndoDeps,
  transaction: ProjectionTransaction,
  known: KnownFacts,
  { brand }: ImportRun,
  items: readonly OpenedJournalItem[],
  brought: Brought,
): Promise<void> {
  const own = items.filter(({ item }) => item.brand === brand);
  const again = own.filter(({ item }) => namedBy(item).some(({ node }) => brought.nodes.has(node)));
  if (again.length > 0) {
    const acts = known.newActs(lastActs(again));
    const { named, facts } = await putFacts(transaction, { vault: deps.vault, known }, brand, again, acts);
    await projectProfiles(transaction, deps.vault, again);
    known.remember({ ...facts, nodes: named, acts });
  }
  const rows = own.filter(({ eventId }) => brought.events.has(shortOf(eventId)));
  if (rows.length > 0) await deps.events.putAgain(rows.map((opened) => eventRow(deps.vault, opened)));
}

/** Resolves the touched persons and terminals, and tells the map of all of them. Answers around whom consent may have moved. */
async function settle(
  { events }: UndoDeps,
  transaction: ProjectionTransaction,
  { brand }: ImportRun,
  touched: ReadonlyMap<NodeId, Namespace>,
  attempt: number,
): Promise<ReadonlySet<NodeId>> {
  const moved = new Set<NodeId>(touched.keys());
  const nodes = [...touched].map(([id, namespace]): Node => ({ id, namespace }));
  for (const resolve of [resolvePersonsAgain, resolveDevicesAgain]) {
    const isDevice = resolve === resolveDevicesAgain;
    for (const some of chunks(nodes.filter(({ namespace }) => isDeviceNamespace(namespace) === isDevice))) {
      const there = new Set((await transaction.nodes(some.map(({ id }) => id))).map(({ node }) => node.id));
      const standing = some.filter(({ id }) => there.has(id));
      const gone = some.filter(({ id }) => !there.has(id));
      const done = await resolve(transaction, brand, standing, true);
      for (const node of done.nodes) moved.add(node);
      const told = [...done.spans, ...gone.map(({ id }) => [id, []] as const)].map(([node, entries]) => ({
        brand,
        thread: threadOf(node),
        spans: entries.map(({ from, to, person }) => ({ from, to, person })),
      }));
      await events.putThreadSpans(told, attempt);
    }
  }
  return moved;
}

type Folding = {
  readonly run: ImportRun;
  /** Nodes of which some may be gone. */
  readonly named: ReadonlyMap<NodeId, Namespace>;
  readonly moved: readonly NodeId[];
  readonly attempt: number;
};

/** Folds consent around what moved; of a node that is gone nothing is known any more. */
async function fold(
  { events, purposes }: UndoDeps,
  transaction: ProjectionTransaction,
  { run, named, moved, attempt }: Folding,
): Promise<void> {
  for (const some of chunks([...new Set(moved)])) {
    await events.putConsentStates(await standingsOf(transaction, purposes, { moved: some }), attempt);
  }
  for (const some of chunks([...named.keys()])) {
    const there = new Set((await transaction.nodes(some)).map(({ node }) => node.id));
    const gone = some.filter((node) => !there.has(node));
    const standings = gone.flatMap((node): readonly ConsentStanding[] => {
      const at = { brand: run.brand, thread: threadOf(node) };
      const parts = isDeviceNamespace(named.get(node) as Namespace) ? { device: UNKNOWN } : {};
      return purposes.map(({ bit }) => ({ ...at, bit, ...parts, person: UNKNOWN }));
    });
    await events.putConsentStates(standings, attempt);
  }
}

/** Snapshots that hold the run would bring it back; where the journal needs one, it is taken anew before they go. */
async function forgetSnapshots({ store, events, now }: UndoDeps, { journal }: ImportRun): Promise<void> {
  const { snapshots } = store;
  if (journal === undefined) return;
  const holding = (await snapshots.list()).filter(({ position }) => position >= journal.first);
  if (holding.length === 0) return;
  const { prunedUpTo } = await snapshots.horizon();
  if (prunedUpTo > 0) {
    const taken = await snapshots.take(now(), (position) => events.digestUpTo(position));
    if (taken === undefined)
      throw new SnapshotDamaged('another process takes a snapshot: the undoing goes on after it');
  }
  await snapshots.drop(holding.map(({ id }) => id));
}

function chunks<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / NODES_MAX) }, (_, at) =>
    items.slice(at * NODES_MAX, (at + 1) * NODES_MAX),
  );
}
