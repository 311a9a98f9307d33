import type { BrandId } from '@filrouge/domain/deployment';
import type { Namespace, Node, NodeId } from '@filrouge/domain/identity';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';

/** Every node whose consent looks at one of the given ones: the relations of `subject-reach` in the other direction. */
const DEPENDENTS = {
  name: 'consent-dependents',
  text: `
with given as (select unnest($1::uuid[]) as node),
mine as (
  select distinct node.component
  from given join node on node.node = given.node
  where node.component is not null and node.blocked is null
),
member as (select mine.component, node.node from mine join node on node.component = mine.component),
persons as (
  select component from mine
  union
  select theirs.component
  from member join link on link.a = member.node and link.worth <> 'verified'
  join node theirs on theirs.node = link.b and theirs.blocked is null
  union
  select theirs.component
  from member join link on link.b = member.node and link.worth <> 'verified'
  join node theirs on theirs.node = link.a and theirs.blocked is null
  union
  select theirs.component
  from given
  join node device on device.node = given.node and device.blocked is null
  join encounter on encounter.device = given.node
  join node theirs on theirs.node = encounter.person and theirs.blocked is null
),
reached as (
  select node from given
  union
  select node.node from persons join node on node.component = persons.component
  union
  select encounter.device
  from member join encounter on encounter.person = member.node
  join node device on device.node = encounter.device and device.blocked is null
)
select node.node, node.namespace, node.brand from reached join node on node.node = reached.node`,
};

export async function readDependents(
  sql: Sql,
  nodes: readonly NodeId[],
): Promise<readonly (Node & { readonly brand: BrandId })[]> {
  if (nodes.length === 0) return [];
  const rows = await sql.query<{ node: string; namespace: string; brand: string }>(DEPENDENTS, [nodes.map(uuidOf)]);
  return rows.map(({ node, namespace, brand }) => ({
    namespace: namespace as Namespace,
    id: nodeOf(node),
    brand: brand as BrandId,
  }));
}
