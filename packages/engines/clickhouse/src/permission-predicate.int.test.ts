import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { type Instant, instant } from '@filrouge/domain/base';
import {
  type ConsentState,
  type Purpose,
  type PurposeId,
  type PurposeStates,
  type Use,
  usable,
} from '@filrouge/domain/consent';
import type { Thread } from '@filrouge/domain/identity';
import type { ConsentStanding, EventRow } from '@filrouge/ports';
import { ATELIER, pageView } from '@filrouge/ports/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openClient } from './clickhouse-connection.ts';
import { CONSENT_COLUMNS, consentRow } from './consent-row.ts';
import { EVENT_COLUMNS, eventLine } from './event-columns.ts';
import { migrate } from './migrate.ts';
import { permissionPredicate, type RowsOf } from './permission-predicate.ts';
import { openTestClickHouse, stopTestClickHouse } from './testing/open-test-clickhouse.ts';

let client: ClickHouseClient;

beforeAll(async () => {
  const connection = await openTestClickHouse();
  await migrate(connection);
  client = openClient(connection);
});
afterAll(async () => {
  await client.close();
  await stopTestClickHouse();
});

const ROWS = 6_000;
/** Few threads and few instants, so that every state meets every row and bounds are hit exactly. */
const THREADS = 60;
const time = fc.integer({ min: 0, max: 12 }).map((step) => instant(1_767_225_600_000 + step * 1_000));

const BASES: readonly Purpose['basis'][] = ['consent', 'legitimate-interest', 'contract', 'legal-obligation'];
const SCOPES = [
  { device: true, person: true },
  { device: true, person: false },
  { device: false, person: true },
] as const;
const PURPOSES: readonly Purpose[] = BASES.flatMap((basis) => SCOPES.map((scope) => ({ basis, scope }))).map(
  (shape, bit) => ({ ...shape, id: `purpose_${bit}` as PurposeId, bit }),
);

