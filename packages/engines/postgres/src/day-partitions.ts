import { DAY_MS } from '@filrouge/domain/base';
import { EngineError } from '@filrouge/ports';
import type { Database } from './database.ts';
import type { Sql } from './sql-session.ts';

/** A calendar day in UTC, `YYYY-MM-DD`. */
export type UtcDay = string;

const PARTITIONS_A_CALL_MAX = 1_000;

interface PartitionKey {
  readonly schema: string;
  readonly name: string;
  readonly type: string | null;
}

/**
 * Makes the partitions of `table` for the days `fromDay <= day < toDay` that do not exist yet; answers the names made.
 * `table` is partitioned BY RANGE over one timestamptz or date column. A partition is called `<table>_p20261121` and
 * holds that day in UTC.
 *
 * It is made as a table of its own and then attached, because ATTACH lets reading and writing go on (CREATE …
 * PARTITION OF would stop both). Two callers at once wait for each other. Throws `EngineError`.
 */
export async function ensureDayPartitions(
  database: Database,
  table: string,
  fromDay: UtcDay,
  toDay: UtcDay,
): Promise<readonly string[]> {
  const days = daysBetween(fromDay, toDay);
  return database.withTransaction(async (transaction) => {
    const [key] = await transaction.query<PartitionKey>(
      `SELECT n.nspname AS schema, c.relname AS name,
         CASE WHEN p.partstrat = 'r' AND p.partnatts = 1 THEN format_type(a.atttypid, NULL) END AS type
       FROM pg_partitioned_table p
       JOIN pg_class c ON c.oid = p.partrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
       WHERE p.partrelid = to_regclass($1)`,
      [table],
    );
    if (key === undefined || (key.type !== 'timestamp with time zone' && key.type !== 'date')) {
      throw new EngineError('other', `${table} is not partitioned by range of one timestamptz or date column`);
    }
    await transaction.execute('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `partitions of ${key.schema}.${key.name}`,
    ]);
    const existing = await transaction.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = to_regclass($1)`,
      [table],
    );
    const taken = new Set(existing.map((row) => row.name));
    const missing = days.filter((day) => !taken.has(partitionName(key.name, day)));
    for (const day of missing) await transaction.execute(createPartition(key, day));
    return missing.map((day) => partitionName(key.name, day));
  });
}

const PARTITIONS = `
  SELECT quote_ident(n.nspname) AS schema, c.relname AS name, i.inhrelid IS NOT NULL AS attached,
    coalesce(i.inhdetachpending, false) AS leaving
  FROM pg_class parent
  JOIN pg_class c ON c.relnamespace = parent.relnamespace AND c.relkind = 'r' AND c.relname ~ ('^' || parent.relname || '_p[0-9]{8}$')
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = parent.oid
  WHERE parent.oid = to_regclass($1) AND c.relname < $2
  ORDER BY c.relname`;

interface OldPartition {
  readonly schema: string;
  readonly name: string;
  readonly attached: boolean;
  readonly leaving: boolean;
}

/**
 * Drops the partitions of `table` for the days before `beforeDay`; answers the names dropped. Reading and writing go on:
 * a partition is detached CONCURRENTLY, which waits for transactions that may be using it and lets no other wait, and
 * is then dropped as a table that nobody knows. What an earlier call left half done is finished. Answers none while
 * another caller is at it. Throws `EngineError`, `timeout` where somebody's transaction lasted too long.
 */
export function dropDayPartitions(database: Database, table: string, beforeDay: UtcDay): Promise<readonly string[]> {
  dayStart(beforeDay);
  return database.withSession(async (session) => {
    const lock = [`old partitions of ${table}`];
    const [mine] = await session.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
      lock,
    );
    if (mine?.taken !== true) return [];
    try {
      const dropped: string[] = [];
      for (const partition of await session.query<OldPartition>(PARTITIONS, [table, partitionName(table, beforeDay)])) {
        await dropPartition(session, table, partition);
        dropped.push(partition.name);
      }
      return dropped;
    } finally {
      await session.execute('SELECT pg_advisory_unlock(hashtextextended($1, 0))', lock);
    }
  });
}

async function dropPartition(
  session: Sql,
  table: string,
  { schema, name, attached, leaving }: OldPartition,
): Promise<void> {
  const parent = `${schema}.${quoted(table)}`;
  const partition = `${schema}.${quoted(name)}`;
  const how = leaving ? 'FINALIZE' : 'CONCURRENTLY';
  if (attached) await session.execute(`ALTER TABLE ${parent} DETACH PARTITION ${partition} ${how}`);
  await session.execute(`DROP TABLE ${partition}`);
}

/** `journal_p20261121` -> `2026-11-21`; undefined for what is no partition of the table. */
export function partitionDay(table: string, name: string): UtcDay | undefined {
  const found = name.startsWith(`${table}_p`) ? /^(\d{4})(\d\d)(\d\d)$/.exec(name.slice(table.length + 2)) : null;
  return found === null ? undefined : found.slice(1).join('-');
}

/** `journal`, `2026-11-21` -> `journal_p20261121`. */
export function partitionName(table: string, day: UtcDay): string {
  return `${table}_p${day.replaceAll('-', '')}`;
}

function createPartition(key: PartitionKey, day: UtcDay): string {
  const parent = `${quoted(key.schema)}.${quoted(key.name)}`;
  const partition = `${quoted(key.schema)}.${quoted(partitionName(key.name, day))}`;
  const clock = key.type === 'date' ? '' : ' 00:00:00+00';
  const from = `'${day}${clock}'`;
  const to = `'${dayText(dayStart(day) + DAY_MS)}${clock}'`;
  // INCLUDING ALL would copy the parent's indexes under other names; ATTACH makes the missing ones itself. Storage and
  // compression of a column are not inherited, so they are copied.
  return `CREATE TABLE ${partition} (LIKE ${parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING GENERATED);
    ALTER TABLE ${parent} ATTACH PARTITION ${partition} FOR VALUES FROM (${from}) TO (${to})`;
}

function daysBetween(fromDay: UtcDay, toDay: UtcDay): readonly UtcDay[] {
  const days: UtcDay[] = [];
  const end = dayStart(toDay);
  for (let at = dayStart(fromDay); at < end; at += DAY_MS) {
    if (days.length === PARTITIONS_A_CALL_MAX) {
      throw new EngineError('other', `more than ${PARTITIONS_A_CALL_MAX} daily partitions in one call`);
    }
    days.push(dayText(at));
  }
  return days;
}

function dayStart(day: UtcDay): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  // Date.parse takes 2026-02-30 for the 2nd of March in some engines: the round trip does not.
  if (Number.isNaN(at) || dayText(at) !== day) throw new EngineError('other', `not a day: ${day}`);
  return at;
}

function dayText(at: number): UtcDay {
  return new Date(at).toISOString().slice(0, 10);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
