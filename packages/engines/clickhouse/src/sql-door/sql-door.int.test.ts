import { type Instant, instant } from '@filrouge/domain/base';
import type { ConsentState } from '@filrouge/domain/consent';
import { BEGINNING, END, type PersonNumber, type Thread } from '@filrouge/domain/identity';
import {
  type ConsentStanding,
  createMemoryEventStore,
  type EventRow,
  type EventStore,
  type SqlAnswer,
  type SqlDoor,
  type SqlQuestion,
  type SqlRefusal,
  type ThreadSpans,
} from '@filrouge/ports';
import {
  ATELIER,
  belongsTo,
  forUse,
  given,
  line,
  MAISON,
  ORDER_FULFILMENT,
  pageView,
  refused,
  STORE_MEASUREMENT,
  standing,
  thread,
  ticket,
  utc,
} from '@filrouge/ports/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClickHouseConnection } from '../clickhouse-connection.ts';
import { createClickHouseEventStore } from '../clickhouse-event-store.ts';
import { migrate } from '../migrate.ts';
import { openTestClickHouse, stopTestClickHouse } from '../testing/open-test-clickhouse.ts';
import { createClickHouseSqlDoor, SQL_LIMITS, type SqlLimits } from './clickhouse-sql-door.ts';

let connection: ClickHouseConnection;
let store: EventStore;
let door: SqlDoor;
let generation = 0;

beforeAll(async () => {
  connection = await openTestClickHouse();
  await migrate(connection);
  store = createClickHouseEventStore(connection);
  door = createClickHouseSqlDoor(connection);
});
beforeEach(async () => {
  generation += 1;
  await store.reset(`g${generation}`);
});
afterAll(async () => {
  await door.close();
  await store.close();
  await stopTestClickHouse();
});

const NOW = '2026-11-05T00:00';
const permission = forUse('individual', NOW);
const keep = (...rows: readonly EventRow[]): Promise<void> =>
  store.insertRange({ generation: `g${generation}`, from: 1, to: 1 }, rows);

async function ask(text: string, more: Partial<SqlQuestion> = {}, through = door): Promise<SqlAnswer> {
  const answer = await through.ask({ brand: ATELIER, permission, text, parameters: {}, rowsMax: 1_000, ...more });
  if (!answer.ok) throw new Error(`${text} was refused: ${JSON.stringify(answer.refusal)}`);
  return answer.value;
}
async function refusal(text: string, through = door): Promise<SqlRefusal> {
  const answer = await through.ask({ brand: ATELIER, permission, text, parameters: {}, rowsMax: 1_000 });
  if (answer.ok) throw new Error(`${text} was answered`);
  return answer.refusal;
}
const figure = async (text: string, more: Partial<SqlQuestion> = {}): Promise<unknown> =>
  (await ask(text, more)).rows[0]?.[0];

const yes = given('2026-11-01T00:00');
const says = (of: number, state: ConsentState): ConsentStanding =>
  standing(thread(of), { device: state, person: state });

