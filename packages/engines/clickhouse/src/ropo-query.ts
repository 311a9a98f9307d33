import { DAY_MS } from '@filrouge/domain/base';
import { isAskedAtTill, type RopoCell, type SampleTally, type Tally } from '@filrouge/domain/measurement';
import type { RopoQuery } from '@filrouge/ports';
import { type PermissionPredicate, permissionPredicate } from './permission-predicate.ts';
import { personJoin, personOf } from './person-map.ts';

/** One part of all persons; of 1 it is everybody. A person's rows are all in the same. */
export type Slice = { readonly at: number; readonly of: number };
const EVERYBODY: Slice = { at: 0, of: 1 };

/** How many receipts an event of the question has; each once, as it was first, has to be sorted out where several. */
export type Receipts = 'one' | 'perhaps-several';

export type Statement = { readonly query: string; readonly parameters: Readonly<Record<string, unknown>> };

/** What is bought and what is research, by direction. */
const SIDES = {
  'online-to-store': { purchase: "kind = 'ticket'", research: "kind IN ('page', 'screen', 'track') AND terminal" },
  'store-to-online': { purchase: "kind = 'order'", research: "kind = 'ticket' AND receipt_type = 'sale'" },
} as const;

const PURCHASE_COLUMNS =
  'event_id, thread, device, t, c, purposes, bot, terminal, store, property, currency, amount, researched, skus, categories, line_amounts';

/** As a condition on the number of a person; undefined where everybody is meant. */
function within({ at, of }: Slice): ((person: string) => string) | undefined {
  return of === 1 ? undefined : (person) => `intHash64(${person}) % ${of} = ${at}`;
}

/** Threads whose research can matter, after `namedOnce`. */
const NEAR = 'SELECT arrayJoin(near)';
/** Threads of purchases that might be usable, after `namedOnce`. */
const BUYERS = 'SELECT arrayJoin(buyers)';

/**
 * One statement: purchases on the left, the research of each person as one array on the right. Consent is decided on
 * both sides before they meet, by the generated predicate. Of research, and of what is known of threads, only that of
 * persons who may have bought is read: most visitors never buy. Analysing the index for such a set of threads costs
 * more than the whole statement, for every granule has some of them. Slices that are together everybody give cells
 * that add up to the whole's; what a statement holds in memory is as small as its slice.
 */
export function ropoStatement(
  query: RopoQuery,
  slice: Slice = EVERYBODY,
  receipts: Receipts = 'perhaps-several',
): Statement {
  const { direction, by } = query;
  const isWanted = within(slice);
  const purchase = permissionPredicate({
    ...query.permission,
    rows: 'e',
    from: direction === 'online-to-store' ? 'elsewhere' : 'anywhere',
    // Both hold every claim of a purchase that may be usable: buyers are fewer, what is near is cut with the slice.
    among: { claims: slice.of === 1 ? BUYERS : NEAR },
  });
  const bought = purchasesOf(query);
  const key = by === 'category' ? "''" : direction === 'online-to-store' ? 'e.store' : 'e.property';
  const purchases = `SELECT e.t AS t, ${key} AS place, e.currency AS currency, e.amount AS amount, e.researched AS researched,
      e.skus AS skus, e.categories AS categories, e.line_amounts AS line_amounts,
      ${personOf('e')} AS person, person != 0 AND ${purchase.condition} AS usable
    FROM (${receipts === 'one' ? `SELECT ${PURCHASE_COLUMNS} FROM event WHERE ${bought}` : firstReceipts(bought)}) AS e
    ${personJoin('e', { isWanted })}
    ${purchase.joins}`;
  return {
    query: `WITH ${receipts === 'one' ? '' : `(SELECT groupArray(event_id) FROM (${twice(bought)})) AS twice,`} ${namedOnce(bought, purchase, isWanted)}
      SELECT ${by === 'category' ? 'category' : 'place'} AS key, formatDateTime(t, '%Y-%m') AS month, currency, ${TALLIES}
      FROM (
        SELECT p.t AS t, p.place AS place, p.currency AS currency, ${by === 'category' ? CATEGORY_VALUES : 'p.amount AS value'},
          p.person AS person, p.usable AS usable,
          usable AND (notEmpty(research.seen) OR ${givenTerminal(query)}) AS observable, usable AND ${precedes(query)} AS hit,
          ${isAskedAtTill(query)} AND p.researched != '' AS asked, asked AND p.researched = 'yes' AS confirmed
        FROM (${purchases}) AS p
        LEFT ANY JOIN (${researchByPerson(query, slice)}) AS research ON research.person = p.person
        ${isWanted === undefined ? '' : `WHERE ${isWanted('p.person')}`}
      )
      GROUP BY key, month, currency ORDER BY key, month, currency
      SETTINGS use_index_for_in_with_subqueries = 0`,
    parameters: { ...purchase.parameters, ...boundsOf(query), window_ms: query.window * DAY_MS },
  };
}

