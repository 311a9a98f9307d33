import type { Instant } from '@filrouge/domain/base';
import { type ConsentFact, type DeviceStay, isForgotten, placedAt, withStays } from '@filrouge/domain/consent';
import {
  END,
  type Namespace,
  type Node,
  type NodeId,
  type Separation,
  standingSeparations,
} from '@filrouge/domain/identity';
import type { Subject } from '@filrouge/ports';
import { type FactRow, factOf } from '../fact-row.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';
import { nodeOf, uuidOf } from './node-uuid.ts';

/**
 * The neighbourhood that S8 looks at, one row per (root, role, node): the node itself, its verified component, the
 * persons across links that did not join them (unverified, or refused by a limit of S13, but for whom staff keep apart),
 * the devices a person was seen on, the persons seen on a device. Blocked values and
 * blocked devices are nobody's and have none. What a device lends a person is what was decided there after whoever was
 * there before had left (`since`) and before the person was first seen (`linked_at`).
 *
 * Each step is a LATERAL with `offset 0`, which the planner keeps as it is: one look into an index a row. Left to its
 * estimates it reads whole tables.
 */
const REACH = `
with root as (select distinct unnest($1::uuid[]) as node),
member as (
  select root.node as root, mine.component, own.node, own.namespace
  from root
  cross join lateral (
    select component from node where node.node = root.node and component is not null and blocked is null offset 0
  ) as mine
  cross join lateral (select node, namespace from node where node.component = mine.component offset 0) as own
),
met as (
  select member.root, member.component, linked.node, linked.worth = 'verified' as proven
  from member cross join lateral (
    select b as node, worth from link where link.a = member.node
    union all
    select a, worth from link where link.b = member.node
    offset 0
  ) as linked
  union
  select root.node, null, there.person, false
  from root
  cross join lateral (select from node where node.node = root.node and blocked is null offset 0) as open
  cross join lateral (select person from encounter where encounter.device = root.node offset 0) as there
),
apart as (
  select distinct member.root, theirs.component
  from member
  cross join lateral (
    select distinct on (far) far, stands from (
      select b as far, stands, t, id from separation where separation.a = member.node
      union all
      select a, stands, t, id from separation where separation.b = member.node
    ) as told
    where far <> member.node
    order by far, t desc, id desc
    offset 0
  ) as told
  cross join lateral (select component from node where node.node = told.far and blocked is null offset 0) as theirs
  where told.stands
),
other as (
  select met.root, theirs.component,
    bool_and(met.proven and exists (
      select from apart where apart.root = met.root and apart.component = theirs.component
    )) as kept_apart
  from met cross join lateral (
    select component from node
    where node.node = met.node and blocked is null and component is distinct from met.component offset 0
  ) as theirs
  group by met.root, theirs.component
),
stay as (
  select member.root, member.component, there.device, bool_or(there.verified_t is not null) as verified,
    coalesce(min(there.verified_t), min(there.first_t)) as linked_at
  from member
  cross join lateral (
    select device, verified_t, first_t from encounter where encounter.person = member.node offset 0
  ) as there
  cross join lateral (select from node where node.node = there.device and blocked is null offset 0) as open
  group by member.root, member.component, there.device
),
reach as (
  select node as root, 'self' as role, node, null::text as namespace, null::uuid as grp, null::timestamptz as linked_at,
    null::timestamptz as since from root
  union all
  select root, 'own', node, namespace, component, null, null from member
  union all
  select other.root, case when other.kept_apart then 'apart' else 'neighbour' end, theirs.node, null, other.component, null, null
  from other cross join lateral (select node from node where node.component = other.component offset 0) as theirs
  union all
  select stay.root, case when around.kiosk then 'kiosk' when stay.verified then 'device-verified' else 'device' end,
    stay.device, null, stay.component, stay.linked_at, greatest(around.until, quit.t)
  from stay
  cross join lateral (
    select bool_or(there.kiosk) as kiosk,
      max(least(there.last_t, stay.linked_at)) filter (
        where there.first_t < stay.linked_at and person.component <> stay.component
      ) as until
    from (select * from encounter where encounter.device = stay.device offset 0) as there
    left join lateral (
      select component from node where node.node = there.person and blocked is null offset 0
    ) as person on true
  ) around
  cross join lateral (
    select max(logout.t) as t from logout where logout.device = stay.device and logout.t < stay.linked_at
  ) quit
)
select reach.*, entombed.erased_at
from reach left join lateral (
  select erased_at from tombstone where tombstone.node = reach.node offset 0
) as entombed on true`;