const state: fc.Arbitrary<ConsentState | undefined> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({ runSince: time, followsNegative: fc.boolean(), until: fc.option(time, { nil: undefined }) })
      .map(
        ({ runSince, followsNegative, until }): ConsentState => ({
          kind: 'given',
          since: runSince,
          runSince,
          followsNegative,
          position: 1,
          recordId: 'record',
          ...(until === undefined ? {} : { until }),
        }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ kind: fc.constantFrom('refused', 'withdrawn', 'objected'), since: time })
      .map((closed): ConsentState => ({ ...closed, position: 1 })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ over: fc.constantFrom('unknown', 'refused', 'withdrawn', 'objected'), since: time })
      .map((open): ConsentState => ({ kind: 'requested', position: 1, ...open })),
  },
  { weight: 1, arbitrary: fc.constant<ConsentState>({ kind: 'unknown' }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

type Row = Pick<EventRow, 'thread' | 'device' | 'c' | 'purposes' | 'bot' | 'terminal'>;
const threads = fc.integer({ min: 0, max: THREADS }).map((number) => String(number) as Thread);
const row: fc.Arbitrary<Row> = fc
  .record({
    thread: threads,
    device: threads,
    same: fc.integer({ max: 3, min: 0 }),
    c: time,
    purposes: fc.bigInt(0n, (1n << 12n) - 1n),
    bot: fc.integer({ min: 0, max: 9 }),
    terminal: fc.boolean(),
  })
  .map(({ same, bot, ...rest }) => ({ ...rest, device: same === 0 ? rest.thread : rest.device, bot: bot === 0 }));
const world = fc.record({
  rows: fc.array(row, { minLength: ROWS, maxLength: ROWS, size: 'max' }),
  states: fc.array(fc.record({ device: state, person: state }), { minLength: THREADS * PURPOSES.length, maxLength: THREADS * PURPOSES.length, size: 'max' }),
  now: time,
}); // biome-ignore format: one arbitrary a line

/** A thread's standing on a purpose; 0 is nobody and stands nowhere. */
function standings(
  states: readonly { device: ConsentState | undefined; person: ConsentState | undefined }[],
): readonly ConsentStanding[] {
  return states.map(({ device, person }, n) => ({
    brand: ATELIER,
    thread: String(1 + (n % THREADS)) as Thread,
    bit: Math.floor(n / THREADS),
    ...(device === undefined ? {} : { device }),
    ...(person === undefined ? {} : { person }),
  }));
}

function statesOf(item: Row, bit: number, known: ReadonlyMap<string, ConsentStanding>): PurposeStates {
  const device = known.get(`${item.device} ${bit}`)?.device;
  const person = known.get(`${item.thread} ${bit}`)?.person;
  return {
    ...(device === undefined ? {} : { device }),
    ...(person === undefined ? {} : { person }),
    ...(device === undefined || item.device === item.thread ? {} : { onDevice: device }),
  };
}

async function insert(table: string, columns: readonly string[], lines: readonly string[]): Promise<void> {
  await client.command({ query: `TRUNCATE TABLE ${table}` });
  const { stream } = await client.exec({
    query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT JSONCompactEachRow`,
    values: Readable.from([Buffer.from(lines.join('\n'))], { objectMode: false }),
  });
  for await (const _ of stream);
}

async function allowedBySql(purpose: Purpose, use: Use, now: Instant, from: RowsOf): Promise<ReadonlySet<number>> {
  const { joins, condition, parameters } = permissionPredicate({ purpose, use, now, rows: 'e', from });
  const half = { terminals: 'AND e.terminal', elsewhere: 'AND NOT e.terminal', anywhere: '' }[from];
  const answer = await client.query({
    query: `SELECT e.item AS item FROM event AS e ${joins} WHERE e.brand = {brand:String} AND ${condition} ${half}`,
    query_params: { ...parameters, brand: ATELIER },
    format: 'JSONEachRow',
  });
  return new Set((await answer.json<{ item: number }>()).map(({ item }) => item));
}

test('S8, S10: the generated SQL and usable() of the domain give the same answer for every row, purpose and use', async () => {
  let allowed = 0;
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(world, async ({ rows, states, now }) => {
      const known = standings(states);
      const index = new Map(known.map((standing) => [`${standing.thread} ${standing.bit}`, standing]));
      const events = rows.map((item, n) => pageView({ t: item.c, ...item, item: n }));
      await insert('event', EVENT_COLUMNS, events.map(eventLine));
      await insert(
        'consent_state',
        [...CONSENT_COLUMNS, 'version'],
        known.map((each) => JSON.stringify([...consentRow(each), 1])),
      );
      for (const purpose of PURPOSES) {
        for (const use of ['aggregate', 'individual'] as const) {
          const expected = rows.flatMap((item, n) =>
            usable(item, purpose, statesOf(item, purpose.bit, index), use, now).ok ? [n] : [],
          );
          const anywhere = await allowedBySql(purpose, use, now, 'anywhere');
          expect(
            expected.filter((n) => !anywhere.has(n)),
            `${purpose.basis} closed`,
          ).toEqual([]);
          expect(
            [...anywhere].filter((n) => !expected.includes(n)),
            `${purpose.basis} open`,
          ).toEqual([]);
          const [terminals, elsewhere] = await Promise.all([
            allowedBySql(purpose, use, now, 'terminals'),
            allowedBySql(purpose, use, now, 'elsewhere'),
          ]);
          expect(new Set([...terminals, ...elsewhere])).toEqual(anywhere);
          allowed += expected.length;
          asked += rows.length;
        }
      }
    }),
    { numRuns: 2, endOnFailure: true },
  );
  // A predicate that says always no, or always yes, would pass unseen if the worlds were dull.
  expect(allowed / asked).toBeGreaterThan(0.1);
  expect(allowed / asked).toBeLessThan(0.5);
}, 120_000);

test('S10: a thread without any state is used for nothing that asks for consent or can be objected to without it', async () => {
  await insert('event', EVENT_COLUMNS, [
    eventLine(pageView({ t: instant(1_767_225_600_000), purposes: (1n << 12n) - 1n, item: 1 })),
  ]);
  await insert('consent_state', [...CONSENT_COLUMNS, 'version'], []);
  for (const purpose of PURPOSES) {
    const allowed = await allowedBySql(purpose, 'aggregate', instant(1_767_225_600_000), 'anywhere');
    expect(allowed.size, `${purpose.basis}`).toBe(purpose.basis === 'consent' ? 0 : 1);
  }
});