/**
 * One row where an event of the question has several receipts, none where each has one. Asked by itself, it is done
 * while the engine analyses the question, which is shorter for it.
 */
export function severalReceiptsStatement(query: RopoQuery): Statement {
  return { query: `${twice(purchasesOf(query))} LIMIT 1`, parameters: boundsOf(query) };
}

function boundsOf({ brand, from, to }: RopoQuery): Readonly<Record<string, unknown>> {
  return { brand, from: seconds(from), to: seconds(to) };
}

function twice(bought: string): string {
  return `SELECT event_id FROM event WHERE ${bought} GROUP BY event_id HAVING count() > 1`;
}

/** Sorting all purchases by their first receipt is dear: only those are sorted of which two may stand. */
function firstReceipts(bought: string): string {
  return `
      SELECT ${PURCHASE_COLUMNS} FROM event WHERE ${bought} AND event_id NOT IN (SELECT arrayJoin(twice))
      UNION ALL
      SELECT ${PURCHASE_COLUMNS} FROM (
        SELECT ${PURCHASE_COLUMNS}, position, item FROM event
        WHERE notEmpty(twice) AND ${bought} AND event_id IN (SELECT arrayJoin(twice))
        ORDER BY position, item LIMIT 1 BY event_id)`;
}

function purchasesOf({ direction }: RopoQuery): string {
  return `brand = {brand:String} AND ${SIDES[direction].purchase} AND receipt_type = 'sale' AND NOT bot
    AND t >= {from:DateTime64(3, 'UTC')} AND t < {to:DateTime64(3, 'UTC')}`;
}

/**
 * What is asked in several places, each as one value, which the engine computes once. `buyers`: threads of purchases
 * that might be usable; `theirs`: whose those may be; `near`: the threads that any of these may have. They may name
 * one twice, and versions of the map that have been replaced only add to them, so that it is read as it lies.
 */
function namedOnce(
  bought: string,
  { onRow, mayPass }: PermissionPredicate,
  isWanted: ((person: string) => string) | undefined,
): string {
  const ofBuyers = `FROM event AS e WHERE ${bought} AND thread != 0 AND ${onRow}`;
  const buyers =
    mayPass === undefined
      ? `SELECT groupUniqArray(thread) ${ofBuyers}`
      : `SELECT groupArray(thread) FROM (${mayPass} AND thread IN (SELECT thread ${ofBuyers}))`;
  const persons = 'arrayConcat(buyers, groupArrayArray(persons))';
  const theirs = isWanted === undefined ? persons : `arrayFilter(one -> ${isWanted('one')}, ${persons})`;
  return `(${buyers}) AS buyers,
      (SELECT ${theirs} FROM thread_person WHERE brand = {brand:String} AND thread IN (${BUYERS})) AS theirs,
      (SELECT arrayConcat(theirs, groupArray(thread)) FROM thread_person ARRAY JOIN persons AS person
        WHERE brand = {brand:String} AND person IN (SELECT arrayJoin(theirs))) AS near`;
}

/** An instant as a DateTime64 parameter: seconds with three decimals, which parse exactly. */
export function seconds(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : '';
  const whole = Math.abs(milliseconds);
  return `${sign}${Math.trunc(whole / 1000)}.${String(whole % 1000).padStart(3, '0')}`;
}

/** Person -> `seen`: one entry at least if any usable research is known; `at` and `tokens`: what the window can reach. */
function researchByPerson(query: RopoQuery, slice: Slice): string {
  const online = query.direction === 'online-to-store';
  const { research } = SIDES[query.direction];
  const near = `brand = {brand:String} AND ${research} AND t < {to:DateTime64(3, 'UTC')} AND thread IN (${NEAR})`;
  const allowed = permissionPredicate({
    ...query.permission,
    rows: 'e',
    from: online ? 'terminals' : 'elsewhere',
    // To ask for the terminals costs one more pass: it pays where memory is what lacks.
    among: { claims: NEAR, ...(slice.of === 1 ? {} : { terminals: `SELECT device FROM event WHERE ${near}` }) },
  });
  const tokens = query.match === 'any' ? '' : `, ${query.match === 'sku' ? 'skus' : 'categories'} AS tokens`;
  const reach = `t >= subtractMilliseconds({from:DateTime64(3, 'UTC')}, {window_ms:UInt64})`;
  return `SELECT person, [1] AS seen, groupArrayIf(t, ${reach}) AS at
      ${query.match === 'any' ? '' : `, groupArrayIf(tokens, ${reach}) AS tokens`}
    FROM (
      SELECT ${personOf('e')} AS person, e.t AS t ${query.match === 'any' ? '' : ', e.tokens AS tokens'}
      FROM (
        SELECT thread, device, t, c, purposes, bot, terminal${tokens} FROM event AS e
        WHERE ${near} AND ${allowed.onRow}
      ) AS e
      ${personJoin('e', { among: NEAR })}
      ${allowed.joins}
      WHERE ${allowed.condition}
    )
    WHERE person != 0 GROUP BY person`;
}

