import { DAY_MS, type Instant, invariant } from '@filrouge/domain/base';
import { type NodeId, threadOf } from '@filrouge/domain/identity';
import type { ThreadSpans } from '../event-store.ts';
import {
  AttemptSuperseded,
  type JournalEntry,
  type KeptCount,
  type ProjectionStore,
  type ProjectionTransaction,
  type ProjectorLease,
  type ProjectorPosition,
  type SealedTraits,
} from '../projection-store.ts';
import type { Snapshot } from '../snapshot-store.ts';
import { digestOfRows } from './canonical-text.ts';
import { announceIn, headOf } from './memory-append-store.ts';
import { generationOf, type MemoryDatabase, type MemoryDraft, type MemoryView, ONE } from './memory-database.ts';
import {
  addNodesTo,
  decidedIn,
  dependentsIn,
  deviceRecordsIn,
  devicesOfIn,
  hasKnownEnds,
  membersIn,
  nodeRow,
  nodesIn,
  personRecordsIn,
  putDeviceLinksIn,
  putLinksIn,
  putLogoutsIn,
  putPresencesIn,
  putResolvedIn,
  replaceSpansIn,
} from './memory-identity.ts';
import { createMemoryImportStore, eldestUndoing, undoneRunsIn, voidFactsIn } from './memory-import-store.ts';
import { subjectsIn } from './memory-neighbourhood.ts';
import { createMemorySnapshotStore, forgetIn, PROJECTIONS, restoreFrom } from './memory-snapshot-store.ts';

/** The projector's store, in memory. */
export function createMemoryProjectionStore(database: MemoryDatabase): ProjectionStore {
  return {
    lease: async () => leaseOf(database),
    position: async () => positionOf(database.view),
    async head() {
      const { journalPosition, ledgerPosition } = headOf(database.view);
      return {
        journalPosition,
        ledgerPosition,
        separationPosition: [...database.view.separation.values()].length,
        undoing: eldestUndoing(database.view),
      };
    },
    rangeAfter: async (position, itemsMax) => rangeAfter(database.view, position, itemsMax),
    itemsBetween: async (after, upTo) =>
      entriesAfter(database.view, after).reduce(
        (sum, { position, items }) => (position <= upTo ? sum + items : sum),
        0,
      ),
    begin: (at, upTo) => database.transaction((draft) => begin(draft, at, upTo)),
    async *journal(after, upTo) {
      yield* entriesAfter(database.view, after).filter(({ position }) => position <= upTo);
    },
    project: (work) => database.transaction((draft) => work(transactionOn(database, draft))),
    reset: (from) => database.transaction((draft) => resetProjections(database, draft, from)),
    async *threadSpans() {
      yield spansIn(database.view);
    },
    snapshots: createMemorySnapshotStore(database),
    imports: createMemoryImportStore(database),
    digest: async () => digestOf(database.view),
  };
}

function leaseOf(database: MemoryDatabase): ProjectorLease | undefined {
  if (database.projectorLease !== undefined) return undefined;
  const lease: ProjectorLease = {
    isHeld: async () => database.projectorLease === lease,
    async release() {
      if (database.projectorLease === lease) database.projectorLease = undefined;
    },
  };
  database.projectorLease = lease;
  return lease;
}

function begin(draft: MemoryDraft, at: ProjectorPosition, upTo: number | undefined): number {
  const before = positionOf(draft);
  const isThere = (['generation', 'version', 'lost'] as const).every((part) => before[part] === at[part]);
  if (!isThere) throw new AttemptSuperseded();
  const version = before.version + 1;
  draft.projector.put(ONE, { ...before, planned: upTo, version, lost: true });
  return version;
}

function positionOf(view: Pick<MemoryView, 'projector'>): ProjectorPosition {
  const position = view.projector.get(ONE);
  invariant(position !== undefined, 'the database has its projector');
  return position;
}

function entriesAfter(view: MemoryView, after: number): readonly JournalEntry[] {
  return [...view.journal.values()]
    .filter(({ position }) => position > after)
    .sort((a, b) => a.position - b.position)
    .map(({ position, receivedAt, items, body }) => ({ position, receivedAt, items, body }));
}

