import { DAY_MS, type Instant } from '@filrouge/domain/base';
import {
  type ExpiredIds,
  SEEN_DAYS_AHEAD,
  SEEN_DAYS_BACK,
  SEEN_DAYS_KEPT,
  SEEN_STATED_DAYS_KEPT,
  type SeenAnswer,
  type SeenKey,
} from '@filrouge/ports';
import type { Database } from '../database.ts';
import { dropDayPartitions, partitionDay } from '../day-partitions.ts';
import type { Sql } from '../sql-session.ts';
import type { DayBegun } from './append-partitions.ts';

/** Answers the ids that were there before: usually none, so usually no row travels back. */
const CLAIM = {
  name: 'seen-claim',
  text: `with asked as materialized (
      select * from unnest($1::date[], $2::uuid[], $3::uuid[]) as asked(day, id, body)
    ), claimed as (insert into seen (day, id, body) select * from asked on conflict do nothing returning day, id)
    select day::text, id from asked where (day, id) not in (select day, id from claimed)`,
};
/** The same for what imports bring, each id with its run. */
const CLAIM_OF_RUNS = {
  name: 'seen-claim-of-runs',
  text: `with asked as materialized (
      select * from unnest($1::date[], $2::uuid[], $3::uuid[], $4::integer[]) as asked(day, id, body, run)
    ), claimed as (insert into seen (day, id, body, run) select * from asked on conflict do nothing returning day, id)
    select day::text, id from asked where (day, id) not in (select day, id from claimed)`,
};
const CLAIM_UNDATED = {
  name: 'seen-undated-claim',
  text: `insert into seen_undated (received_on, id, body, run)
    select $1::date, * from unnest($2::uuid[], $3::uuid[], $4::integer[]) on conflict do nothing returning id`,
};
const BODIES = {
  name: 'seen-bodies',
  text: `select seen.day, seen.id, seen.body from unnest($1::date[], $2::uuid[]) as asked(day, id)
    join seen on seen.day = asked.day and seen.id = asked.id`,
};
const BODIES_UNDATED = {
  name: 'seen-undated-bodies',
  text: 'select id, body from seen_undated where id = any($1::uuid[])',
};
/** Looks into every partition: for ids that never had a day, which are few. */
const BODIES_ANYWHERE = { name: 'seen-anywhere', text: 'select id, body from seen where id = any($1::uuid[])' };

type Dated = SeenKey & { readonly day: string };
/** The bodies of those ids of a call that were there before it, by `placeOf`. */
type Known = Map<string, string>;

/** Exact deduplication (S16): on the day that the item states, or in one place for all that state none or a past one. */
export async function claimIds(
  sql: Sql,
  keys: readonly SeenKey[],
  receivedAt: Instant,
  { strays }: DayBegun,
): Promise<readonly SeenAnswer[]> {
  const today = Math.floor(receivedAt / DAY_MS);
  const days = new Map<string | undefined, boolean>();
  const isKept = (key: SeenKey): key is Dated => {
    const told = days.get(key.day);
    if (told !== undefined) return told;
    const day = key.day === undefined ? Number.NaN : Date.parse(`${key.day}T00:00:00Z`) / DAY_MS;
    const kept = day >= today - SEEN_DAYS_BACK && day <= today + SEEN_DAYS_AHEAD;
    days.set(key.day, kept);
    return kept;
  };
  const known: Known = new Map();
  const undated = keys.filter((key) => !isKept(key));
  const dated = undated.length === 0 ? (keys as readonly Dated[]) : keys.filter(isKept);
  await claimDated(sql, dated, known);
  if (strays) await findStrays(sql, dated, known);
  await claimUndated(sql, undated, new Date(today * DAY_MS).toISOString().slice(0, 10), known);
  if (known.size === 0) return keys.map(() => 'new');
  return keys.map((key) => {
    const body = known.get(isKept(key) ? placeOf(key) : key.id);
    if (body === undefined) return 'new';
    return body === key.body ? 'duplicate' : 'other-body';
  });
}

