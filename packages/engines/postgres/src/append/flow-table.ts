import type { Instant } from '@filrouge/domain/base';
import type { FlowCount } from '@filrouge/ports';
import type { Sql, SqlStatement } from '../sql-session.ts';
import type { SqlValue } from '../sql-types.ts';

const ADD = `
insert into flow (day, brand, source, outcome, reason, name, n)
select * from unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
on conflict (day, brand, source, outcome, reason, name) do update set n = flow.n + excluded.n`;

/** Adds to the counters of S2. */
export async function addFlow(sql: Sql, flow: readonly FlowCount[], receivedAt: Instant): Promise<void> {
  if (flow.length > 0) await sql.execute(...flowAdded(flow, receivedAt));
}

/** The statement that adds. Rows are written in one order, so that two writers never wait for each other in a ring. */
export function flowAdded(
  flow: readonly FlowCount[],
  receivedAt: Instant,
): readonly [statement: SqlStatement, values: readonly SqlValue[]] {
  const dayOf = (count: FlowCount): string => new Date(count.receivedAt ?? receivedAt).toISOString().slice(0, 10);
  const keyOf = (count: FlowCount): string =>
    [dayOf(count), count.brand, count.source, count.outcome, count.reason, count.name].join('\n');
  const sums = new Map<string, FlowCount>();
  for (const one of flow) {
    const key = keyOf(one);
    sums.set(key, { ...one, count: (sums.get(key)?.count ?? 0) + one.count });
  }
  const rows = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
  return [
    { name: 'flow-add', text: ADD },
    [
      rows.map(dayOf),
      rows.map(({ brand }) => brand),
      rows.map(({ source }) => source),
      rows.map(({ outcome }) => outcome),
      rows.map(({ reason }) => reason),
      rows.map(({ name }) => name),
      rows.map(({ count }) => count),
    ],
  ];
}