function rangeAfter(view: MemoryView, after: number, itemsMax: number): number | undefined {
  let held = 0;
  let upTo: number | undefined;
  for (const { position, items } of entriesAfter(view, after)) {
    held += items;
    if (upTo !== undefined && held > itemsMax) break;
    upTo = position;
  }
  return upTo;
}

function transactionOn(database: MemoryDatabase, draft: MemoryDraft): ProjectionTransaction {
  return {
    nodes: async (ids) => nodesIn(draft, ids).map(nodeRow),
    addNodes: async (nodes) => addNodesTo(draft, nodes),
    touch: async (acts) => touch(draft, acts),
    putLinks: async (_brand, links) => putLinksIn(draft, links),
    putDeviceLinks: async (_brand, links) => putDeviceLinksIn(draft, links),
    putPresences: async (_brand, presences) => putPresencesIn(draft, presences),
    putLogouts: async (_brand, logouts) => putLogoutsIn(draft, logouts),
    async putSeparation(brand, separation) {
      if (draft.separation.get(separation.id) !== undefined) return;
      const position = [...draft.separation.values()].length + 1;
      draft.separation.put(separation.id, { ...separation, brand, position });
    },
    separationsAfter: async (position) => separationsAfter(draft, position),
    personRecords: async (nodes) => personRecordsIn(draft, nodes),
    deviceRecords: async (nodes) => deviceRecordsIn(draft, nodes),
    devicesOf: async (persons) => devicesOfIn(draft, persons),
    members: async (components) => membersIn(draft, components).map(nodeRow),
    putResolved: async (nodes) => putResolvedIn(draft, nodes),
    replaceSpans: async (_brand, nodes, entries) => replaceSpansIn(draft, nodes, entries),
    factNodesAfter: async (position, factsMax) => factNodesAfter(draft, position, factsMax),
    dependents: async (nodes) => dependentsIn(draft, nodes),
    decided: async (nodes) => decidedIn(draft, nodes),
    subjects: async (nodes) => subjectsIn(draft, nodes),
    traits: async (nodes) => traitsIn(draft, nodes),
    async putTraits(rows) {
      for (const row of rows) draft.traits.put(`${row.node} ${row.key}`, row);
    },
    async putPurchases(rows) {
      for (const row of rows) if (draft.purchase.get(row.eventId) === undefined) draft.purchase.put(row.eventId, row);
    },
    knownKeys: async (keys) => {
      const known = new Set([...draft.dataKey.values()].map(({ id }) => id));
      return keys.filter((key) => known.has(key));
    },
    async quarantine(entries) {
      for (const entry of entries) {
        if (draft.quarantine.get(entry.id) === undefined) draft.quarantine.put(entry.id, { ...entry, state: 'open' });
      }
    },
    async mend(ids) {
      const open = ids.flatMap((id) => draft.quarantine.get(id) ?? []).filter(({ state }) => state === 'open');
      for (const entry of open)
        draft.quarantine.put(entry.id, { ...entry, state: 'released', sealed: Buffer.alloc(0) });
      return open.map(({ id }) => id);
    },
    countKept: async (counts) => countKept(draft, counts),
    undoneRuns: async () => undoneRunsIn(draft),
    forget: async (nodes, base) => forgetIn(database, draft, nodes, base),
    voidFacts: async (run) => voidFactsIn(draft, run),
    announce: async (nodes) => announceIn(draft, nodes),
    commit: async (to) => commit(draft, to),
  };
}

export function traitsIn(view: Pick<MemoryView, 'traits'>, nodes: readonly NodeId[]): readonly SealedTraits[] {
  const wanted = new Set(nodes);
  return [...view.traits.values()].filter(({ node }) => wanted.has(node));
}

/** Kept by the day; a maximum, so that order is without effect. */
function touch(draft: MemoryDraft, acts: ReadonlyMap<NodeId, Instant>): void {
  for (const [node, t] of acts) {
    const known = draft.node.get(node);
    const day = (Math.floor(t / DAY_MS) * DAY_MS) as Instant;
    if (known === undefined || (known.lastActAt !== undefined && known.lastActAt >= day)) continue;
    draft.node.put(node, { ...known, lastActAt: day });
  }
}

