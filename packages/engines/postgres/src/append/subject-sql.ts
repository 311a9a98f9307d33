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
)`;

/**
 * Of (device, person, instant) those at which the person was the last to be seen at the device, no other's hour was
 * running, and nobody had logged out (S13).
 */
export const SIGNED = {
  name: 'subject-signed',
  text: `
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
  and not exists (select from logout where logout.device = moment.device and logout.t between seen.own and moment.t)`,
};

/** What is known of the nodes themselves. */
const CIRCUMSTANCES = `
select root.node, node.blocked is not null and node.blocked <> 'device' as is_blocked, tombstone.erased_at, tombstone.lifted_at,
  (select max(member.last_act_at) from node member where member.component = node.component) as last_act_at,
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
from root
left join lateral (select component, blocked from node where node.node = root.node offset 0) as node on true
left join lateral (
  select erased_at, lifted_at from tombstone where tombstone.node = root.node offset 0
) as tombstone on true`;

/** The facts of nodes, each once whatever the number of neighbourhoods that it is in. */
const FACTS = `
select asked.node, told.own, fact.*
from (select distinct node from reach) as asked
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

/** What a node's neighbourhood says of it: steps of a statement that has the nodes in `root (node)`. */
export const NEIGHBOURHOOD = `
${REACH},
circumstance as (${CIRCUMSTANCES}),
entombed as (
  select reach.*, tombstone.erased_at from reach left join lateral (
    select erased_at from tombstone where tombstone.node = reach.node offset 0
  ) as tombstone on true
),
fact as (${FACTS})`;

/** All columns of what they answer: each of the parts fills some. */
export const NEIGHBOURHOOD_COLUMNS = {
  node: 'uuid',
  erased_at: 'timestamptz',
  root: 'uuid',
  role: 'text',
  namespace: 'text',
  grp: 'uuid',
  linked_at: 'timestamptz',
  since: 'timestamptz',
  is_blocked: 'boolean',
  lifted_at: 'timestamptz',
  last_act_at: 'timestamptz',
  spans: 'bigint',
  separations: 'jsonb',
  ledger_position: 'bigint',
  own: 'boolean',
  position: 'bigint',
  record_id: 'uuid',
  purpose: 'text',
  vendor: 'text',
  status: 'text',
  indicated_at: 'timestamptz',
  received_at: 'timestamptz',
  trusted: 'boolean',
  verified: 'boolean',
  signal: 'boolean',
  device: 'text',
  sequence: 'bigint',
} as const;

/** Parts of one answer: the rows of each leave the columns empty that only others fill. */
export type AnswerPart = { readonly name: string; readonly from: string; readonly filled: readonly string[] };

/** Several tables as one answer. `columns`: their names and types. */
export function unionOf(columns: Readonly<Record<string, string>>, parts: readonly AnswerPart[]): string {
  const selected = parts.map(({ name, from, filled }) => {
    const own = Object.entries(columns).map(([column, type]) =>
      filled.includes(column) ? column : `null::${type} as ${column}`,
    );
    return `select '${name}' as part, ${own.join(', ')} from ${from}`;
  });
  return selected.join('\nunion all\n');
}

export const NEIGHBOURHOOD_PARTS: readonly AnswerPart[] = [
  {
    name: 'subject',
    from: 'circumstance, head',
    filled: ['node', 'erased_at', 'is_blocked', 'lifted_at', 'last_act_at', 'spans', 'separations', 'ledger_position'],
  },
  {
    name: 'reach',
    from: 'entombed',
    filled: ['node', 'erased_at', 'root', 'role', 'namespace', 'grp', 'linked_at', 'since'],
  },
  {
    name: 'fact',
    from: 'fact',
    filled: [
      'node',
      'own',
      'position',
      'record_id',
      'purpose',
      'vendor',
      'status',
      'indicated_at',
      'received_at',
      'trusted',
      'verified',
      'signal',
      'device',
      'sequence',
    ],
  },
];

/**
 * Everything in one round trip, at one instant. The list of nodes is hidden behind a subselect, so that the planner
 * expects as many of them whether it sees the list or not: else it takes a list of one for so much cheaper than its
 * general plan that it plans all this anew each time, which costs ten times the look itself.
 */
export const SUBJECTS = {
  name: 'subjects',
  text: `
with root as (select distinct unnest((select $1::uuid[])) as node),
${NEIGHBOURHOOD}
${unionOf(NEIGHBOURHOOD_COLUMNS, NEIGHBOURHOOD_PARTS)}`,
};
