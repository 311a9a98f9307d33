import type { Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import { type NodeId, type PersonNumber, type ThreadMapEntry, threadOf } from '@filrouge/domain/identity';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';

type Row = { readonly node: string; readonly from_t: Instant; readonly to_t: Instant; readonly person: bigint };

const READ = { name: 'spans', text: 'select node, from_t, to_t, person from thread_span where node = any($1::uuid[])' };

/** The map entries of some nodes. */
export async function readSpans(
  sql: Sql,
  nodes: readonly NodeId[],
): Promise<ReadonlyMap<NodeId, readonly ThreadMapEntry[]>> {
  const spans = new Map<NodeId, ThreadMapEntry[]>(nodes.map((node) => [node, []]));
  if (nodes.length === 0) return spans;
  for (const row of await sql.query<Row>(READ, [nodes.map(uuidOf)])) {
    const node = nodeOf(row.node);
    spans.get(node)?.push({
      thread: threadOf(node),
      from: row.from_t,
      to: row.to_t,
      person: row.person.toString() as PersonNumber,
    });
  }
  return spans;
}

/** Replaces the entries of these nodes where they differ, and answers those nodes. */
export async function replaceSpans(
  sql: Sql,
  brand: BrandId,
  nodes: readonly NodeId[],
  entries: ReadonlyMap<NodeId, readonly ThreadMapEntry[]>,
): Promise<readonly NodeId[]> {
  const before = await readSpans(sql, nodes);
  const changed = [...new Set(nodes)].filter(
    (node) => print(before.get(node) ?? []) !== print(entries.get(node) ?? []),
  );
  if (changed.length === 0) return [];
  await sql.execute('delete from thread_span where node = any($1::uuid[])', [changed.map(uuidOf)]);
  const rows = changed.flatMap((node) => (entries.get(node) ?? []).map((entry) => ({ node, ...entry })));
  if (rows.length > 0) {
    await sql.execute(
      `insert into thread_span (brand, node, from_t, to_t, person)
       select $1, * from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::bigint[])`,
      [
        brand,
        rows.map(({ node }) => uuidOf(node)),
        rows.map(({ from }) => timestamptz(from)),
        rows.map(({ to }) => timestamptz(to)),
        rows.map(({ person }) => person),
      ],
    );
  }
  return changed;
}

function print(entries: readonly ThreadMapEntry[]): string {
  return entries
    .map(({ from, to, person }) => `${from}-${to}:${person}`)
    .sort()
    .join(' ');
}
