import { type Instant, instant } from '@filrouge/domain/base';
import type { ConsentState } from '@filrouge/domain/consent';
import { BEGINNING, END, type PersonNumber, type Thread } from '@filrouge/domain/identity';
import { ROPO_DIRECTIONS, ROPO_MATCHES, ROPO_WINDOWS } from '@filrouge/domain/measurement';
import {
  type ConsentStanding,
  createMemoryEventStore,
  type EventRow,
  type EventStore,
  type ThreadSpans,
} from '@filrouge/ports';
import { ATELIER, line, pageView, STORE_MEASUREMENT, ticket } from '@filrouge/ports/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClickHouseEventStore } from './clickhouse-event-store.ts';
import { migrate } from './migrate.ts';
import { openTestClickHouse, stopTestClickHouse } from './testing/open-test-clickhouse.ts';

let clickhouse: EventStore;

beforeAll(async () => {
  const connection = await openTestClickHouse();
  await migrate(connection);
  clickhouse = createClickHouseEventStore(connection);
});
afterAll(async () => {
  await clickhouse.close();
  await stopTestClickHouse();
});

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 9, 20);
const hour = fc.integer({ min: 0, max: 24 * 40 }).map((hours) => instant(START + hours * HOUR_MS));
const threadNumber = fc.integer({ min: 0, max: 25 }).map((number) => String(number) as Thread);
const lines = fc.array(fc.constantFrom(line('A', 'shoes', 300), line('B', 'shoes', 200), line('C', 'bags', 500)), {
  maxLength: 3,
});

const event: fc.Arbitrary<EventRow> = fc
  .record({
    t: hour,
    late: fc.integer({ min: 0, max: 48 }),
    thread: threadNumber,
    device: threadNumber,
    lines,
    purposes: fc.constantFrom(1n << 12n, 1n << 12n, 1n << 12n, 1n),
    bot: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
    shape: fc.constantFrom('page', 'page', 'track', 'ticket', 'ticket', 'order', 'refund'),
    store: fc.constantFrom('lyon', 'paris'),
    currency: fc.constantFrom('EUR', 'EUR', 'CHF'),
    amount: fc.integer({ min: 1, max: 90_000 }),
  })
  .map(({ shape, late, store, currency, amount, ...row }) => {
    const common = { ...row, r: instant(row.t + late * HOUR_MS), c: row.t };
    if (shape === 'page' || shape === 'track') return pageView({ ...common, kind: shape });
    return ticket({
      ...common,
      kind: shape === 'order' ? 'order' : 'ticket',
      terminal: shape === 'order' && amount % 2 === 0,
      store: shape === 'order' ? '' : store,
      receipt: {
        type: shape === 'refund' ? 'refund' : 'sale',
        number: `n${amount}`,
        currency,
        amountMinor: amount,
        vatMinor: 0,
      },
    });
  });

const state: fc.Arbitrary<ConsentState> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ runSince: hour, followsNegative: fc.boolean() }).map((run): ConsentState => ({
    ...run, runSince: run.followsNegative ? run.runSince : instant(START), kind: 'given', since: run.runSince, position: 1, recordId: 'record' })) },
  { weight: 1, arbitrary: hour.map((since): ConsentState => ({ kind: 'refused', since, position: 1 })) },
); // biome-ignore format: one state a line

/** Cuts of time that meet each other, as the map of a shared terminal has them; a hole now and then. */
function spansOf(thread: Thread, cuts: readonly Instant[], persons: readonly string[], hole: boolean): ThreadSpans {
  const bounds = [BEGINNING, ...[...new Set(cuts)].sort((a, b) => a - b), END];
  const spans = bounds.slice(1).map((to, n) => ({
    from: bounds[n] ?? BEGINNING,
    to,
    person: (persons[n % persons.length] ?? '1') as PersonNumber,
  }));
  return { brand: ATELIER, thread, spans: hole ? spans.slice(1) : spans };
}

const world = fc.record({
  events: fc.array(event, { minLength: 300, maxLength: 600, size: 'max' }),
  maps: fc.uniqueArray(
    fc.record({
      thread: fc.integer({ min: 5, max: 25 }).map((number) => String(number) as Thread),
      cuts: fc.array(hour, { maxLength: 3 }),
      persons: fc.array(fc.constantFrom('1', '2', '3', '4', '0'), { minLength: 1, maxLength: 3 }),
      hole: fc.boolean(),
    }),
    { selector: ({ thread }) => thread, minLength: 8, maxLength: 20 },
  ),
  states: fc.array(fc.record({ device: fc.option(state, { nil: undefined }), person: fc.option(state, { nil: undefined }) }), { minLength: 25, maxLength: 25 }),
}); // biome-ignore format: one part a line

test('memory and ClickHouse answer every report, timeline and total alike, whatever the world', async () => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(world, async ({ events, maps, states }) => {
      const standings = states.map(
        ({ device, person }, n): ConsentStanding => ({
          brand: ATELIER,
          thread: String(n + 1) as Thread,
          bit: STORE_MEASUREMENT.bit,
          ...(device === undefined ? {} : { device }),
          ...(person === undefined ? {} : { person }),
        }),
      );
      const memory = createMemoryEventStore();
      for (const store of [memory, clickhouse]) {
        const generation = `g${events[0]?.eventId}`;
        await store.reset(generation);
        await store.insertRange({ generation, from: 1, to: 1 }, events.slice(0, 100));
        await store.insertRange({ generation, from: 2, to: 2 }, events.slice(100));
        await store.putThreadSpans(
          maps.map(({ thread, cuts, persons, hole }) => spansOf(thread, cuts, persons, hole)),
          1,
        );
        await store.putConsentStates(standings, 1);
      }
      const brand = ATELIER;
      const span = { from: instant(START + 10 * 24 * HOUR_MS), to: instant(START + 35 * 24 * HOUR_MS) };
      const permission = {
        purpose: STORE_MEASUREMENT,
        use: 'aggregate',
        now: instant(START + 40 * 24 * HOUR_MS),
      } as const;
      for (const direction of ROPO_DIRECTIONS) {
        for (const match of ROPO_MATCHES) {
          const window = ROPO_WINDOWS[hits % 3] ?? 7;
          for (const by of ['store', 'category'] as const) {
            const query = { brand, ...span, permission, direction, window, match, by };
            const expected = await memory.ropoCells(query);
            expect(await clickhouse.ropoCells(query), `${direction} ${match} ${by}`).toEqual(expected);
            hits += expected.reduce((sum, { ropo }) => sum + ropo.count, 0);
          }
        }
      }
      const threads = maps.map(({ thread }) => ({ thread, ...span }));
      for (const asked of [permission, 'every-row'] as const) {
        const query = { brand, threads, permission: asked, limit: 200 };
        expect(await clickhouse.timeline(query)).toEqual(await memory.timeline(query));
      }
      const kinds = ['page', 'ticket', 'order'] as const;
      expect(await clickhouse.totals({ brand, kinds, ...span })).toEqual(
        await memory.totals({ brand, kinds, ...span }),
      );
    }),
    { numRuns: 4, endOnFailure: true },
  );
  expect(hits, 'visits that preceded a purchase: a world may have few').toBeGreaterThan(0);
}, 120_000);