/** Strictly before, and at most a window before; in strict mode with a product or category in common. */
function precedes(query: RopoQuery): string {
  const within = 'x < p.t AND x >= subtractMilliseconds(p.t, {window_ms:UInt64})';
  if (query.match === 'any') return `arrayExists(x -> ${within}, research.at)`;
  const mine = query.match === 'sku' ? 'p.skus' : 'p.categories';
  // What a lambda names of its row is copied for each visit: here an instant, and not all that the ticket has.
  return `hasAny(arrayFlatten(arrayFilter((tokens, x) -> ${within}, research.tokens, research.at)), ${mine})`;
}

/** The person has a terminal that says yes, though nothing was seen of it yet. */
function givenTerminal({ direction, permission }: RopoQuery): string {
  const { purpose, use } = permission;
  if (direction !== 'online-to-store' || purpose.basis !== 'consent' || !purpose.scope.device) return 'false';
  const alive = use === 'aggregate' ? '' : "AND device_until > fromUnixTimestamp64Milli({permission_now:Int64}, 'UTC')";
  return `p.person IN (
    SELECT arrayJoin(persons) FROM thread_person FINAL WHERE brand = {brand:String} AND thread IN (
      SELECT thread FROM consent_state FINAL
      WHERE brand = {brand:String} AND bit = {permission_bit:UInt8} AND device = 'given' AND thread IN (${NEAR}) ${alive}))`;
}

/** One row per category of a purchase, worth what its lines of that category cost. */
const CATEGORY_VALUES = `arrayJoin(arrayDistinct(p.categories)) AS category,
  arraySum((amount, of) -> if(of = category, amount, 0), arrayResize(p.line_amounts, length(p.categories)), p.categories) AS value`;

const TALLIES = `count() AS all_count, sum(value) AS all_value,
  countIf(person != 0) AS identified_count, sumIf(value, person != 0) AS identified_value,
  countIf(usable) AS consented_count, sumIf(value, usable) AS consented_value,
  ${sample('observable')}, ${sample('hit')},
  countIf(asked) AS asked_count, sumIf(value, asked) AS asked_value,
  sumIf(toFloat64(value) * toFloat64(value), asked) AS asked_squares,
  countIf(confirmed) AS confirmed_count, sumIf(value, confirmed) AS confirmed_value`;

function sample(flag: string): string {
  return `countIf(${flag}) AS ${flag}_count, sumIf(value, ${flag}) AS ${flag}_value,
    sumIf(toFloat64(value) * toFloat64(value), ${flag}) AS ${flag}_squares, uniqExactIf(person, ${flag}) AS ${flag}_persons`;
}

type Group = 'all' | 'identified' | 'consented' | 'observable' | 'hit' | 'asked' | 'confirmed';
type StoredCell = { readonly key: string; readonly month: string; readonly currency: string } & {
  readonly [tally in `${Group}_${'count' | 'value' | 'squares' | 'persons'}`]: string;
};

export function readRopoCell(stored: unknown): RopoCell {
  const row = stored as StoredCell;
  const tally = (group: Group): Tally => ({
    count: Number(row[`${group}_count`]),
    valueMinor: Number(row[`${group}_value`]),
  });
  const sampled = (group: Group): SampleTally => ({
    ...tally(group),
    valueSquares: Number(row[`${group}_squares`]),
    persons: Number(row[`${group}_persons`]),
  });
  return {
    key: row.key,
    month: row.month,
    currency: row.currency,
    all: tally('all'),
    identified: tally('identified'),
    consented: tally('consented'),
    observable: sampled('observable'),
    ropo: sampled('hit'),
    asked: { ...tally('asked'), valueSquares: Number(row.asked_squares) },
    confirmed: tally('confirmed'),
  };
}
