import { EngineError, type LedgerCopyStore, type LedgerLine } from '@filrouge/ports';
import type { Database } from '../database.ts';
import type { Sql } from '../sql-session.ts';

/** Rows as they are: what a later release adds to the tables is in its lines, and null where a line does not know it. */
const LINES = `
with next as (select * from consent_fact where position > $1 order by position limit $2)
select min(next.position) as first, max(next.position) as last, jsonb_build_object(
    'record', to_jsonb(record),
    'key', (select to_jsonb(data_key) from data_key where id = record.key_id),
    'facts', jsonb_agg(to_jsonb(next) order by next.position),
    'nodes', (select jsonb_agg(to_jsonb(told) order by told.position, told.node) from consent_fact_node told join next one using (position)
              where one.record_id = record.record_id)
  )::text as text
from next join consent_record record using (record_id)
group by record.record_id order by 1`;

/** Numbers begin again where a backup ended: when it was begun tells a run from its namesake. */
const RUN_NAME = "number || '@' || (extract(epoch from begun_at) * 1000)::bigint";

/** Two lives of an installation wrote into one place, or this ledger is of another. */
const CONTRADICTED = `
select fact.position from told, jsonb_populate_recordset(null::consent_fact, line->'facts') fact
  left join consent_fact known on known.position = fact.position
group by 1 having count(distinct fact.record_id) > 1 or bool_or(known.record_id <> fact.record_id) order by 1 limit 1`;

const APPEND = [
  `insert into data_key select known.* from told, jsonb_populate_record(null::data_key, line->'key') known
   where jsonb_typeof(line->'key') = 'object' and known.id <> all($1::bigint[]) on conflict do nothing`,
  `insert into consent_record select distinct on (record.record_id) record.* from told, jsonb_populate_record(
     null::consent_record, case when exists (select from import_run where number = (line->'record'->>'run')::integer)
     then line->'record' else (line->'record') || '{"run": null}' end) record on conflict do nothing`,
  `insert into consent_fact select distinct on (fact.position) fact.*
   from told, jsonb_populate_recordset(null::consent_fact, line->'facts') fact
   where fact.position > $1 order by fact.position`,
  `insert into consent_fact_node select distinct node.* from told,
     jsonb_populate_recordset(null::consent_fact_node, line->'nodes') node where node.position > $1`,
  `insert into consent_fact_void select distinct fact.position, (line->'record'->>'run')::integer
   from told, jsonb_populate_recordset(null::consent_fact, line->'facts') fact
   where fact.position > $1 and fact.status = 'given' and line->'record'->>'run' is not null`,
] as const;

/** The ledger as lines for a second place, and back. */
export function createLedgerCopyStore(database: Database): LedgerCopyStore {
  return {
    head: () => headOf(database),
    async linesAfter(position, factsMax) {
      type Row = { readonly first: bigint; readonly last: bigint; readonly text: string };
      const rows = await database.query<Row>(LINES, [position, factsMax]);
      return rows.map(({ first, last, text }) => ({ first: Number(first), last: Number(last), text }));
    },
    async undoneRuns() {
      const rows = await database.query<{ name: string }>(
        `select ${RUN_NAME} as name from import_run where state in ('undoing', 'undone') order by number`,
      );
      return rows.map(({ name }) => name);
    },
    async recordAt(position) {
      const [row] = await database.query<{ record_id: string }>(
        'select record_id from consent_fact where position = $1',
        [position],
      );
      return row?.record_id;
    },
    append: (lines, keysGone) => database.withTransaction((sql) => appendLines(sql, lines, keysGone)),
    voidRuns: (runs) =>
      database.execute(
        `insert into consent_fact_void (position, run)
         select fact.position, record.run from consent_record record join consent_fact fact using (record_id)
           join import_run on number = record.run
         where ${RUN_NAME} = any($1::text[]) and fact.status = 'given' on conflict do nothing`,
        [[...runs]],
      ),
  };
}

async function headOf(sql: Sql, lock = ''): Promise<number> {
  const [row] = await sql.query<{ position: bigint }>(`select ledger_position as position from head ${lock}`);
  if (row === undefined) throw new Error('the head row is missing: the database was not migrated');
  return Number(row.position);
}

async function appendLines(sql: Sql, lines: readonly LedgerLine[], keysGone: readonly number[]): Promise<number> {
  await sql.execute('set local statement_timeout = 0');
  const head = await headOf(sql, 'for update');
  await sql.execute('create temporary table told (line jsonb not null) on commit drop');
  await sql.execute('insert into told select text::jsonb from unnest($1::text[]) as given(text)', [
    lines.map(({ text }) => text),
  ]);
  const [contradicted] = await sql.query<{ position: bigint }>(CONTRADICTED);
  if (contradicted !== undefined) {
    throw new EngineError('other', `the second place tells ledger position ${contradicted.position} otherwise too`);
  }
  const [keys, ...rest] = APPEND;
  await sql.execute(keys, [[...keysGone]]);
  const [records, ...facts] = rest;
  await sql.execute(records);
  for (const statement of facts) await sql.execute(statement, [head]);
  const [now] = await sql.query<{ n: bigint; last: bigint }>(
    'select count(*) as n, coalesce(max(position), $1::bigint) as last from consent_fact where position > $1',
    [head],
  );
  const [n, last] = [Number(now?.n ?? 0n), Number(now?.last ?? head)];
  if (last - head !== n) {
    throw new EngineError('other', `the second place of the consents leaves a gap after ledger position ${head}`);
  }
  await sql.execute('update head set ledger_position = $1', [last]);
  return n;
}
