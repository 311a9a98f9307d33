import { DEVICE_NAMESPACES, NOBODY } from '@filrouge/domain/identity';
import { NEIGHBOURHOOD, NEIGHBOURHOOD_COLUMNS, NEIGHBOURHOOD_PARTS, unionOf } from '../append/subject-sql.ts';
import { SEALED_NODE_COLUMNS } from './sealed-node.ts';

const DEVICES = `('${DEVICE_NAMESPACES.join("', '")}')`;
const NODE = SEALED_NODE_COLUMNS.split(', ');
const NODE_COLUMNS = NODE.map((column) => `node.${column}`).join(', ');

/** All columns of the answer: each of its parts fills some. */
const COLUMNS = {
  ...NEIGHBOURHOOD_COLUMNS,
  place: 'bigint',
  number: 'bigint',
  brand: 'text',
  component: 'uuid',
  blocked: 'text',
  first_position: 'bigint',
  key_id: 'bigint',
  sealed: 'bytea',
  from_t: 'timestamptz',
  to_t: 'timestamptz',
  person: 'bigint',
};

/**
 * Persons whole, in one statement; for each question whose the identifier was at an instant, or the number it is asked
 * for as; the identifiers of its component; the devices that its map names, that bear its number, or that its identifiers
 * were seen at, with their spans. One row says who; then one for each identifier, and for each span of a device one.
 * Then, once for all questions, how these identifiers and devices stand (`subject-sql.ts`), and what was stated on them.
 *
 * Each step is a LATERAL with `offset 0`, which the planner keeps as it is: one look into an index a row.
 */
export const PERSONS = {
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
joined as (
  select who.place, own.* from who cross join lateral (
    select ${NODE_COLUMNS} from node where node.component = who.component and node.blocked is null offset 0
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
  select place, seen.device from joined
    cross join lateral (select device from encounter where encounter.person = joined.node offset 0) as seen
),
terminal as (
  select near.place, own.* from near cross join lateral (
    select ${NODE_COLUMNS} from node where node.node = near.node and node.namespace in ${DEVICES} offset 0
  ) as own
),
used as (
  select terminal.*, span.* from terminal left join lateral (
    select from_t, to_t, person from thread_span where thread_span.node = terminal.node offset 0
  ) as span on true
),
root as (select node from joined union select node from terminal),
${NEIGHBOURHOOD},
stated as (
  select held.* from root cross join lateral (
    select node, brand, key_id, sealed from trait_history where trait_history.node = root.node offset 0
  ) as held
)
${unionOf(COLUMNS, [
  { name: 'who', from: 'who, head', filled: ['place', 'number', 'brand', 'ledger_position'] },
  { name: 'identifier', from: 'joined', filled: ['place', ...NODE] },
  { name: 'terminal', from: 'used', filled: ['place', ...NODE, 'from_t', 'to_t', 'person'] },
  { name: 'stated', from: 'stated', filled: ['node', 'brand', 'key_id', 'sealed'] },
  ...NEIGHBOURHOOD_PARTS,
])}`,
};