describe('views', () => {
  test.each(['events', 'tickets', 'orders', 'lines', 'touches', 'persons'])(
    '%s has the columns that are told',
    async (name) => {
      const table = door.tables.find((each) => each.name === name);
      const { columns, rows } = await ask(`SELECT * FROM ${name}`);
      expect(columns).toEqual(table?.columns.map(({ name: column, type }) => ({ name: column, type })));
      expect(rows).toEqual([]);
    },
  );

  test('a ticket is an event, a receipt, its lines and part of a person, money in minor units', async () => {
    const lines = [line('A-1', 'shoes', 4_000), line('B-1', '', 1_000)];
    const bought = ticket({ t: utc('2026-11-04T10:00:00.123'), thread: thread(7), lines });
    await keep(bought, pageView({ t: utc('2026-11-04T09:00'), thread: thread(7), clear: { path: '/a' } }));
    await store.putConsentStates([says(7, yes), says(8, yes)], 1);
    await store.putThreadSpans([belongsTo(thread(7), thread((1n << 62n) + 1n))], 1);
    const person = String((1n << 62n) + 1n);
    expect((await ask('SELECT * FROM tickets')).rows).toEqual([
      [bought.eventId, '2026-11-04T10:00:00.123Z', '2026-11-04T10:00:00.123Z', 'sale', 'lyon',
        'shop', 'till', 'store', 'EUR', 5_000, 833, 2, '', person],
    ]); // biome-ignore format: one row
    expect((await ask('SELECT line, sku, category, amount_minor FROM lines ORDER BY line')).rows).toEqual([
      [1, 'A-1', 'shoes', 4_000],
      [2, 'B-1', '', 1_000],
    ]);
    expect((await ask("SELECT kind, properties['path'], skus FROM events ORDER BY time")).rows).toEqual([
      ['page', '/a', []],
      ['ticket', '', ['A-1', 'B-1']],
    ]);
    expect((await ask('SELECT * FROM persons')).rows).toEqual([
      [person, '2026-11-04T09:00:00.000Z', '2026-11-04T10:00:00.123Z', 2, 1, 0, { EUR: '5000' }],
    ]);
  });

  test('an event that came with a campaign is a touch', async () => {
    const clear = { campaign_name: 'winter', campaign_source: 'letter', category: 'lamps' };
    await keep(pageView({ t: utc('2026-11-04T10:00'), clear }), pageView({ t: utc('2026-11-04T11:00') }));
    await store.putConsentStates([says(1, yes)], 1);
    const touches = 'SELECT campaign, campaign_source, campaign_medium, person FROM touches';
    expect((await ask(touches)).rows).toEqual([['winter', 'letter', '', 1]]);
  });

  test('S1: a brand reads its own events; a span bounds them; an event that was received twice is one', async () => {
    const seen = pageView({ t: utc('2026-11-02T10:00') });
    await keep(seen, { ...seen, position: seen.position + 9 }, pageView({ t: utc('2026-11-03T10:00') }));
    await store.putConsentStates([says(1, yes)], 1);
    expect(await figure('SELECT count() FROM events')).toBe(2);
    expect(await figure('SELECT count() FROM events', { brand: MAISON })).toBe(0);
    expect(await figure('SELECT count() FROM events', { from: utc('2026-11-02T11:00') })).toBe(1);
    expect(await figure('SELECT count() FROM events', { to: utc('2026-11-02T10:00') })).toBe(0);
  });

  test('parameters, rows beyond the limit, and the query’s own tables', async () => {
    await keep(...[1, 2, 3].map((day) => pageView({ t: utc(`2026-11-0${day}T10:00`) })));
    await store.putConsentStates([says(1, yes)], 1);
    const day = 'SELECT count() FROM events WHERE toDate(time) >= {day:Date} AND name IN {names:Array(String)}';
    expect(await figure(day, { parameters: { day: '2026-11-02', names: ['Page Viewed', 'it\'s "x"'] } })).toBe(2);
    expect(await ask('SELECT time FROM events ORDER BY time DESC', { rowsMax: 2 })).toMatchObject({
      rows: [['2026-11-03T10:00:00.000Z'], ['2026-11-02T10:00:00.000Z']],
      truncated: true,
    });
    const own = `WITH days AS (SELECT toDate(time) AS day, count() AS n FROM events GROUP BY day), last AS (SELECT max(day) AS day FROM days)
      SELECT n FROM days WHERE day IN (SELECT day FROM last) UNION ALL SELECT count() FROM days -- done
      ;`;
    expect((await ask(own)).rows.flat()).toEqual(expect.arrayContaining([1, 3]));
    expect(await figure('WITH mine AS (SELECT 1 AS x) SELECT 1 IN mine FROM mine')).toBe(1);
  });
});