async function claimDated(sql: Sql, keys: readonly Dated[], known: Known): Promise<void> {
  if (keys.length === 0) return;
  const asked = [
    arrayText(keys, ({ day }) => day),
    arrayText(keys, ({ id }) => id),
    arrayText(keys, ({ body }) => body),
  ];
  const before = keys.some(({ run }) => run !== undefined)
    ? await sql.query<{ day: string; id: string }>(CLAIM_OF_RUNS, [...asked, keys.map(({ run }) => run ?? null)])
    : await sql.query<{ day: string; id: string }>(CLAIM, asked);
  if (before.length > 0) for (const row of await readDated(sql, before)) known.set(placeOf(row), row.body);
}

/** Its first receipt may have been on another day, by a clock that was far from the item's own. */
async function findStrays(sql: Sql, keys: readonly Dated[], known: Known): Promise<void> {
  const fresh = keys.filter((key) => !known.has(placeOf(key)));
  if (fresh.length === 0) return;
  const bodies = new Map((await readById(sql, BODIES_UNDATED, fresh)).map(({ id, body }) => [id, body]));
  for (const key of fresh) {
    const body = bodies.get(key.id);
    if (body !== undefined) known.set(placeOf(key), body);
  }
}

async function claimUndated(sql: Sql, keys: readonly SeenKey[], today: string, known: Known): Promise<void> {
  if (keys.length === 0) return;
  const past = keys.filter((key): key is Dated => key.day !== undefined);
  const without = keys.filter(({ day }) => day === undefined);
  if (past.length > 0) for (const { id, body } of await readDated(sql, past)) known.set(id, body);
  if (without.length > 0) for (const { id, body } of await readById(sql, BODIES_ANYWHERE, without)) known.set(id, body);
  const open = keys.filter(({ id }) => !known.has(id));
  if (open.length === 0) return;
  const claimed = await sql.query<{ id: string }>(CLAIM_UNDATED, [
    today,
    open.map(({ id }) => id),
    open.map(({ body }) => body),
    open.map(({ run }) => run ?? null),
  ]);
  const fresh = new Set(claimed.map(({ id }) => id));
  const before = open.filter(({ id }) => !fresh.has(id));
  if (before.length > 0) for (const { id, body } of await readById(sql, BODIES_UNDATED, before)) known.set(id, body);
}

/** An array of days or ids as PostgreSQL reads it: nothing in them needs a quote, and the driver would look for it. */
function arrayText<T>(items: readonly T[], of: (item: T) => string): string {
  return `{${items.map(of).join()}}`;
}

type Row = { readonly id: string; readonly body: string };

async function readDated(
  sql: Sql,
  keys: readonly { readonly day: string; readonly id: string }[],
): Promise<readonly (Row & { readonly day: string })[]> {
  const rows = await sql.query<Row & { readonly day: string }>(BODIES, [
    keys.map(({ day }) => day),
    keys.map(({ id }) => id),
  ]);
  return rows.map((row) => ({ ...row, body: row.body.replaceAll('-', '') }));
}

async function readById(
  sql: Sql,
  statement: typeof BODIES_ANYWHERE,
  keys: readonly SeenKey[],
): Promise<readonly Row[]> {
  const rows = await sql.query<Row>(statement, [keys.map(({ id }) => id)]);
  return rows.map((row) => ({ ...row, body: row.body.replaceAll('-', '') }));
}

function placeOf({ day, id }: { readonly day: string; readonly id: string }): string {
  return `${day} ${id}`;
}

/** Few enough that nobody waits for the rows of one statement. */
const EXPIRED_ROWS_MAX = 5_000;
const EXPIRE_UNDATED = `delete from seen_undated where id in (
  select id from seen_undated where received_on < $1 limit ${EXPIRED_ROWS_MAX})`;

/** Drops the partitions of days that are past, and undated ids some at a time. */
export async function expireSeen(database: Database, now: Instant): Promise<ExpiredIds> {
  const dropped = await dropDayPartitions(database, 'seen', dayBefore(now, SEEN_STATED_DAYS_KEPT));
  const received = dayBefore(now, SEEN_DAYS_KEPT);
  let ids = 0;
  for (let deleted = EXPIRED_ROWS_MAX; deleted === EXPIRED_ROWS_MAX; ids += deleted) {
    deleted = await database.execute(EXPIRE_UNDATED, [received]);
  }
  return { days: dropped.map((name) => partitionDay('seen', name) ?? name), ids };
}

function dayBefore(now: Instant, days: number): string {
  return new Date(now - days * DAY_MS).toISOString().slice(0, 10);
}
