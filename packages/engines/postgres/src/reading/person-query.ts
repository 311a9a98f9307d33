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
import { uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';
import { SEALED_NODE_COLUMNS, type SealedNodeRow, sealedNode } from './sealed-node.ts';

const DEVICES = `('${DEVICE_NAMESPACES.join("', '")}')`;
const COLUMNS = SEALED_NODE_COLUMNS.split(', ');
/** The columns of a node; one of them first, where the parts of the statement share it. */
const of = (table: string, first?: string): string =>
  [...COLUMNS]
    .sort((a, b) => Number(b === first) - Number(a === first))
    .map((column) => `${table}.${column}`)
    .join(', ');
const NO_NODE = `null::uuid as node, null as namespace, null::uuid as component, null as blocked,
  null::bigint as first_position, null::bigint as key_id, null::bytea as sealed`;
const NO_SPAN = 'null::timestamptz as from_t, null::timestamptz as to_t, null::bigint as person';

/**
 * Persons whole, in one statement; for each question whose the identifier was at an instant, or the number it is asked
 * for as; the identifiers of its component; the devices that its map names, that bear its number, or that its identifiers
 * were seen at, with their spans. One row says who; then one for each identifier, and for each span of a device one.
 *
 * Each step is a LATERAL with `offset 0`, which the planner keeps as it is: one look into an index a row.
 */
const PERSONS = {
  name: 'persons',
  text: `
with question as (
  select * from unnest((select $1::uuid[]), (select $2::bigint[]), (select $3::timestamptz[]))
    with ordinality as question(node, number, at, place)
),
asked as (
  select question.place, own.node, own.brand, own.device, own.component,
    coalesce(question.number, (
      select person from thread_span
      where thread_span.node = own.node and from_t <= question.at and question.at < to_t
      order by from_t limit 1
    ), own.thread) as number
  from question cross join lateral (
    select node, brand, namespace in ${DEVICES} as device, component, thread from node
    where node.node = question.node and (question.number is not null or blocked is null or blocked = 'device') offset 0
  ) as own
),
who as (
  select place, node, brand, number, case when not device then component else (
    select node.component from node where node.thread = asked.number and node.component is not null
    order by node.first_position, node.node limit 1
  ) end as component
  from asked where number <> ${NOBODY}
),
member as (
  select who.place, own.* from who cross join lateral (
    select ${of('node')} from node where node.component = who.component and node.blocked is null offset 0
  ) as own
),
near as (
  select place, node from who
  union
  select place, mapped.node from who
    cross join lateral (select node from thread_span where thread_span.person = who.number offset 0) as mapped
  union
  select place, eldest.node from who
    cross join lateral (select node from node where node.thread = who.number offset 0) as eldest
  union
  select place, seen.device from member
    cross join lateral (select device from encounter where encounter.person = member.node offset 0) as seen
),
device as (
  select near.place, own.* from near cross join lateral (
    select ${of('node')} from node where node.node = near.node and node.namespace in ${DEVICES} offset 0
  ) as own
)
select 'who' as part, place, number, brand, ${NO_NODE}, ${NO_SPAN} from who
union all
select 'member', place, null, ${of('member', 'brand')}, ${NO_SPAN} from member
union all
select 'device', place, null, ${of('device', 'brand')}, span.from_t, span.to_t, span.person
from device left join lateral (
  select from_t, to_t, person from thread_span where thread_span.node = device.node offset 0
) as span on true`,
};

type Span = { readonly from_t: Instant | null; readonly to_t: Instant | null; readonly person: bigint | null };
type Row = Span & { readonly place: bigint; readonly brand: string } & (
    | { readonly part: 'who'; readonly number: bigint }
    | ({ readonly part: 'member' | 'device' } & SealedNodeRow)
  );

/** By which identifier a person is asked for, and as whose. */
export type PersonQuestion = {
  readonly node: NodeId;
  readonly whose: { readonly at: Instant } | { readonly number: PersonNumber };
};

/** Answers undefined for an identifier that was never seen, and for one that is nobody's. */
export async function readPersons(
  sql: Sql,
  questions: readonly PersonQuestion[],
): Promise<readonly (PersonParts | undefined)[]> {
  const rows = await sql.query<Row>(PERSONS, [
    questions.map(({ node }) => uuidOf(node)),
    questions.map(({ whose }) => ('number' in whose ? whose.number : null)),
    questions.map(({ whose }) => ('at' in whose ? timestamptz(whose.at) : null)),
  ]);
  const byPlace = Map.groupBy(rows, ({ place }) => Number(place) - 1);
  return questions.map((_, place) => personOf(byPlace.get(place) ?? []));
}

function personOf(rows: readonly Row[]): PersonParts | undefined {
  const members: SealedNode[] = [];
  const devices = new Map<string, SealedNode & { readonly spans: ThreadMapEntry[] }>();
  let who: Pick<PersonParts, 'brand' | 'number'> | undefined;
  for (const row of rows) {
    if (row.part === 'who') who = { brand: row.brand as BrandId, number: row.number.toString() as PersonNumber };
    else if (row.part === 'member') members.push(sealedNode(row));
    else {
      const device = devices.get(row.node) ?? { ...sealedNode(row), spans: [] };
      devices.set(row.node, device);
      const { from_t: from, to_t: to, person } = row;
      if (from === null || to === null || person === null) continue;
      const thread = threadOf(device.node.id);
      device.spans.push({ thread, from, to, person: person.toString() as PersonNumber });
    }
  }
  if (who === undefined) return undefined;
  return { ...who, members: members.sort(byAge), devices: [...devices.values()].sort(byAge) };
}

function byAge(a: SealedNode, b: SealedNode): number {
  return a.firstPosition - b.firstPosition || (a.node.id < b.node.id ? -1 : 1);
}