describe('S10: the permission', () => {
  test('who withdraws is gone with the next query, from every view', async () => {
    await keep(
      ticket({ t: utc('2026-11-04T10:00'), lines: [line('A', 'a', 1)] }),
      pageView({ t: utc('2026-11-04T11:00') }),
    );
    await store.putConsentStates([says(1, yes)], 1);
    const all =
      'SELECT (SELECT count() FROM events), (SELECT count() FROM tickets), (SELECT count() FROM lines), (SELECT count() FROM persons)';
    expect((await ask(all)).rows).toEqual([[2, 1, 1, 1]]);
    await store.putConsentStates([says(1, refused('2026-11-04T12:00'))], 2);
    expect((await ask(all)).rows).toEqual([[0, 0, 0, 0]]);
  });

  const rows = () => [
    pageView({ t: utc('2026-11-04T10:00'), thread: thread(1), clear: { path: '7' } }),
    pageView({ t: utc('2026-11-04T10:00'), thread: thread(2), clear: { path: 'no number' } }),
    ticket({ t: utc('2026-11-04T11:00'), thread: thread(1), lines: [line('7', '7', 1)] }),
    ticket({ t: utc('2026-11-04T11:00'), thread: thread(2), lines: [line('no number', 'x', 1)] }),
  ];
  const NUMBER = "toUInt8(if(empty(properties['path']), '7', properties['path']))";
  test.each([
    `SELECT count() FROM events WHERE ${NUMBER} = 7`,
    `SELECT sum(${NUMBER}) FROM events`,
    `SELECT count() FROM events GROUP BY ${NUMBER}`,
    `SELECT 1 FROM events ORDER BY ${NUMBER} LIMIT 1`,
    `SELECT count() FROM events HAVING max(${NUMBER}) = 7`,
    `SELECT count() FROM (SELECT * FROM events WHERE person IS NOT NULL) WHERE ${NUMBER} = 7`,
    `SELECT count() FROM events AS a JOIN events AS b ON ${NUMBER.replaceAll('properties', 'a.properties')} = b.person + 6`,
    `SELECT count() FROM events AS a, tickets AS b WHERE ${NUMBER.replaceAll('properties', 'a.properties')} = 7`,
    `SELECT count() FROM persons WHERE person IN (SELECT person FROM events WHERE ${NUMBER} = 7)`,
    `WITH x AS (SELECT ${NUMBER} AS n FROM events) SELECT count() FROM x WHERE n = 7`,
    `SELECT count() FROM events ARRAY JOIN [${NUMBER}] AS n WHERE n = 7`,
    'SELECT count() FROM lines WHERE toUInt8(sku) = 7',
    'SELECT count() FROM tickets AS a JOIN lines AS b ON a.event_id = b.event_id WHERE toUInt8(b.sku) = 7',
    'SELECT count() FROM events WHERE intDiv(1, person != 2) = 1',
    'SELECT count() FROM persons WHERE intDiv(1, person != 2) = 1',
    'SELECT count() FROM tickets WHERE intDiv(1, person != 2) = 1',
  ])('a row that nobody permitted cannot make a query fail, and so be known: %s', async (text) => {
    await keep(...rows());
    await store.putConsentStates([says(1, yes)], 1);
    await ask(text);
    // The same with the permission: it fails, and tells no value of a row.
    await store.putConsentStates([says(2, yes)], 1);
    const told = await refusal(text);
    expect(told.code).toBe('failed');
    expect(JSON.stringify(told)).not.toContain('no number');
  });

  test('for any world, events are what the timeline permits, each its person’s', async () => {
    let permitted = 0;
    await fc.assert(
      fc.asyncProperty(world, async ({ events, maps, states }) => {
        const standings = states.map(
          ({ device, person }, n): ConsentStanding => ({
            ...standing(thread(n + 1), {
              ...(device === undefined ? {} : { device }),
              ...(person === undefined ? {} : { person }),
            }),
          }),
        );
        const spans = maps.map(spansOf);
        const memory = createMemoryEventStore();
        const name = `world${events[0]?.eventId}`;
        for (const each of [memory, store]) {
          await each.reset(name);
          await each.insertRange({ generation: name, from: 1, to: 1 }, events);
          await each.putThreadSpans(spans, 1);
          await each.putConsentStates(standings, 1);
        }
        for (const purpose of [STORE_MEASUREMENT, ORDER_FULFILMENT]) {
          const asked = { purpose, use: 'individual', now: instant(START + 30 * HOUR_MS) } as const;
          const expected = new Map<string, number>();
          for (let n = 0; n <= THREADS; n += 1) {
            const threads = [{ thread: thread(n), from: BEGINNING, to: END }];
            const page = await memory.timeline({ brand: ATELIER, threads, permission: asked, limit: 1_000 });
            for (const { t } of page.rows) {
              const whose = personAt(spans, thread(n), t);
              expected.set(whose, (expected.get(whose) ?? 0) + 1);
            }
          }
          const answer = await ask('SELECT toString(ifNull(person, 0)), count() FROM events GROUP BY person', {
            permission: asked,
          });
          expect(new Map(answer.rows as [string, number][])).toEqual(expected);
          const total = [...expected.values()].reduce((sum, n) => sum + n, 0);
          expect(await figure('SELECT count() FROM events', { permission: asked })).toBe(total);
          permitted += total;
        }
      }),
      { numRuns: 5, endOnFailure: true },
    );
    expect(permitted).toBeGreaterThan(50);
  }, 60_000);
});

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 9, 20);
const THREADS = 12;
const hour = fc.integer({ min: 0, max: 48 }).map((hours) => instant(START + hours * HOUR_MS));
const anyThread = fc.integer({ min: 0, max: THREADS }).map((number) => thread(number));
const event: fc.Arbitrary<EventRow> = fc
  .record({
    t: hour,
    thread: anyThread,
    device: anyThread,
    purposes: fc.constantFrom(1n << 12n, 1n << 12n, (1n << 12n) | 1n, 1n),
    bot: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    isTicket: fc.boolean(),
  })
  .map(({ isTicket, ...row }) => (isTicket ? ticket(row) : pageView(row)));
