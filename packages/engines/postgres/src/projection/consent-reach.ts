import type { BrandId } from '@filrouge/domain/deployment';
import type { Namespace, Node, NodeId } from '@filrouge/domain/identity';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';

/** Every node whose consent looks at one of the given ones: the relations of S8 read in both directions. */
const DEPENDENTS = {
  name: 'consent-dependents',
  text: `
with given as (select unnest($1::uuid[]) as node),
component as (
  select distinct node.component from given join node on node.node = given.node where node.component is not null
),
persons as (
  select component from component
  union
  select across.component
  from component join node member on member.component = component.component
  join link on link.worth <> 'verified' and (link.a = member.node or link.b = member.node)
  join node across on across.node = case when link.a = member.node then link.b else link.a end
  where across.component is not null
  union
  select seen.component
  from given join sighting on sighting.device = given.node join node seen on seen.node = sighting.person
),
reached as (
  select node from given
  union
  select member.node from persons join node member on member.component = persons.component
  union
  select sighting.device
  from component join node member on member.component = component.component
  join sighting on sighting.person = member.node
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
