import { createHash } from 'node:crypto';
import { invariant } from '@filrouge/domain/base';
import type { NodeId } from '@filrouge/domain/identity';
import type { PrunedJournal, Snapshot, SnapshotStore } from '../snapshot-store.ts';
import {
  type DraftTable,
  dayOf,
  type MemoryDatabase,
  type MemoryDraft,
  type MemorySnapshot,
  ONE,
  type ProjectionName,
} from './memory-database.ts';
import { eldestUndoing } from './memory-import-store.ts';

/** Every table that is built from the journal, and in a snapshot therefore. */
export const PROJECTIONS: readonly ProjectionName[] = [
  'node',
  'link',
  'deviceLink',
  'presence',
  'logout',
  'span',
  'traits',
  'purchase',
];

/** Snapshots in memory: rows are never changed, so that a copy of the tables is enough. */
export function createMemorySnapshotStore(database: MemoryDatabase): SnapshotStore {
  return {
    async take(now, eventsUpTo) {
      const copy = await database.transaction((draft) => copyOf(draft));
      const events = await eventsUpTo(copy.position);
      // The last is never pruned: no number is given twice.
      const id = (database.snapshots.at(-1)?.id ?? 0) + 1;
      database.snapshots.push({ ...copy, id, takenAt: now, events });
      return list(database).find((one) => one.id === id);
    },
    list: async () => list(database),
    digest: async ({ id }) => digestOf(database.snapshots.find((one) => one.id === id)?.tables ?? new Map()),
    async horizon() {
      const eldest = [...database.view.journal.values()].map(({ receivedAt }) => dayOf(receivedAt)).sort()[0];
      return { prunedUpTo: database.prunedUpTo, eldestDay: eldest };
    },
    async daysReceived(from, to) {
      const days = [...database.view.journal.values()].map(({ receivedAt }) => dayOf(receivedAt));
      return new Set(days.filter((day) => from <= day && day <= to)).size;
    },
    async drop(ids) {
      const left = database.snapshots.filter(({ id }) => !ids.includes(id));
      database.snapshots.splice(0, database.snapshots.length, ...left);
    },
    prune: (beforeDay, today = '9999-12-31') =>
      database.transaction((draft) => prune(database, draft, { beforeDay, today })),
  };
}

/** Puts the rows of a snapshot in the place of those that are there; answers where the projector stood. */
export function restoreFrom(database: MemoryDatabase, draft: MemoryDraft, { id }: Snapshot): MemorySnapshot {
  const snapshot = database.snapshots.find((one) => one.id === id);
  invariant(snapshot !== undefined, 'a snapshot that is listed is there');
  for (const name of PROJECTIONS) {
    const table = draft[name] as DraftTable<unknown>;
    table.clear();
    for (const [key, row] of snapshot.tables.get(name) ?? []) table.put(key, row);
  }
  return snapshot;
}

/** Takes the rows of some nodes out, and puts back what a snapshot held of them. */
export function forgetIn(
  database: MemoryDatabase,
  draft: MemoryDraft,
  nodes: readonly NodeId[],
  base: Snapshot | undefined,
): void {
  const gone = new Set<string>(nodes);
  const copies = database.snapshots.find((one) => one.id === base?.id)?.tables;
  for (const name of PROJECTIONS) {
    const table = draft[name] as DraftTable<unknown>;
    for (const [key, row] of table.entries()) if (speaksOf(row, gone)) table.delete(key);
    for (const [key, row] of copies?.get(name) ?? []) if (speaksOf(row, gone)) table.put(key, row);
  }
}

/** Whether one of these nodes is what the row is about: itself, an end, a terminal, the person at it. */
function speaksOf(row: unknown, nodes: ReadonlySet<string>): boolean {
  const parts = row as Readonly<Record<string, unknown>>;
  return ['node', 'a', 'b', 'device', 'person'].some((part) => {
    const named = parts[part];
    return typeof named === 'string' ? nodes.has(named) : nodes.has((named as { readonly id?: string })?.id ?? '');
  });
}

function copyOf(draft: MemoryDraft): Omit<MemorySnapshot, 'id' | 'takenAt' | 'events'> {
  const at = draft.projector.get(ONE);
  invariant(at !== undefined, 'the database has its projector');
  const tables: MemorySnapshot['tables'] = new Map(
    PROJECTIONS.map((name) => [name, new Map((draft[name] as DraftTable<unknown>).entries())]),
  );
  return { position: at.position, separationPosition: at.separationPosition, rows: digestOf(tables), tables };
}

function list(database: MemoryDatabase): readonly Snapshot[] {
  return database.snapshots
    .map(({ tables: _tables, separationPosition: _separations, ...snapshot }) => snapshot)
    .sort((a, b) => a.position - b.position || a.id - b.id);
}

function digestOf(tables: MemorySnapshot['tables']): string {
  const hash = createHash('sha256');
  for (const name of PROJECTIONS) {
    const lines = [...(tables.get(name) ?? [])].map((entry) => JSON.stringify(entry, plain)).sort();
    hash.update(`${name}\n${lines.join('\n')}\n`);
  }
  return hash.digest('hex');
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function prune(
  database: MemoryDatabase,
  draft: MemoryDraft,
  { beforeDay, today }: { readonly beforeDay: string; readonly today: string },
): PrunedJournal {
  const last = list(database).at(-1);
  if (last === undefined || eldestUndoing(draft) !== undefined) return { days: [], snapshots: 0 };
  const rows = [...draft.journal.values()];
  const open = rows.filter(({ position }) => position > last.position).map((row) => dayOf(row.receivedAt));
  const bound = [beforeDay, ...open].sort()[0] ?? beforeDay;
  const old = rows.filter(({ receivedAt }) => dayOf(receivedAt) < bound).map(({ position }) => position);
  const staying = rows
    .filter(({ receivedAt }) => dayOf(receivedAt) >= bound && dayOf(receivedAt) <= today)
    .map(({ position }) => position - 1);
  const upTo = staying.length === 0 ? Math.max(0, ...old) : Math.min(...staying);
  database.prunedUpTo = Math.max(database.prunedUpTo, upTo);
  const gone = rows.filter(({ position }) => position <= database.prunedUpTo);
  for (const { position } of gone) draft.journal.delete(String(position));
  const before = database.snapshots.length;
  const reached = database.snapshots.filter(({ position }) => position >= database.prunedUpTo);
  database.snapshots.splice(0, before, ...reached);
  return {
    days: [...new Set(gone.map(({ receivedAt }) => dayOf(receivedAt)))].filter((day) => day < bound).sort(),
    snapshots: before - reached.length,
  };
}
