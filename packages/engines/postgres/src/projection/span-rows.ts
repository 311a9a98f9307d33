import type { Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import { type NodeId, type PersonNumber, type ThreadMapEntry, threadOf } from '@filrouge/domain/identity';
import type { ThreadSpans } from '@filrouge/ports';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Database } from '../database.ts';
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

/** Nodes told at a time. */
const PAGE_NODES_MAX = 5_000;

/** The whole map, one entry for each node that has spans. */
export async function* readAllSpans(database: Database): AsyncGenerator<readonly ThreadSpans[], void, void> {
  const rows = database.copyRows('select brand, node, from_t, to_t, person from thread_span order by node, from_t', {
    brand: 'text',
    node: 'uuid',
    from_t: 'timestamptz',
    to_t: 'timestamptz',
    person: 'int8',
  });
  let page: (ThreadSpans & { readonly spans: Omit<ThreadMapEntry, 'thread'>[] })[] = [];
  for await (const { brand, node, from_t, to_t, person } of rows) {
    const thread = threadOf(nodeOf(node));
    const span = { from: from_t as Instant, to: to_t as Instant, person: person.toString() as PersonNumber };
    const last = page.at(-1);
    if (last?.thread === thread) {
      last.spans.push(span);
      continue;
    }
    if (page.length === PAGE_NODES_MAX) {
      yield page;
      page = [];
    }
    page.push({ brand: brand as BrandId, thread, spans: [span] });
  }
  if (page.length > 0) yield page;
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