/** The facts of nodes, each once whatever the number of neighbourhoods that it is in. */
const FACTS = `
select asked.node, told.own, fact.*
from unnest($1::uuid[]) as asked(node)
cross join lateral (
  select position, own from consent_fact_node
  where consent_fact_node.node = asked.node
    and not exists (select from consent_fact_void as void where void.position = consent_fact_node.position)
  offset 0
) as told
cross join lateral (
  select position, record_id, purpose, vendor, status, indicated_at, received_at, trusted, verified, signal, device, sequence
  from consent_fact where consent_fact.position = told.position offset 0
) as fact`;

/**
 * Of (device, person, instant) those at which the person was the last to be seen at the device, no other's hour was
 * running, and nobody had logged out (S13).
 */
const SIGNED = `
select moment.at
from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) with ordinality as moment(device, component, t, at)
cross join lateral (
  select max(last.seen) filter (where person.component = moment.component) as own,
    max(last.seen) filter (where person.component <> moment.component) as other,
    coalesce(bool_or(last.stays) filter (where person.component <> moment.component), false) as crowded
  from encounter
  join node person on person.node = encounter.person and person.blocked is null
  cross join lateral (
    select case when sighting.last_t <= moment.t then sighting.last_t else sighting.first_t end as seen,
      sighting.last_t > moment.t as stays
    from sighting
    where sighting.device = encounter.device and sighting.person = encounter.person
      and sighting.hour <= floor(extract(epoch from moment.t) / 3600)::bigint and sighting.first_t <= moment.t
    order by sighting.hour desc limit 1
  ) as last
  where encounter.device = moment.device
) as seen
where seen.own is not null and not seen.crowded and (seen.other is null or seen.other < seen.own)
  and not exists (select from logout where logout.device = moment.device and logout.t between seen.own and moment.t)`;

const CIRCUMSTANCES = `
select root.node,
  node.blocked is not null and node.blocked <> 'device' as blocked,
  (select max(member.last_act_at) from node member where member.component = node.component) as last_act_at,
  tombstone.erased_at, tombstone.lifted_at,
  (select count(*) from encounter where encounter.device = root.node)
    + (select count(*) from logout where logout.device = root.node) as spans,
  (
    select jsonb_agg(distinct jsonb_build_array(
      separation.id, separation.a, separation.b, (extract(epoch from separation.t) * 1000)::bigint, separation.stands
    ))
    from (
      select root.node union select member.node from node member where member.component = node.component
    ) as concerned
    join separation on separation.a = concerned.node or separation.b = concerned.node
  ) as separations
from (select distinct asked.node from unnest($1::uuid[]) as asked(node)) as root
left join node on node.node = root.node
left join tombstone on tombstone.node = root.node`;

type ReachRow = {
  readonly root: string;
  readonly role: 'self' | 'own' | 'neighbour' | 'device' | 'device-verified' | 'kiosk';
  readonly node: string;
  readonly namespace: string | null;
  readonly grp: string | null;
  readonly linked_at: Instant | null;
  readonly since: Instant | null;
  readonly erased_at: Instant | null;
};

type SubjectFactRow = FactRow & { readonly node: string; readonly own: boolean };

type CircumstanceRow = {
  readonly node: string;
  readonly blocked: boolean;
  readonly last_act_at: Instant | null;
  readonly erased_at: Instant | null;
  readonly lifted_at: Instant | null;
  readonly spans: bigint;
  readonly separations: readonly SeparationRow[] | null;
};

type SeparationRow = readonly [id: string, a: string, b: string, t: Instant, stands: boolean];

/** What the statements found: the facts that may fold, by node, and the stays during which one of them was said. */
type Found = {
  readonly facts: ReadonlyMap<string, readonly ConsentFact[]>;
  readonly signed: ReadonlySet<string>;
};

/** Reads the consent neighbourhood of many nodes, whatever their number in four statements; one answer for each node. */
export async function readSubjects(sql: Sql, nodes: readonly NodeId[]): Promise<readonly Subject[]> {
  if (nodes.length === 0) return [];
  const ids = nodes.map(uuidOf);
  const circumstances = await sql.query<CircumstanceRow>({ name: 'subject-circumstances', text: CIRCUMSTANCES }, [ids]);
  const reach = await sql.query<ReachRow>({ name: 'subject-reach', text: REACH }, [ids]);
  const facts = await readFacts(sql, reach);
  const found = { facts, signed: await readSigned(sql, reach, facts) };
  const byRoot = Map.groupBy(reach, (row) => row.root);
  return circumstances.map((row) => subjectOf(row, byRoot.get(row.node) ?? [], found));
}

