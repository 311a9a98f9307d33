import type { Instant } from '@filrouge/domain/base';
import type { ConsentFact, FactStatus, PurposeId } from '@filrouge/domain/consent';
import type { NodeId } from '@filrouge/domain/identity';
import type { Subject } from '@filrouge/ports';
import type { Sql } from '../sql-session.ts';
import { nodeOf, uuidOf } from './node-uuid.ts';

/**
 * The neighbourhood that S8 looks at, one row per (root, role, node): the node itself, its verified component, the
 * persons across unverified links, the devices a person was seen on, the persons seen on a device.
 */
const REACH = `
with root as (select unnest($1::uuid[]) as node),
component as (
  select root.node as root, node.component from root join node on node.node = root.node
  where node.component is not null and node.blocked is null
),
member as (
  select component.root, node.node from component join node on node.component = component.component
),
reach as (
  select node as root, 'self' as role, node, node as grp, null::timestamptz as linked_at from root
  union
  select root, 'own', node, root, null from member
  union
  select member.root, 'neighbour', theirs.node, theirs.component, null
  from member
  join link on link.worth <> 'verified' and (link.a = member.node or link.b = member.node)
  join node other on other.node = case when link.a = member.node then link.b else link.a end and other.blocked is null
  join component mine on mine.root = member.root
  join node theirs on theirs.component = other.component
  where other.component <> mine.component
  union
  select member.root, case when bool_or(sighting.verified) then 'device-verified' else 'device' end,
    sighting.device, sighting.device, min(sighting.first_t)
  from member join sighting on sighting.person = member.node
  group by member.root, sighting.device
  union
  select root.node, 'neighbour', theirs.node, theirs.component, null
  from root
  join sighting on sighting.device = root.node
  join node seen on seen.node = sighting.person and seen.blocked is null
  join node theirs on theirs.component = seen.component
)
select reach.root, reach.role, reach.node, reach.grp, reach.linked_at,
  fact.position, fact.record_id, fact.purpose, fact.vendor, fact.status, fact.indicated_at, fact.received_at,
  fact.trusted, fact.verified, fact.device, fact.sequence, fact_node.own
from reach
left join consent_fact_node fact_node on fact_node.node = reach.node
left join consent_fact fact on fact.position = fact_node.position`;

const CIRCUMSTANCES = `
select root.node,
  node.blocked is not null and node.blocked <> 'device' as blocked,
  (select max(member.last_act_at) from node member where member.component = node.component) as last_act_at,
  tombstone.erased_at, tombstone.lifted_at,
  (select count(distinct person) from sighting where sighting.device = root.node)
    + (select count(*) from logout where logout.device = root.node) as spans
from unnest($1::uuid[]) as root(node)
left join node on node.node = root.node
left join tombstone on tombstone.node = root.node`;

type ReachRow = {
  readonly root: string;
  readonly role: 'self' | 'own' | 'neighbour' | 'device' | 'device-verified';
  readonly node: string;
  readonly grp: string | null;
  readonly linked_at: Instant | null;
  readonly position: bigint | null;
  readonly record_id: string;
  readonly purpose: string;
  readonly vendor: string;
  readonly status: FactStatus;
  readonly indicated_at: Instant;
  readonly received_at: Instant;
  readonly trusted: boolean;
  readonly verified: boolean;
  readonly device: string | null;
  readonly sequence: bigint | null;
  readonly own: boolean;
};

type CircumstanceRow = {
  readonly node: string;
  readonly blocked: boolean;
  readonly last_act_at: Instant | null;
  readonly erased_at: Instant | null;
  readonly lifted_at: Instant | null;
  readonly spans: bigint;
};

/** Reads the consent neighbourhood of many nodes in two statements, whatever their number. */
export async function readSubjects(sql: Sql, nodes: readonly NodeId[]): Promise<readonly Subject[]> {
  const ids = nodes.map(uuidOf);
  const circumstances = await sql.query<CircumstanceRow>({ name: 'subject-circumstances', text: CIRCUMSTANCES }, [ids]);
  const reach = await sql.query<ReachRow>({ name: 'subject-reach', text: REACH }, [ids]);
  const byRoot = Map.groupBy(reach, (row) => row.root);
  return circumstances.map((row) => subjectOf(row, byRoot.get(row.node) ?? []));
}

function subjectOf(row: CircumstanceRow, reach: readonly ReachRow[]): Subject {
  const self = reach.filter(({ role }) => role === 'self');
  const own = reach.filter(({ role }) => role === 'own');
  const neighbours = Map.groupBy(
    reach.filter(({ role }) => role === 'neighbour'),
    ({ grp }) => grp,
  );
  const devices = Map.groupBy(
    reach.filter(({ role }) => role === 'device' || role === 'device-verified'),
    ({ node }) => node,
  );
  return {
    node: nodeOf(row.node),
    self: factsOf(self),
    own: factsOf(own.length > 0 ? own : self),
    neighbours: [...neighbours.values()].map(factsOf),
    devices: [...devices.values()].map(linkedDevice),
    ...(row.last_act_at === null ? {} : { lastActAt: row.last_act_at }),
    ...(row.erased_at === null
      ? {}
      : {
          tombstone: {
            erasedAt: row.erased_at,
            ...(row.lifted_at === null ? {} : { liftedAt: row.lifted_at }),
          },
        }),
    blocked: row.blocked,
    spans: Number(row.spans),
    dependsOn: [...new Set(reach.map(({ node }) => nodeOf(node)))],
  };
}

/** A device lends a person what was decided on it before the person was seen there (S8). */
function linkedDevice(rows: readonly ReachRow[]): Subject['devices'][number] {
  const linkedAt = rows[0]?.linked_at ?? undefined;
  return {
    verified: rows[0]?.role === 'device-verified',
    facts: factsOf(rows).filter((fact) => linkedAt === undefined || fact.indicatedAt < linkedAt),
    ...(linkedAt === undefined ? {} : { linkedAt }),
  };
}

function factsOf(rows: readonly ReachRow[]): readonly ConsentFact[] {
  return rows.flatMap((row) => (row.position === null ? [] : [factOf(row, Number(row.position))]));
}

function factOf(row: ReachRow, position: number): ConsentFact {
  return {
    position,
    recordId: row.record_id,
    purpose: row.purpose as PurposeId,
    vendor: row.vendor,
    status: row.status,
    indicatedAt: row.indicated_at,
    receivedAt: row.received_at,
    clock: row.trusted ? 'trusted' : 'untrusted',
    ...(row.device === null || row.sequence === null
      ? {}
      : { sequence: { device: row.device, number: Number(row.sequence) } }),
    standing: row.own ? 'own' : 'named',
    verified: row.verified,
  };
}
