import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import { isPersonNamespace, type Namespace, type NodeId, threadOf } from '@filrouge/domain/identity';
import type { NewNode, NodeRow, ResolvedNode } from '@filrouge/ports';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';

/** A row of `node`, as the driver gives it. */
export type StoredNode = {
  readonly node: string;
  readonly brand: string;
  readonly namespace: string;
  readonly component: string | null;
  readonly blocked: NonNullable<NodeRow['blocked']> | null;
  readonly first_position: bigint;
};

const COLUMNS = 'node.node, node.brand, node.namespace, node.component, node.blocked, node.first_position';
const BY_ID = { name: 'nodes-by-id', text: `select ${COLUMNS} from node where node = any($1::uuid[])` };
const BY_COMPONENT = {
  name: 'nodes-by-component',
  text: `select ${COLUMNS} from node where component = any($1::uuid[])`,
};

export async function readNodes(sql: Sql, ids: readonly NodeId[]): Promise<readonly NodeRow[]> {
  if (ids.length === 0) return [];
  return (await sql.query<StoredNode>(BY_ID, [ids.map(uuidOf)])).map(nodeRow);
}

export async function readMembers(sql: Sql, components: readonly NodeId[]): Promise<readonly NodeRow[]> {
  if (components.length === 0) return [];
  return (await sql.query<StoredNode>(BY_COMPONENT, [components.map(uuidOf)])).map(nodeRow);
}

export function nodeRow(row: StoredNode): NodeRow {
  return {
    node: { namespace: row.namespace as Namespace, id: nodeOf(row.node) },
    brand: row.brand as BrandId,
    component: row.component === null ? undefined : nodeOf(row.component),
    blocked: row.blocked ?? undefined,
    firstPosition: Number(row.first_position),
  };
}

const ADD = {
  name: 'nodes-add',
  text: `insert into node (node, brand, namespace, thread, component, first_position, key_id, sealed, last_act_at)
    select node, brand, namespace, thread, case when person then node end, first_position, key_id, sealed, last_act_at
    from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bytea[],
      $9::timestamptz[])
      as fresh(node, brand, namespace, thread, person, first_position, key_id, sealed, last_act_at)
    on conflict (node) do nothing`,
};

/** A new identifier of person type is a component of its own until a link says otherwise. */
export async function addNodes(sql: Sql, nodes: readonly NewNode[]): Promise<void> {
  if (nodes.length === 0) return;
  await sql.execute(ADD, [
    nodes.map(({ node }) => uuidOf(node.id)),
    nodes.map(({ brand }) => brand),
    nodes.map(({ node }) => node.namespace),
    nodes.map(({ node }) => threadOf(node.id)),
    nodes.map(({ node }) => isPersonNamespace(node.namespace)),
    nodes.map(({ firstPosition }) => firstPosition),
    nodes.map(({ key }) => key),
    nodes.map(({ sealed }) => sealed),
    nodes.map(({ lastActAt }) => (lastActAt === undefined ? null : timestamptz(dayOf(lastActAt)))),
  ]);
}

const TOUCH = {
  name: 'nodes-touch',
  text: `update node set last_act_at = act.t
    from unnest($1::uuid[], $2::timestamptz[]) as act(node, t)
    where node.node = act.node and (node.last_act_at is null or node.last_act_at < act.t)`,
};

/** Kept by the day, so that a busy customer costs one write a day; a maximum, so that order is without effect. */
export async function touchNodes(sql: Sql, acts: ReadonlyMap<NodeId, Instant>): Promise<void> {
  if (acts.size === 0) return;
  const all = [...acts];
  await sql.execute(TOUCH, [all.map(([node]) => uuidOf(node)), all.map(([, t]) => timestamptz(dayOf(t)))]);
}

function dayOf(t: Instant): Instant {
  return (Math.floor(t / DAY_MS) * DAY_MS) as Instant;
}

const RESOLVE = {
  name: 'nodes-resolve',
  text: `with moved as (
      select node.node, node.component as left_component, resolved.component, resolved.blocked,
        node.blocked is distinct from resolved.blocked as flipped
      from unnest($1::uuid[], $2::uuid[], $3::text[]) as resolved(node, component, blocked)
      join node on node.node = resolved.node
      where node.component is distinct from resolved.component or node.blocked is distinct from resolved.blocked
    ), done as (
      update node set component = moved.component, blocked = moved.blocked from moved where node.node = moved.node
    )
    select node, left_component, component, flipped from moved`,
};
/** Who met these: while a value is nobody's, what it was linked to does not look at it. */
const MET = {
  name: 'nodes-met',
  text: `select b as node from link where a = any($1::uuid[])
    union select a from link where b = any($1::uuid[])
    union select device from encounter where person = any($1::uuid[])
    union select person from encounter where device = any($1::uuid[])`,
};

type MovedRow = {
  readonly node: string;
  readonly left_component: string | null;
  readonly component: string | null;
  readonly flipped: boolean;
};

/** Answers the nodes around which consent may have moved. */
export async function putResolved(sql: Sql, nodes: readonly ResolvedNode[]): Promise<readonly NodeId[]> {
  if (nodes.length === 0) return [];
  const moved = await sql.query<MovedRow>(RESOLVE, [
    nodes.map(({ node }) => uuidOf(node)),
    nodes.map(({ component }) => (component === undefined ? null : uuidOf(component))),
    nodes.map(({ blocked }) => blocked ?? null),
  ]);
  const flipped = moved.filter((row) => row.flipped).map(({ node }) => node);
  const met = flipped.length === 0 ? [] : await sql.query<{ node: string }>(MET, [flipped]);
  const touched = moved.flatMap(({ node, left_component, component }) => [node, left_component, component]);
  return [...new Set([...touched, ...met.map(({ node }) => node)])].flatMap((uuid) =>
    uuid === null ? [] : [nodeOf(uuid)],
  );
}
