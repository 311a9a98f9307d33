import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { SeenAnswer, SeenKey } from '@filrouge/ports';
import type { Sql } from '../sql-session.ts';

const CLAIM = `
insert into seen (day, id, body) select * from unnest($1::date[], $2::uuid[], $3::uuid[])
on conflict do nothing returning id`;
const BODIES = `
select seen.id, seen.body from unnest($1::date[], $2::uuid[]) as asked(day, id)
join seen on seen.day = asked.day and seen.id = asked.id`;
const ANYWHERE = `select id, body from seen where id = any($1::uuid[])`;

/**
 * Exact deduplication (S16). An id whose item states no day is looked for in every day that is kept, and claimed on
 * the day of its receipt.
 */
export async function claimIds(
  sql: Sql,
  keys: readonly SeenKey[],
  receivedAt: Instant,
): Promise<readonly SeenAnswer[]> {
  if (keys.length === 0) return [];
  const today = new Date(Math.floor(receivedAt / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
  const known = await knownAnywhere(sql, keys);
  const open = keys.filter(({ id }) => !known.has(id));
  const days = open.map(({ day }) => day ?? today);
  const claimed = await sql.query<{ id: string }>({ name: 'seen-claim', text: CLAIM }, [
    days,
    open.map(({ id }) => id),
    open.map(({ body }) => body),
  ]);
  const fresh = new Set(claimed.map(({ id }) => id));
  if (fresh.size < open.length) {
    const bodies = await sql.query<{ id: string; body: string }>({ name: 'seen-bodies', text: BODIES }, [
      days,
      open.map(({ id }) => id),
    ]);
    for (const { id, body } of bodies) if (!fresh.has(id)) known.set(id, body.replaceAll('-', ''));
  }
  return keys.map(({ id, body }) => {
    if (fresh.has(id)) return 'new';
    return known.get(id) === body ? 'duplicate' : 'other-body';
  });
}

async function knownAnywhere(sql: Sql, keys: readonly SeenKey[]): Promise<Map<string, string>> {
  const dayless = keys.filter(({ day }) => day === undefined);
  if (dayless.length === 0) return new Map();
  const rows = await sql.query<{ id: string; body: string }>({ name: 'seen-anywhere', text: ANYWHERE }, [
    dayless.map(({ id }) => id),
  ]);
  return new Map(rows.map(({ id, body }) => [id, body.replaceAll('-', '')]));
}
