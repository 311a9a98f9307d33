import type { Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import {
  DEVICE_NAMESPACES,
  NOBODY,
  type NodeId,
  type PersonNumber,
  type ThreadMapEntry,
  threadOf,
} from '@filrouge/domain/identity';
import type { PersonParts, SealedNode } from '@filrouge/ports';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';
import { SEALED_NODE_COLUMNS, type SealedNodeRow, sealedNode } from './sealed-node.ts';

const DEVICES = `('${DEVICE_NAMESPACES.join("', '")}')`;
const COLUMNS = SEALED_NODE_COLUMNS.split(', ');
const of = (table: string): string => COLUMNS.map((column) => `${table}.${column}`).join(', ');
const NO_NODE = `null::uuid as node, null as brand, null as namespace, null::uuid as component, null as blocked,
  null::bigint as first_position, null::bigint as key_id, null::bytea as sealed`;
const NO_SPAN = 'null::timestamptz as from_t, null::timestamptz as to_t, null::bigint as person';

/**
 * A person whole, in one statement: whose the identifier ($1) was at an instant ($3), or the number ($2) it is asked for
 * as; the identifiers of its component; the devices that its map names, that bear its number, or that its identifiers
 * were seen at, with their spans. One row says who; then one for each identifier, and for each span of a device one.
 *
 * Each step is a LATERAL with `offset 0`, which the planner keeps as it is: one look into an index a row.
 */
const PERSON = {
  name: 'person',
  text: `
with asked as (
  select node, brand, namespace in ${DEVICES} as device, component,
    coalesce($2::bigint, (
      select person from thread_span
      where thread_span.node = node.node and from_t <= $3::timestamptz and $3::timestamptz < to_t
      order by from_t limit 1
    ), thread) as number
  from node where node = $1 and ($2::bigint is not null or blocked is null or blocked = 'device')
),
who as (
  select node, brand, number, case when not device then component else (
    select node.component from node where node.thread = asked.number and node.component is not null
    order by node.first_position, node.node limit 1
  ) end as component
  from asked where number <> ${NOBODY}
),
member as (
  select own.* from who cross join lateral (
    select ${of('node')} from node where node.component = who.component and node.blocked is null offset 0
  ) as own
),
near as (
  select node from who
  union
  select mapped.node from who
    cross join lateral (select node from thread_span where thread_span.person = who.number offset 0) as mapped
  union
  select eldest.node from who
    cross join lateral (select node from node where node.thread = who.number offset 0) as eldest
  union
  select seen.device from member
    cross join lateral (select device from encounter where encounter.person = member.node offset 0) as seen
),
device as (
  select own.* from near cross join lateral (
    select ${of('node')} from node where node.node = near.node and node.namespace in ${DEVICES} offset 0
  ) as own
)
select 'who' as part, number, who.brand as of_brand, ${NO_NODE}, ${NO_SPAN} from who
union all
select 'member', null, null, ${of('member')}, ${NO_SPAN} from member
union all
select 'device', null, null, ${of('device')}, span.from_t, span.to_t, span.person
from device left join lateral (
  select from_t, to_t, person from thread_span where thread_span.node = device.node offset 0
) as span on true`,
};

type Span = { readonly from_t: Instant | null; readonly to_t: Instant | null; readonly person: bigint | null };
type Row = Span &
  (
    | { readonly part: 'who'; readonly number: bigint; readonly of_brand: string }
    | ({ readonly part: 'member' | 'device' } & SealedNodeRow)
  );

/** Answers undefined for an identifier that was never seen, and for one that is nobody's. */
export async function readPerson(
  sql: Sql,
  node: NodeId,
  whose: { readonly at: Instant } | { readonly number: PersonNumber },
): Promise<PersonParts | undefined> {
  const asked = 'number' in whose ? [whose.number, null] : [null, timestamptz(whose.at)];
  const rows = await sql.query<Row>(PERSON, [uuidOf(node), ...asked]);
  const members: SealedNode[] = [];
  const devices = new Map<string, SealedNode & { readonly spans: ThreadMapEntry[] }>();
  let who: Pick<PersonParts, 'brand' | 'number'> | undefined;
  for (const row of rows) {
    if (row.part === 'who') who = { brand: row.of_brand as BrandId, number: row.number.toString() as PersonNumber };
    else if (row.part === 'member') members.push(sealedNode(row));
    else {
      const device = devices.get(row.node) ?? { ...sealedNode(row), spans: [] };
      devices.set(row.node, device);
      const { from_t: from, to_t: to, person } = row;
      if (from === null || to === null || person === null) continue;
      const thread = threadOf(nodeOf(row.node));
      device.spans.push({ thread, from, to, person: person.toString() as PersonNumber });
    }
  }
  return who === undefined
    ? undefined
    : { ...who, members: members.sort(byAge), devices: [...devices.values()].sort(byAge) };
}

function byAge(a: SealedNode, b: SealedNode): number {
  return a.firstPosition - b.firstPosition || (a.node.id < b.node.id ? -1 : 1);
}
