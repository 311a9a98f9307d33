import { createHash } from 'node:crypto';
import type { Instant } from '@filrouge/domain/base';
import {
  EngineError,
  type JournalHorizon,
  type PrunedJournal,
  type Snapshot,
  type SnapshotStore,
} from '@filrouge/ports';
import type { Database } from '../database.ts';
import { dropDayPartitions, partitionDay } from '../day-partitions.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';
import { copyOf, lockProjections, PROJECTIONS } from './reset-projections.ts';

/** Any number that no other lock of the product uses. */
const SNAPSHOT_LOCK = 4_400_004;

/** Snapshots in PostgreSQL: of each projection a copy in a table of its own, which is dropped as a whole. */
export function createSnapshotStore(database: Database): SnapshotStore {
  return {
    take: (now, eventsUpTo) => alone(database, () => takeSnapshot(database, now, eventsUpTo)),
    list: () => listSnapshots(database),
    digest: (snapshot) => digestCopy(database, snapshot.id),
    horizon: () => readHorizon(database),
    daysReceived: (from, to) => countDays(database, from, to),
    async drop(ids) {
      await dropSnapshots(database, `id = any('{${ids.map(Math.trunc).join()}}')`);
    },
    prune: async (beforeDay, today = '9999-12-31') =>
      (await alone(database, () => pruneJournal(database, beforeDay, today))) ?? { days: [], snapshots: 0 },
  };
}

/** Undefined while another process is at it. */
async function alone<T>(database: Database, work: () => Promise<T>): Promise<T | undefined> {
  return database.withSession(async (session) => {
    const [row] = await session.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [SNAPSHOT_LOCK]);
    if (row?.taken !== true) return undefined;
    try {
      return await work();
    } finally {
      await session.execute('select pg_advisory_unlock($1)', [SNAPSHOT_LOCK]);
    }
  });
}

async function takeSnapshot(
  database: Database,
  now: Instant,
  eventsUpTo: Parameters<SnapshotStore['take']>[1],
): Promise<Snapshot> {
  await dropSnapshots(database, 'rows_digest is null');
  const { id, position } = await database.withTransaction((sql) => copyProjections(sql, now));
  const rows = await digestCopy(database, id);
  const events = await eventsUpTo(position);
  await database.execute('update snapshot set rows_digest = $2, events_digest = $3 where id = $1', [id, rows, events]);
  return { id, takenAt: now, position, rows, events };
}

/** Position and rows belong together: nothing is projected meanwhile. */
async function copyProjections(sql: Sql, now: Instant): Promise<{ readonly id: number; readonly position: number }> {
  await sql.execute('set local statement_timeout = 0');
  await lockProjections(sql);
  const [row] = await sql.query<{ id: number; position: bigint }>(
    `insert into snapshot (taken_at, position, separation_position, items)
     select $1::timestamptz, position, separation_position, items from projector returning id, position`,
    [timestamptz(now)],
  );
  if (row === undefined) throw new Error('the projector row is missing: the database was not migrated');
  for (const name of PROJECTIONS) await sql.execute(`create table ${copyOf(row.id, name)} as table ${name}`);
  return { id: row.id, position: Number(row.position) };
}

type SnapshotRow = {
  readonly id: number;
  readonly taken_at: Instant;
  readonly position: bigint;
  readonly rows_digest: string;
  readonly events_digest: string;
};

async function listSnapshots(sql: Sql): Promise<readonly Snapshot[]> {
  const rows = await sql.query<SnapshotRow>(
    `select id, taken_at, position, rows_digest, events_digest from snapshot
     where rows_digest is not null order by position, id`,
  );
  return rows.map((row) => ({
    id: row.id,
    takenAt: row.taken_at,
    position: Number(row.position),
    rows: row.rows_digest,
    events: row.events_digest,
  }));
}

/** Of all columns, sealed ones too: a copy is the same to the byte. */
async function digestCopy(database: Database, id: number): Promise<string> {
  try {
    return await database.withTransaction(
      async (sql) => {
        await sql.execute('set local statement_timeout = 0');
        const hash = createHash('sha256');
        for (const name of PROJECTIONS) await hashTable(sql, copyOf(id, name), hash);
        return hash.digest('hex');
      },
      { readOnly: true },
    );
  } catch (fault) {
    // A table that somebody dropped: the snapshot is not whole.
    if (fault instanceof EngineError && fault.failure === 'other') return `unreadable: ${fault.message}`;
    throw fault;
  }
}