async function factNodesAfter(
  draft: MemoryDraft,
  after: number,
  factsMax: number,
): ReturnType<ProjectionTransaction['factNodesAfter']> {
  const head = Math.min(headOf(draft).ledgerPosition, after + factsMax);
  const rows = [...draft.factNode.values()].filter(({ position }) => position > after && position <= head);
  return { nodes: [...new Set(rows.map(({ node }) => node))], head };
}

async function separationsAfter(
  draft: MemoryDraft,
  after: number,
): ReturnType<ProjectionTransaction['separationsAfter']> {
  const rows = [...draft.separation.values()];
  const fresh = rows.filter((row) => row.position > after && hasKnownEnds(draft, row));
  return { pairs: fresh.map(({ brand, a, b }) => ({ brand, a, b })), head: Math.max(after, rows.length) };
}

function countKept(draft: MemoryDraft, counts: readonly KeptCount[]): void {
  for (const one of counts) {
    const key = [one.day, one.brand, one.source].join('\n');
    const known = draft.kept.get(key) ?? { count: 0, bots: 0 };
    draft.kept.put(key, { ...one, count: known.count + one.count, bots: known.bots + one.bots });
  }
}

function commit(draft: MemoryDraft, to: Parameters<ProjectionTransaction['commit']>[0]): void {
  const before = positionOf(draft);
  if (before.version !== to.attempt || !before.lost) throw new AttemptSuperseded();
  draft.projector.put(ONE, {
    ...before,
    position: to.position,
    planned: undefined,
    ledgerPosition: to.ledgerPosition,
    separationPosition: to.separationPosition,
    lost: false,
    born: true,
    counted: Math.max(before.counted, to.position),
    takenBack: before.takenBack + (to.takesBack === true ? 1 : 0),
  });
}

function spansIn(view: Pick<MemoryView, 'span' | 'node'>): readonly ThreadSpans[] {
  return [...view.span.values()].flatMap(({ node, entries }) => {
    const brand = view.node.get(node)?.brand;
    if (brand === undefined || entries.length === 0) return [];
    const spans = entries.map(({ from, to, person }) => ({ from, to, person })).sort((x, y) => x.from - y.from);
    return [{ brand, thread: threadOf(node), spans }];
  });
}

/** Separations are staff's word and stay; what was counted once stays counted. */
function resetProjections(database: MemoryDatabase, draft: MemoryDraft, from: Snapshot | undefined): void {
  for (const name of PROJECTIONS) draft[name].clear();
  draft.change.clear();
  const restored = from === undefined ? undefined : restoreFrom(database, draft, from);
  const before = positionOf(draft);
  const life = Number.parseInt(before.generation.slice(-12), 16) + 1;
  draft.projector.put(ONE, {
    generation: generationOf(life),
    position: restored?.position ?? 0,
    planned: undefined,
    ledgerPosition: 0,
    separationPosition: restored?.separationPosition ?? 0,
    version: before.version + 1,
    lost: false,
    counted: before.counted,
    born: false,
    takenBack: before.takenBack,
  });
  const head = headOf(draft);
  draft.head.put(ONE, { ...head, identityVersion: head.identityVersion + 1 });
}

function digestOf(view: MemoryView): Readonly<Record<string, string>> {
  const parts: Readonly<Record<string, Iterable<unknown>>> = {
    nodes: [...view.node.values()].map(({ key: _key, sealed: _sealed, ...row }) => row),
    links: view.link.values(),
    deviceLinks: view.deviceLink.values(),
    sightings: view.presence.values(),
    logouts: view.logout.values(),
    spans: view.span.values(),
    traits: [...view.traits.values()].map(({ node, brand, key }) => ({ node, brand, key })),
    purchases: [...view.purchase.values()].map((row) => ({ ...row, purposes: row.purposes.toString() })),
  };
  return Object.fromEntries(Object.entries(parts).map(([name, rows]) => [name, digestOfRows(rows)]));
}
