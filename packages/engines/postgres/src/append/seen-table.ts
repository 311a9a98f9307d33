import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { SeenAnswer, SeenKey } from '@filrouge/ports';
import type { Sql } from '../sql-session.ts';

/** Deduplication is exact so far back, and a client's clock may be ahead so far (S16). Unit: days around the receipt. */
export const SEEN_DAYS_BACK = 35;
export const SEEN_DAYS_AHEAD = 1;

const CLAIM = `
insert into seen (day, id, body) select * from unnest($1::date[], $2::uuid[], $3::uuid[])
on conflict do nothing returning day, id`;
const BODIES = `
select seen.day, seen.id, seen.body from unnest($1::date[], $2::uuid[]) as asked(day, id)
join seen on seen.day = asked.day and seen.id = asked.id`;
const ANYWHERE = `select id, body from seen where id = any($1::uuid[])`;

type Placed = SeenKey & { readonly day: string };

/**
 * Exact deduplication (S16). An id whose item states no day, or one that no partition is kept for, is looked for in
 * every day that is kept, and claimed on the day of its receipt.
 */
export async function claimIds(
  sql: Sql,
  keys: readonly SeenKey[],
  receivedAt: Instant,
): Promise<readonly SeenAnswer[]> {
  if (keys.length === 0) return [];
  const today = Math.floor(receivedAt / DAY_MS);
  const inWindow = (day: string): boolean => {
    const at = Date.parse(`${day}T00:00:00Z`) / DAY_MS;
    return at >= today - SEEN_DAYS_BACK && at <= today + SEEN_DAYS_AHEAD;
  };
  const isDayless = ({ day }: SeenKey): boolean => day === undefined || !inWindow(day);
  const known = await knownAnywhere(sql, keys.filter(isDayless));
  const todayText = new Date(today * DAY_MS).toISOString().slice(0, 10);
  const placed = keys.map((key): Placed => ({ ...key, day: isDayless(key) ? todayText : (key.day ?? todayText) }));
  const open = placed.filter((key, at) => !(isDayless(keys[at] as SeenKey) && known.has(key.id)));
  const fresh = await claim(sql, open);
  if (fresh.size < open.length) await readBodies(sql, open, known);
  return placed.map((key, at) => {
    if (fresh.has(placeOf(key))) return 'new';
    const body = known.get(placeOf(key)) ?? (isDayless(keys[at] as SeenKey) ? known.get(key.id) : undefined);
    return body === key.body ? 'duplicate' : 'other-body';
  });
}

async function claim(sql: Sql, keys: readonly Placed[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const claimed = await sql.query<{ day: string; id: string }>({ name: 'seen-claim', text: CLAIM }, [
    keys.map(({ day }) => day),
    keys.map(({ id }) => id),
    keys.map(({ body }) => body),
  ]);
  return new Set(claimed.map(placeOf));
}

async function readBodies(sql: Sql, keys: readonly Placed[], known: Map<string, string>): Promise<void> {
  const rows = await sql.query<{ day: string; id: string; body: string }>({ name: 'seen-bodies', text: BODIES }, [
    keys.map(({ day }) => day),
    keys.map(({ id }) => id),
  ]);
  for (const row of rows) known.set(placeOf(row), row.body.replaceAll('-', ''));
}

/** Bodies by id alone, of ids that may be on any day. */
async function knownAnywhere(sql: Sql, dayless: readonly SeenKey[]): Promise<Map<string, string>> {
  if (dayless.length === 0) return new Map();
  const rows = await sql.query<{ id: string; body: string }>({ name: 'seen-anywhere', text: ANYWHERE }, [
    dayless.map(({ id }) => id),
  ]);
  return new Map(rows.map(({ id, body }) => [id, body.replaceAll('-', '')]));
}

function placeOf({ day, id }: { readonly day: string; readonly id: string }): string {
  return `${day} ${id}`;
}