async function readFacts(sql: Sql, reach: readonly ReachRow[]): Promise<Found['facts']> {
  const erased = new Map(reach.map(({ node, erased_at }) => [node, erased_at]));
  const rows = await sql.query<SubjectFactRow>({ name: 'subject-facts', text: FACTS }, [[...erased.keys()]]);
  const facts = new Map<string, ConsentFact[]>();
  for (const row of rows) {
    const fact: ConsentFact = { ...factOf(row), standing: row.own ? 'own' : 'named' };
    const erasedAt = erased.get(row.node) ?? undefined;
    if (isForgotten(fact, erasedAt === undefined ? undefined : { erasedAt })) continue;
    const known = facts.get(row.node);
    if (known === undefined) facts.set(row.node, [fact]);
    else known.push(fact);
  }
  return facts;
}

/** Asks nothing where nothing was decided on a device that a person was seen at. */
async function readSigned(sql: Sql, reach: readonly ReachRow[], facts: Found['facts']): Promise<Found['signed']> {
  const moments = new Map<string, readonly [device: string, component: string, t: Instant]>();
  for (const { role, node, grp } of reach) {
    if (grp === null || (role !== 'device' && role !== 'device-verified')) continue;
    for (const fact of facts.get(node) ?? []) moments.set(momentKey(node, grp, fact), [node, grp, placedAt(fact)]);
  }
  if (moments.size === 0) return new Set();
  const asked = [...moments.values()];
  const rows = await sql.query<{ at: bigint }>({ name: 'subject-signed', text: SIGNED }, [
    asked.map(([device]) => device),
    asked.map(([, component]) => component),
    asked.map(([, , t]) => timestamptz(t)),
  ]);
  const keys = [...moments.keys()];
  return new Set(rows.map(({ at }) => keys[Number(at) - 1] as string));
}

function momentKey(device: string, component: string, fact: ConsentFact): string {
  return `${device} ${component} ${placedAt(fact)}`;
}

function subjectOf(row: CircumstanceRow, reach: readonly ReachRow[], found: Found): Subject {
  const own = reach.filter(({ role }) => role === 'own');
  const neighbours = Map.groupBy(
    reach.filter(({ role }) => role === 'neighbour'),
    ({ grp }) => grp,
  );
  const devices = reach.filter(({ role }) => role === 'device' || role === 'device-verified');
  const factsOf = (rows: readonly { readonly node: string }[]): readonly ConsentFact[] =>
    rows.flatMap(({ node }) => found.facts.get(node) ?? []);
  return {
    node: nodeOf(row.node),
    self: factsOf([row]),
    ...withStays(
      {
        own: factsOf(own.length > 0 ? own : [row]),
        neighbours: [...neighbours.values()].map(factsOf),
      },
      devices.map((device) => stayOf(device, found)),
    ),
    ...(row.last_act_at === null ? {} : { lastActAt: row.last_act_at }),
    ...(row.erased_at === null
      ? {}
      : {
          tombstone: {
            erasedAt: row.erased_at,
            ...(row.lifted_at === null ? {} : { liftedAt: row.lifted_at }),
          },
        }),
    members: own.map(({ node, namespace }): Node => ({ namespace: namespace as Namespace, id: nodeOf(node) })),
    provenOn: devices.flatMap(({ role, node }) => (role === 'device-verified' ? [nodeOf(node)] : [])).sort(),
    separations: standingSeparations((row.separations ?? []).map(separationOf)),
    blocked: row.blocked,
    spans: Number(row.spans),
    dependsOn: [...new Set(reach.map(({ node }) => nodeOf(node)))],
  };
}

function stayOf({ node, role, grp, linked_at, since }: ReachRow, { facts, signed }: Found): DeviceStay {
  return {
    verified: role === 'device-verified',
    linkedAt: linked_at ?? END,
    ...(since === null ? {} : { since }),
    facts: (facts.get(node) ?? []).map((fact) => ({ fact, signedIn: signed.has(momentKey(node, grp ?? '', fact)) })),
  };
}

function separationOf([id, a, b, t, stands]: SeparationRow): Separation {
  return { a: { id: nodeOf(a) }, b: { id: nodeOf(b) }, stands, t, id };
}
