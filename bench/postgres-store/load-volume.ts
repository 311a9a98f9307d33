import type { NodeId } from '@filrouge/domain/identity';
import type { Database } from '@filrouge/engine-postgres';

/** A group of some million customers, scaled to what loads in a minute. */
export const PERSONS = 100_000;
export const DEVICES = 100_000;
const SEEN = 2_000_000;
const SEEN_DAYS = 36;

/** The nth identifier of person type, or device: the same hash that the SQL below writes. */
const NODE_SQL = (prefix: string, number: string): string => `md5('${prefix}' || (${number}))::uuid`;

export async function nodeIds(
  database: Database,
  prefix: 'p' | 'd',
  numbers: readonly number[],
): Promise<readonly NodeId[]> {
  const rows = await database.query<{ node: string }>(
    `select md5($1 || n) as node from unnest($2::int[]) with ordinality as asked(n, at) order by at`,
    [prefix, numbers],
  );
  return rows.map(({ node }) => node as NodeId);
}

/** Components of four, a quarter of them tied to another by an unverified link; one e-mail that is everybody's. */
const STATEMENTS: readonly string[] = [
  `insert into node (node, brand, namespace, thread, component, blocked, first_position, key_id, sealed)
   select ${NODE_SQL('p', 'n')}, 'bench', (array['user_id', 'loyalty_card', 'email', 'phone'])[n % 4 + 1],
     ('x' || substr(md5('p' || n), 1, 15))::bit(60)::bigint,
     case when n = 0 then ${NODE_SQL('p', '0')} else ${NODE_SQL('p', 'case when n < 4 then 1 else n / 4 * 4 end')} end,
     case when n = 0 then 'secret-keys' end, n + 1, n + 1, decode(md5('s' || n) || md5('t' || n), 'hex')
   from generate_series(0, ${PERSONS - 1}) as n`,
  `insert into node (node, brand, namespace, thread, first_position, key_id, sealed)
   select ${NODE_SQL('d', 'n')}, 'bench', 'anonymous_id', ('x' || substr(md5('d' || n), 1, 15))::bit(60)::bigint,
     n + 1, n + 1, decode(md5('s' || n) || md5('t' || n), 'hex')
   from generate_series(0, ${DEVICES - 1}) as n`,
  `insert into link
   select 'bench', least(x, y), greatest(x, y), worth, true, 'login', 'server', 'api',
     timestamptz '2026-01-01' + n * interval '1 minute', md5('m' || n)::uuid
   from (
     select n, 'verified' as worth, ${NODE_SQL('p', 'n')} as x, ${NODE_SQL('p', 'n / 4 * 4')} as y
     from generate_series(4, ${PERSONS - 1}) as n where n % 4 <> 0
     union all
     select n, 'claimed', ${NODE_SQL('p', 'n')}, ${NODE_SQL('p', `(n * 7919 + 13) % ${PERSONS}`)}
     from generate_series(4, ${PERSONS - 1}, 4) as n
     union all
     select n, 'stated', ${NODE_SQL('p', 'n')}, ${NODE_SQL('p', '0')}
     from generate_series(5, ${PERSONS - 1}, 4) as n
   ) as pair where x <> y
   on conflict do nothing`,
  `insert into device_link
   select 'bench', least(x, y), greatest(x, y), timestamptz '2026-01-01', md5('m' || n)::uuid, 'web'
   from (
     select n, ${NODE_SQL('d', 'n')} as x, ${NODE_SQL('d', 'n + 1')} as y from generate_series(0, ${DEVICES - 2}, 4) as n
   ) as pair`,
  `insert into sighting
   select 'bench', ${NODE_SQL('d', 'n')}, ${NODE_SQL('p', `n % ${PERSONS}`)}, extract(epoch from t)::bigint / 3600,
     t, t + interval '5 minutes', n % 2 = 0, false
   from (
     select n, date_trunc('hour', timestamptz '2026-01-01' + (n + visit * 37) % 5000 * interval '1 hour') as t
     from generate_series(0, ${DEVICES - 1}) as n, generate_series(0, 1) as visit
     where visit = 0 or n % 2 = 0
   ) as seen
   on conflict do nothing`,
  `insert into encounter
   select brand, device, person, min(first_t), max(last_t), min(first_t) filter (where verified), bool_or(kiosk)
   from sighting group by brand, device, person`,
  `insert into logout
   select 'bench', ${NODE_SQL('d', 'n')}, timestamptz '2026-09-01', md5('l' || n)::uuid
   from generate_series(0, ${DEVICES - 1}, 5) as n`,
  `insert into thread_span
   select 'bench', node, '1900-01-01', '2299-12-31 23:59:59.999', thread from node where namespace <> 'user_id'`,
  `insert into consent_record
   select md5('r' || n)::uuid, 'bench', array['bench'], 'web', 'web', 'banner', '3', 'subject', array[]::text[],
     timestamptz '2026-02-01', 1, '\\x00'
   from generate_series(1, 100000) as n`,
  `insert into consent_fact
   select n * 2 + purpose - 1, md5('r' || n)::uuid, 'bench', (array['profiling', 'advertising'])[purpose], '*', 'given',
     timestamptz '2026-02-01', timestamptz '2026-02-01', true, false, false
   from generate_series(1, 100000) as n, generate_series(1, 2) as purpose`,
  `insert into consent_fact_node
   select case when position % 4 < 2 then ${NODE_SQL('p', 'position / 2')} else ${NODE_SQL('d', 'position / 2')} end,
     position, true from consent_fact`,
  `update head set ledger_position = (select max(position) from consent_fact)`,
  `insert into flow select day, 'bench', 'source-' || s, 'accepted', '', '', 1000
   from generate_series(date '2026-01-01', date '2026-11-20', interval '1 day') as day, generate_series(1, 20) as s`,
];

/** Fills a migrated database whose partitions reach back from this day. */
export async function loadVolume(database: Database, today: string): Promise<void> {
  const run = (statement: string): Promise<void> =>
    database.withTransaction(async (sql) => {
      await sql.execute('set local statement_timeout = 0; set local synchronous_commit = off');
      await sql.execute(statement);
    });
  for (const statement of STATEMENTS) await run(statement);
  for (let day = 0; day < SEEN_DAYS; day += 1) {
    await run(`insert into seen select date '${today}' - ${day}, md5('s' || n)::uuid, md5('b' || n)::uuid
      from generate_series(${day}, ${SEEN - 1}, ${SEEN_DAYS}) as n`);
  }
  await database.execute('vacuum analyze');
}
