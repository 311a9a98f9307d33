import type { Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import { type FlowBySource, type FlowReading, JOURNAL_DAMAGE } from '@filrouge/ports';
import type { Database } from '../database.ts';
import type { Sql } from '../sql-session.ts';

type FlowRow = {
  readonly source: string;
  readonly outcome: string;
  readonly reason: string;
  readonly name: string;
  readonly n: bigint;
};
type KeptRow = { readonly source: string; readonly n: bigint; readonly bots: bigint };
type StateRow = { readonly state: string; readonly n: bigint; readonly damaged: bigint };

type Between = { readonly from: string | null; readonly to: string | null; readonly brand: string | null };

/**
 * The sums of S2 in one snapshot, so that the balance is that of one instant. What is pending is counted from the
 * positions of journal and projector, not from the other sums: the balance can therefore fail, and would say so. (Not
 * for one brand: a journal row holds items of all of them.)
 */
export async function readFlow(
  database: Database,
  span: { readonly from: Instant; readonly to: Instant } | undefined,
  brand: BrandId | undefined,
): Promise<FlowReading> {
  const between: Between = {
    from: span === undefined ? null : dayOf(span.from),
    to: span === undefined ? null : dayOf((span.to - 1) as Instant),
    brand: brand ?? null,
  };
  return database.withTransaction(
    async (sql) => {
      const flow = await readSums(sql, between);
      const kept = await readKept(sql, between);
      const states = await readStates(sql, between);
      const total = (outcome: string): number =>
        flow.filter((row) => row.outcome === outcome).reduce((sum, { n }) => sum + Number(n), 0);
      const settled = {
        kept: kept.reduce((sum, { n }) => sum + Number(n), 0),
        withheld: total('withheld'),
        quarantined: stateCount(states, 'open'),
        discarded: stateCount(states, 'discarded'),
      };
      const accepted = total('accepted');
      const rest = accepted - settled.kept - settled.withheld - settled.quarantined - settled.discarded;
      return {
        accepted,
        pending: brand === undefined ? await readPending(sql, between) : rest,
        ...settled,
        damaged: Number(states.find(({ state }) => state === 'open')?.damaged ?? 0n),
        duplicates: total('duplicate'),
        refused: total('refused'),
        bots: kept.reduce((sum, { bots }) => sum + Number(bots), 0),
        bySource: bySource(flow, kept),
      };
    },
    { isolation: 'repeatable read', readOnly: true },
  );
}

function dayOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}

function readSums(sql: Sql, { from, to, brand }: Between): Promise<readonly FlowRow[]> {
  return sql.query<FlowRow>(
    `select source, outcome, reason, name, sum(n)::bigint as n from flow
     where ($1::date is null or day >= $1::date) and ($2::date is null or day <= $2::date)
       and ($3::text is null or brand = $3)
     group by source, outcome, reason, name`,
    [from, to, brand],
  );
}

function readKept(sql: Sql, { from, to, brand }: Between): Promise<readonly KeptRow[]> {
  return sql.query<KeptRow>(
    `select source, sum(n)::bigint as n, sum(bots)::bigint as bots from kept
     where ($1::date is null or day >= $1::date) and ($2::date is null or day <= $2::date)
       and ($3::text is null or brand = $3)
     group by source`,
    [from, to, brand],
  );
}

function readStates(sql: Sql, { from, to, brand }: Between): Promise<readonly StateRow[]> {
  return sql.query<StateRow>(
    `select state, count(*) as n, count(*) filter (where reason = any($4::text[])) as damaged from quarantine
     where ($1::date is null or received_at >= $1::date) and ($2::date is null or received_at < $2::date + 1)
       and ($3::text is null or brand = $3)
     group by state`,
    [from, to, brand, JOURNAL_DAMAGE],
  );
}

/** Each item on the day on which it came in: what left quarantine since is in a row of a later day. */
const PENDING = `
with row as (
  select received_at, items, earlier from journal
  where position > (select greatest(position, counted) from projector)
),
moved as (select received_at, day::date, n::bigint from row, jsonb_each_text(earlier) as of_day(day, n)),
item as (
  select (received_at at time zone 'UTC')::date as day, items::bigint as n from row
  union all
  select (received_at at time zone 'UTC')::date, -n from moved
  union all
  select day, n from moved
)
select sum(n)::bigint as n from item where ($1::date is null or day >= $1::date) and ($2::date is null or day <= $2::date)`;

async function readPending(sql: Sql, { from, to }: Between): Promise<number> {
  const [row] = await sql.query<{ n: bigint | null }>(PENDING, [from, to]);
  return Number(row?.n ?? 0n);
}

function stateCount(rows: readonly StateRow[], state: string): number {
  return Number(rows.find((row) => row.state === state)?.n ?? 0n);
}

function bySource(flow: readonly FlowRow[], kept: readonly KeptRow[]): Readonly<Record<string, FlowBySource>> {
  const sources = [...new Set([...flow.map(({ source }) => source), ...kept.map(({ source }) => source)])].sort();
  return Object.fromEntries(
    sources.map((source) => {
      const rows = flow.filter((row) => row.source === source);
      const sum = (outcome: string): number =>
        rows.filter((row) => row.outcome === outcome).reduce((total, { n }) => total + Number(n), 0);
      const own = kept.find((row) => row.source === source);
      const withheldBy: Record<string, Record<string, number>> = {};
      for (const { outcome, reason, name, n } of rows) {
        if (outcome !== 'withheld') continue;
        withheldBy[reason] = { ...withheldBy[reason], [name]: Number(n) };
      }
      return [
        source,
        {
          accepted: sum('accepted'),
          kept: Number(own?.n ?? 0n),
          withheld: sum('withheld'),
          duplicates: sum('duplicate'),
          refused: sum('refused'),
          bots: Number(own?.bots ?? 0n),
          withheldBy,
        },
      ];
    }),
  );
}
