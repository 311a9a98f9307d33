import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import type { RopoQuery } from '@filrouge/ports';
import { STORE_MEASUREMENT } from '@filrouge/ports/testing';
import { afterAll, expect, test } from 'vitest';
import { type ClickHouseConnection, openClient } from './clickhouse-connection.ts';
import { createClickHouseEventStore } from './clickhouse-event-store.ts';
import { migrate } from './migrate.ts';
import { openTestClickHouse, stopTestClickHouse } from './testing/open-test-clickhouse.ts';

afterAll(stopTestClickHouse);

const PERSONS = 60_000;
const MB = 1_000_000;

/** Each person has a card, a phone that is theirs from some day on, and bought once; every third looked before. */
const WORLD: readonly string[] = [
  `INSERT INTO event (brand, kind, thread, event_id, device, t, r, c, store, purposes, terminal, receipt_type, currency, amount, skus, categories, line_amounts, position)
    SELECT 'atelier', 'ticket', if(number % 5 = 0, 0, 2 * number + 1), generateUUIDv4(), 0, t, t, t, concat('s', toString(number % 7)), 4096, false, 'sale', 'EUR', number % 900, ['A', 'B'], ['shoes', 'bags'], [1, 2], number
    FROM (SELECT number, toDateTime64('2026-11-10 00:00:00', 3, 'UTC') + toIntervalMinute(number % 9000) AS t FROM numbers(${PERSONS}))`,
  `INSERT INTO event (brand, kind, thread, event_id, device, t, r, c, purposes, terminal, skus, categories, position)
    SELECT 'atelier', 'page', 2 * number + 2, generateUUIDv4(), 2 * number + 2, t, t, t, 4096, true, ['A'], ['shoes'], number
    FROM (SELECT number, toDateTime64('2026-11-04 00:00:00', 3, 'UTC') + toIntervalMinute(number % 7000) AS t FROM numbers(${PERSONS})) WHERE number % 3 = 0`,
  `INSERT INTO thread_person SELECT 'atelier', 2 * number + 2, [toDateTime64('1900-01-01', 3, 'UTC'), toDateTime64('2026-11-06', 3, 'UTC')],
      [toDateTime64('2026-11-05', 3, 'UTC'), toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC')], [2 * number + 1, if(number % 11 = 0, 0, 2 * number + 1)], 1 FROM numbers(${PERSONS})`,
  // Who buys by one card and is another's.
  `INSERT INTO thread_person SELECT 'atelier', 2 * number + 1, [toDateTime64('1900-01-01', 3, 'UTC')],
      [toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC')], [2 * number + 3], 1 FROM numbers(${PERSONS}) WHERE number % 13 = 0`,
  `INSERT INTO consent_state (brand, bit, thread, device, device_run_since, person, person_run_since, version)
    SELECT 'atelier', 12, number + 1, if(number % 2 = 1, 'given', 'unknown'), 0, if(number % 2 = 0 AND number % 16 != 0, 'given', 'unknown'), 0, 1 FROM numbers(2 * ${PERSONS})`,
];

/** What stands before the engine and gives no question more memory than it says. */
async function withMemory(bytes: number, { url }: ClickHouseConnection): Promise<{ server: Server; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const target = new URL(incoming.url ?? '/', url);
      target.searchParams.set('max_memory_usage', String(bytes));
      const on = request(target, { method: incoming.method, headers: { ...incoming.headers } }, (answer) => {
        asked.push(String(answer.statusCode));
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      on.end(Buffer.concat(chunks));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, asked };
}

const QUERY: RopoQuery = {
  brand: 'atelier' as BrandId, from: instant(Date.UTC(2026, 10, 1)), to: instant(Date.UTC(2026, 11, 1)),
  permission: { purpose: STORE_MEASUREMENT, use: 'aggregate', now: instant(Date.UTC(2026, 11, 1)) },
  direction: 'online-to-store', window: 7, match: 'any', by: 'store',
}; // biome-ignore format: one question

test('a report that the memory of the engine does not hold is asked in slices of persons, and says the same', async () => {
  const connection = await openTestClickHouse();
  await migrate(connection);
  const client = openClient(connection);
  for (const query of WORLD) await client.command({ query });
  const ample = createClickHouseEventStore(connection);
  const { server, asked } = await withMemory(55 * MB, connection);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const scarce = createClickHouseEventStore({ ...connection, url });
  for (const question of [QUERY, { ...QUERY, match: 'sku', by: 'category' } as const]) {
    const whole = await ample.ropoCells(question);
    expect(whole.reduce((sum, { ropo }) => sum + ropo.count, 0)).toBeGreaterThan(1_000);
    asked.length = 0;
    expect(await scarce.ropoCells(question)).toEqual(whole);
    expect(asked, 'the whole is refused').toContain('500');
    expect(asked.filter((status) => status === '200').length).toBeGreaterThanOrEqual(5);
  }
  await scarce.close();
  await ample.close();
  await client.close();
  await new Promise((closed) => server.close(closed));
}, 180_000);