const state: fc.Arbitrary<ConsentState | undefined> = fc.option(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ runSince: hour, followsNegative: fc.boolean(), until: hour }).map((run): ConsentState => ({
      ...run, kind: 'given', since: run.runSince, position: 1, recordId: 'record' })) },
    { weight: 1, arbitrary: hour.map((since): ConsentState => ({ kind: 'refused', since, position: 1 })) },
  ),
  { nil: undefined },
); // biome-ignore format: one state a line
const world = fc.record({
  events: fc.array(event, { minLength: 60, maxLength: 120, size: 'max' }),
  maps: fc.uniqueArray(
    fc.record({ of: fc.integer({ min: 1, max: THREADS }), cut: hour, persons: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })) }),
    { selector: ({ of }) => of, maxLength: 8 },
  ),
  states: fc.array(fc.record({ device: state, person: state }), { minLength: THREADS, maxLength: THREADS }),
}); // biome-ignore format: one part a line

function spansOf({ of, cut, persons }: { readonly of: number; readonly cut: Instant; readonly persons: readonly [number, number] }): ThreadSpans {
  const [before, after] = persons.map((person) => String(person) as PersonNumber) as [PersonNumber, PersonNumber];
  const spans = [{ from: BEGINNING, to: cut, person: before }, { from: cut, to: END, person: after }];
  return { brand: ATELIER, thread: thread(of), spans };
} // biome-ignore format: two spans

function personAt(maps: readonly ThreadSpans[], of: Thread, t: Instant): string {
  const spans = maps.find((each) => each.thread === of)?.spans ?? [];
  return spans.find(({ from, to }) => t >= from && t < to)?.person ?? of;
}