async function hashTable(sql: Sql, table: string, hash: ReturnType<typeof createHash>): Promise<void> {
  hash.update(`${table.replace(/^snapshot_\d+_/, '')}\n`);
  const rows = sql.copyRows(
    `select line from (select part::text as line from ${table} as part) as lines order by line collate "C"`,
    { line: 'text' },
  );
  for await (const { line } of rows) hash.update(`${line}\n`);
}

async function readHorizon(sql: Sql): Promise<JournalHorizon> {
  const [row] = await sql.query<{ pruned: bigint; eldest: string | null }>(
    `select pruned, (select min(received_at) at time zone 'UTC' from journal)::date::text as eldest from projector`,
  );
  return { prunedUpTo: Number(row?.pruned ?? 0n), eldestDay: row?.eldest ?? undefined };
}

/** A day is answered by its first row; days of which there is no partition cost nothing. */
async function countDays(sql: Sql, from: string, to: string): Promise<number> {
  const [row] = await sql.query<{ days: number }>(
    `select count(*)::int4 as days from generate_series($1::date, $2::date, interval '1 day') as asked(day)
     where exists (
       select from journal where received_at >= (asked.day::timestamp at time zone 'UTC')
         and received_at < ((asked.day::timestamp + interval '1 day') at time zone 'UTC'))`,
    [from, to],
  );
  return row?.days ?? 0;
}

/** Whole days that end before the asked one, and before the first row which the last snapshot does not hold. */
const BOUND = `
select least($1::date, (
  select (min(journal.received_at) at time zone 'UTC')::date from journal where journal.position > last.position
))::text as day
from (select max(position) as position from snapshot where rows_digest is not null) as last
where last.position is not null and not exists (select from import_run where state = 'undoing')`;

/** Up to the first row of the days that stay; whatever a wrong clock dated before them or after today says nothing of its place. */
const PRUNED_UP_TO = `
update projector set pruned = greatest(pruned, coalesce(
  (select min(position) - 1 from journal where received_at >= ($1::date::timestamp at time zone 'UTC')
     and received_at < (($2::date::timestamp + interval '1 day') at time zone 'UTC')),
  (select max(position) from journal where received_at < ($1::date::timestamp at time zone 'UTC')),
  0))`;

/** No day goes of which a row stays. */
const DROP_BEFORE = `
select least($1::date, (
  select (min(received_at) at time zone 'UTC')::date from journal
  where received_at < ($1::date::timestamp at time zone 'UTC') and position > (select pruned from projector)
))::text as day`;

async function pruneJournal(database: Database, beforeDay: string, today: string): Promise<PrunedJournal> {
  const [bound] = await database.query<{ day: string }>(BOUND, [beforeDay]);
  if (bound === undefined) return { days: [], snapshots: 0 };
  // Said before it is done: a replay that begins in between must not start at rows that are about to go.
  await database.execute(PRUNED_UP_TO, [bound.day, today]);
  const [whole] = await database.query<{ day: string }>(DROP_BEFORE, [bound.day]);
  const dropped = await dropDayPartitions(database, 'journal', whole?.day ?? bound.day);
  await database.execute('delete from journal where position <= (select pruned from projector)');
  const snapshots = await dropSnapshots(database, 'position < (select pruned from projector) or rows_digest is null');
  return { days: dropped.map((name) => partitionDay('journal', name) ?? name), snapshots };
}

async function dropSnapshots(database: Database, which: string): Promise<number> {
  const rows = await database.query<{ id: number }>(`select id from snapshot where ${which} order by id`);
  for (const { id } of rows) {
    await database.withTransaction(async (sql) => {
      await sql.execute(`drop table if exists ${PROJECTIONS.map((name) => copyOf(id, name)).join(', ')}`);
      await sql.execute('delete from snapshot where id = $1', [id]);
    });
  }
  return rows.length;
}
