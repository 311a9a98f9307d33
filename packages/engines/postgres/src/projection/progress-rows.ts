import type { NodeId } from '@filrouge/domain/identity';
import { AttemptSuperseded, type KeptCount, type ProjectionTransaction, type ProjectorPosition } from '@filrouge/ports';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';

type PositionRow = {
  readonly generation: string;
  readonly position: bigint;
  readonly planned: bigint | null;
  readonly ledger_position: bigint;
  readonly separation_position: bigint;
  readonly version: bigint;
  readonly committed: bigint;
  readonly counted: bigint;
  readonly born: boolean;
  readonly taken_back: bigint;
};

export async function readPosition(sql: Sql): Promise<ProjectorPosition> {
  const [row] = await sql.query<PositionRow>(
    `select generation, position, planned, ledger_position, separation_position, version, committed, counted, born, taken_back
     from projector`,
  );
  if (row === undefined) throw new Error('the projector row is missing: the database was not migrated');
  return {
    generation: row.generation,
    position: Number(row.position),
    planned: row.planned === null ? undefined : Number(row.planned),
    ledgerPosition: Number(row.ledger_position),
    separationPosition: Number(row.separation_position),
    version: Number(row.version),
    lost: row.committed < row.version,
    counted: Number(row.counted),
    born: row.born,
    takenBack: Number(row.taken_back),
  };
}

/** The intent of an attempt and its number; of two that stand at the same position, the second finds no row. */
export async function beginAttempt(sql: Sql, at: ProjectorPosition, upTo: number | undefined): Promise<number> {
  const [row] = await sql.query<{ version: bigint }>(
    `update projector set planned = $1, version = version + 1
     where generation = $2 and version = $3 and (committed < version) = $4 returning version`,
    [upTo ?? null, at.generation, at.version, at.lost],
  );
  if (row === undefined) throw new AttemptSuperseded('another process began an attempt from this position');
  return Number(row.version);
}

const KEPT = {
  name: 'kept-add',
  text: `insert into kept (day, brand, source, n, bots)
    select day, brand, source, sum(n), sum(bots)
    from unnest($1::date[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) as given(day, brand, source, n, bots)
    group by day, brand, source order by day, brand, source
    on conflict (day, brand, source) do update set n = kept.n + excluded.n, bots = kept.bots + excluded.bots`,
};

export async function countKept(sql: Sql, counts: readonly KeptCount[]): Promise<void> {
  if (counts.length === 0) return;
  await sql.execute(KEPT, [
    counts.map(({ day }) => day),
    counts.map(({ brand }) => brand),
    counts.map(({ source }) => source),
    counts.map(({ count }) => count),
    counts.map(({ bots }) => bots),
  ]);
}

/** How many announcements are kept for doors that were away; an older door forgets everything. */
const ANNOUNCEMENTS_MAX = 10_000;

/** Tells every door which nodes' links moved. Takes the head's lock, so it comes last in a transaction. */
export async function announce(sql: Sql, nodes: readonly NodeId[] | 'everything'): Promise<void> {
  if (nodes.length === 0) return;
  if (nodes === 'everything') {
    // A version that names no node makes every door forget all.
    await sql.execute('update head set identity_version = identity_version + 1');
    return;
  }
  await sql.execute(
    `with moved as (update head set identity_version = identity_version + 1 returning identity_version)
     insert into identity_change (version, nodes) select identity_version, $1::uuid[] from moved`,
    [nodes.map(uuidOf)],
  );
  await sql.execute('delete from identity_change where version <= (select identity_version from head) - $1::bigint', [
    ANNOUNCEMENTS_MAX,
  ]);
}

export async function factNodesAfter(
  sql: Sql,
  position: number,
  factsMax: number,
): ReturnType<ProjectionTransaction['factNodesAfter']> {
  const [head] = await sql.query<{ ledger_position: bigint }>('select ledger_position from head');
  const upTo = Math.min(Number(head?.ledger_position ?? 0n), position + factsMax);
  if (upTo === position) return { nodes: [], head: upTo };
  const rows = await sql.query<{ node: string }>(
    'select distinct node from consent_fact_node where position > $1 and position <= $2',
    [position, upTo],
  );
  return { nodes: rows.map(({ node }) => nodeOf(node)), head: upTo };
}

export async function commitRange(sql: Sql, to: Parameters<ProjectionTransaction['commit']>[0]): Promise<void> {
  const moved = await sql.execute(
    `update projector set position = $1, items = items + $2, ledger_position = $3, planned = null,
       separation_position = $4, committed = version, counted = greatest(counted, $1), born = true,
       taken_back = taken_back + $6
     where version = $5 and committed < version`,
    [to.position, to.items, to.ledgerPosition, to.separationPosition, to.attempt, to.takesBack === true ? 1 : 0],
  );
  if (moved !== 1) throw new AttemptSuperseded('another process began an attempt before this one was committed');
}
