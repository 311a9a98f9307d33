import type { BrandId } from '@filrouge/domain/deployment';
import type { Namespace, Node, NodeId } from '@filrouge/domain/identity';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';

/**
 * Every node whose consent looks at one of the given ones: the relations of `subject-reach` in the other direction.
 *
 * Each step is a LATERAL that `offset 0` keeps as it is: one look into an index for each row of the step before. Joins
 * the planner may order by its estimates, and it took whole tables for a thousand nodes, or for one where a table had
 * grown since it was analysed. So the cost follows what is reached, whatever the size of the tables.
 */
const DEPENDENTS = {
  name: 'consent-dependents',
  text: `
with given as (
  select known.*
  from (select distinct unnest($1::uuid[]) as node) as asked
  cross join lateral (
    select node, namespace, brand, component, blocked from node where node.node = asked.node offset 0
  ) as known
),
mine as (select distinct component from given where component is not null and blocked is null),
member as (
  select own.node
  from mine cross join lateral (select node from node where node.component = mine.component offset 0) as own
),
met as (
  select linked.node
  from member cross join lateral (
    select b as node from link where link.a = member.node
    union all
    select a from link where link.b = member.node
    offset 0
  ) as linked
  union
  select there.person
  from given
  cross join lateral (select person from encounter where encounter.device = given.node offset 0) as there
  where given.blocked is null
),
persons as (
  select component from mine
  union
  select theirs.component
  from met cross join lateral (
    select component from node where node.node = met.node and blocked is null offset 0
  ) as theirs
)
select node, namespace, brand from given
union
select reached.*
from persons
cross join lateral (
  select node, namespace, brand from node where node.component = persons.component offset 0
) as reached
union
select device.*
from member
cross join lateral (select device from encounter where encounter.person = member.node offset 0) as there
cross join lateral (
  select node, namespace, brand from node where node.node = there.device and blocked is null offset 0
) as device`,
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

/** The same way of asking: each look is one into an index, and the first that finds something ends it. */
const DECIDED = {
  name: 'consent-decided',
  text: `
select asked.node
from (select distinct unnest($1::uuid[]) as node) as asked
where exists (select from consent_fact_node where consent_fact_node.node = asked.node offset 0)
  or exists (
    select from (
      select component from node where node.node = asked.node and component is not null offset 0
    ) as mine
    cross join lateral (select node from node where node.component = mine.component offset 0) as member
    where exists (select from consent_fact_node where consent_fact_node.node = member.node offset 0)
      or exists (
        select from (select device from encounter where encounter.person = member.node offset 0) as there
        where exists (select from consent_fact_node where consent_fact_node.node = there.device offset 0)
      )
    offset 0
  )`,
};

export async function readDecided(sql: Sql, nodes: readonly NodeId[]): Promise<readonly NodeId[]> {
  if (nodes.length === 0) return [];
  const rows = await sql.query<{ node: string }>(DECIDED, [nodes.map(uuidOf)]);
  return rows.map(({ node }) => nodeOf(node));
}