describe('limits', () => {
  const MANY = '(SELECT arrayJoin(range(1000000)) AS x)';
  const limited = (more: Partial<SqlLimits>): SqlDoor =>
    createClickHouseSqlDoor(connection, { ...SQL_LIMITS, ...more });

  test.each([
    `SELECT count() FROM ${MANY} AS a, ${MANY} AS b WHERE a.x + b.x = 7`,
    `SELECT count() FROM ${MANY} AS a JOIN ${MANY} AS b ON a.x % 2 = b.x % 2`,
    `SELECT sum(arraySum(arrayMap(y -> sipHash64(y, x), range(100000)))) FROM ${MANY}`,
    'SELECT sum(arraySum(arrayMap(y -> sipHash64(y, x), range(10000000)))) FROM (SELECT arrayJoin(range(1000)) AS x)',
    `SELECT max(length(replaceRegexpAll(repeat('a', 100000), '(a|aa)+b', toString(x)))) FROM ${MANY}`,
  ])('what would run for ever is stopped in its time, and the server goes on: %s', async (text) => {
    const short = limited({ seconds: 1 });
    const started = performance.now();
    expect((await refusal(text, short)).code).toMatch(/^(?:time|memory)$/);
    expect(performance.now() - started).toBeLessThan(8_000);
    expect((await ask('SELECT 1', {}, short)).rows).toEqual([[1]]);
    await short.close();
  });

  test.each([
    'SELECT length(groupArray(x)) FROM (SELECT arrayJoin(range(100000000)) AS x)',
    `SELECT sum(length(repeat(toString(x), 1000000))) FROM ${MANY}`,
    `SELECT x, uniqExact(toString(x)) FROM (SELECT arrayJoin(range(50000000)) AS x) GROUP BY x`,
    'SELECT length(range(400000000))',
  ])('memory has an end: %s', async (text) => {
    expect(await refusal(text)).toEqual({ code: 'memory' });
    expect(await figure('SELECT 1')).toBe(1);
  });

  test('an answer has an end, in rows and in bytes; what is read has one', async () => {
    const { rows, truncated } = await ask(`SELECT x FROM ${MANY}`, { rowsMax: 100_000 });
    expect([rows.length, truncated]).toEqual([100_000, true]);
    const thrifty = limited({ rowsRead: 2, resultBytes: 50_000 });
    expect(await refusal(`SELECT repeat('x', 500000) FROM ${MANY} LIMIT 9`, thrifty)).toEqual({ code: 'size' });
    expect(await refusal(`SELECT repeat(toString(x), 30) FROM ${MANY}`, thrifty)).toEqual({ code: 'size' });
    await keep(...[1, 2, 3].map((day) => pageView({ t: utc(`2026-11-0${day}T10:00`) })));
    expect(await refusal('SELECT count() FROM events', thrifty)).toEqual({ code: 'size' });
    await thrifty.close();
  });

  test('so many views in a query and no more, those of its own tables counted as often as they are named', async () => {
    const pairs = (n: number): string =>
      `WITH a AS (SELECT 1 AS x FROM events), b AS (SELECT x FROM a UNION ALL SELECT x FROM a) SELECT 1 FROM ${Array.from({ length: n }, () => 'b').join(', ')}`;
    expect(await refusal(pairs(13))).toEqual({ code: 'size', what: '26 views, at most 24' });
    expect((await ask(pairs(2))).rows).toEqual([]);
  });

  test('so many at once and no more', async () => {
    const narrow = limited({ seconds: 2, atOnce: 1 });
    const long = refusal(`SELECT count() FROM ${MANY} AS a, ${MANY} AS b WHERE a.x + b.x = 7`, narrow);
    expect(await refusal('SELECT 1', narrow)).toEqual({ code: 'busy' });
    expect(await long).toEqual({ code: 'time' });
    expect((await ask('SELECT 1', {}, narrow)).rows).toEqual([[1]]);
    await narrow.close();
  });
});

describe('what is told', () => {
  test.each<[string, string, SqlRefusal]>([
    ['a misspelt function', 'SELECT cout()\nFROM events', { code: 'function', what: 'cout; did you mean count?', at: { line: 1, column: 8 } }],
    ['a misspelt column', 'SELECT nam\nFROM events', { code: 'wrong', what: "Unknown expression identifier `nam`. Maybe you meant: ['name']" }],
    ['types', 'SELECT plus(name, 1) FROM events', { code: 'wrong', what: 'Illegal types String and UInt8 of arguments of function plus' }],
    ['a missing GROUP BY', 'SELECT kind, count() FROM events', { code: 'wrong', what: "Column 'kind' is not under aggregate function and not in GROUP BY keys" }],
    ['a place on a later line, in characters', "SELECT 'é', /* à */\n 'é' 'x' FROM events", { code: 'unreadable', what: expect.stringMatching(/^at 'x'; expected /) as unknown as string, at: { line: 2, column: 6 } }],
    ['a bracket that is never closed', 'SELECT count( ', { code: 'unreadable', what: 'at (', at: { line: 1, column: 13 } }],
    ['an end too early', 'SELECT 1 + ', { code: 'unreadable', what: expect.stringMatching(/^the query ends too early/) as unknown as string, at: { line: 1, column: 11 } }],
    ['a table', 'SELECT 1\n  FROM shop.events', { code: 'table', what: 'shop.events', at: { line: 2, column: 8 } }],
  ])('%s', async (_what, text, expected) => {
    expect(await refusal(text)).toEqual(expected);
  }); // biome-ignore format: one case a line
});
