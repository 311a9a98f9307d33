import type { Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import type { BlockedBy, Namespace, NodeId, PersonRecord, SeparationFact } from '@filrouge/domain/identity';
import type { ProjectionTransaction, ReadingStore } from '@filrouge/ports';
import { isUuid, nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';
import { LINK_COLUMNS, type LinkRow, linkFact } from './link-rows.ts';

const NODES = {
  name: 'person-nodes',
  text: `select node, namespace, blocked from node where node = any($1::uuid[]) and component is not null`,
};
/** Of a value that secret keys have shown to be nobody's the links are left out: there may be any number of them. */
const LINKS = {
  name: 'person-links',
  text: `select ${LINK_COLUMNS}
    from (
      select * from link where a = any($1::uuid[])
      union all
      select * from link where b = any($1::uuid[]) and a <> all($1::uuid[])
    ) as link
    join node end_a on end_a.node = link.a join node end_b on end_b.node = link.b`,
};
const SEPARATIONS = {
  name: 'person-separations',
  text: `select separation.id, separation.a, separation.b, end_a.namespace as namespace_a,
      end_b.namespace as namespace_b, separation.t, separation.stands, separation.decided_by
    from separation join node end_a on end_a.node = separation.a join node end_b on end_b.node = separation.b
    where separation.a = any($1::uuid[]) or separation.b = any($1::uuid[])`,
};

const SEPARATIONS_AFTER = {
  name: 'separations-after',
  text: `select separation.position, separation.brand, separation.a, separation.b,
      end_a.namespace as namespace_a, end_b.namespace as namespace_b
    from separation left join node end_a on end_a.node = separation.a left join node end_b on end_b.node = separation.b
    where separation.position > $1 order by separation.position`,
};
const SEPARATION = `select separation.id, separation.brand, separation.reason, separation.a, separation.b,
    end_a.namespace as namespace_a, end_b.namespace as namespace_b, separation.t, separation.stands, separation.decided_by
  from separation join node end_a on end_a.node = separation.a join node end_b on end_b.node = separation.b
  where separation.id = $1`;

type SeparationRow = {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly namespace_a: string;
  readonly namespace_b: string;
  readonly t: Instant;
  readonly stands: boolean;
  readonly decided_by: string;
};

/** Links and separations of identifiers of person type, three statements for any number of them. */
export async function readPersonRecords(sql: Sql, ids: readonly NodeId[]): Promise<readonly PersonRecord[]> {
  if (ids.length === 0) return [];
  const nodes = await sql.query<{ node: string; namespace: string; blocked: BlockedBy | null }>(NODES, [
    ids.map(uuidOf),
  ]);
  const open = nodes.filter(({ blocked }) => blocked !== 'secret-keys').map(({ node }) => node);
  const links = byEnd(await sql.query<LinkRow>(LINKS, [open]));
  const separations = byEnd(await sql.query<SeparationRow>(SEPARATIONS, [nodes.map(({ node }) => node)]));
  return nodes.map(({ node, namespace, blocked }) => ({
    node: { namespace: namespace as Namespace, id: nodeOf(node) },
    ...(blocked === null ? {} : { blocked }),
    links: blocked === 'secret-keys' ? [] : (links.get(node) ?? []).map(linkFact),
    separations: (separations.get(node) ?? []).map(separationFact),
  }));
}

function byEnd<Row extends { readonly a: string; readonly b: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, readonly Row[]> {
  const ends = new Map<string, Row[]>();
  for (const row of rows) {
    for (const end of new Set([row.a, row.b])) {
      const known = ends.get(end);
      if (known === undefined) ends.set(end, [row]);
      else known.push(row);
    }
  }
  return ends;
}

function separationFact(row: SeparationRow): SeparationFact {
  return {
    a: { namespace: row.namespace_a as Namespace, id: nodeOf(row.a) },
    b: { namespace: row.namespace_b as Namespace, id: nodeOf(row.b) },
    stands: row.stands,
    t: row.t,
    id: row.id,
    by: row.decided_by,
  };
}

/** A separation is staff's own word: it is not derived from the journal and survives a replay. */
export async function putSeparation(
  sql: Sql,
  brand: BrandId,
  separation: SeparationFact & { readonly reason: string },
): Promise<void> {
  await sql.execute(
    `insert into separation (id, brand, a, b, t, stands, decided_by, reason) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (id) do nothing`,
    [
      separation.id,
      brand,
      uuidOf(separation.a.id),
      uuidOf(separation.b.id),
      timestamptz(separation.t),
      separation.stands,
      separation.by,
      separation.reason,
    ],
  );
}

type SeparationAfter = {
  readonly position: bigint;
  readonly brand: string;
  readonly a: string;
  readonly b: string;
  readonly namespace_a: string | null;
  readonly namespace_b: string | null;
};

/** A pair of which a replay has not met both ends yet is passed over: the link that brings the second one resolves it. */
export async function separationsAfter(
  sql: Sql,
  position: number,
): ReturnType<ProjectionTransaction['separationsAfter']> {
  const rows = await sql.query<SeparationAfter>(SEPARATIONS_AFTER, [position]);
  const pairs = rows.flatMap(({ brand, a, b, namespace_a, namespace_b }) =>
    namespace_a === null || namespace_b === null
      ? []
      : [
          {
            brand: brand as BrandId,
            a: { namespace: namespace_a as Namespace, id: nodeOf(a) },
            b: { namespace: namespace_b as Namespace, id: nodeOf(b) },
          },
        ],
  );
  return { pairs, head: Number(rows.at(-1)?.position ?? position) };
}

export async function readSeparation(sql: Sql, id: string): ReturnType<ReadingStore['separation']> {
  if (!isUuid(id)) return undefined;
  const [row] = await sql.query<SeparationRow & { readonly brand: string; readonly reason: string }>(SEPARATION, [id]);
  return row === undefined ? undefined : { ...separationFact(row), brand: row.brand as BrandId, reason: row.reason };
}
