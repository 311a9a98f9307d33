import type { BrandId } from '@filrouge/domain/deployment';
import type { Thread } from '@filrouge/domain/identity';
import { StaleGeneration } from '@filrouge/ports';
import { describeEventStore, pageView, utc } from '@filrouge/ports/testing';
import { afterAll, expect, test } from 'vitest';
import { openClient } from './clickhouse-connection.ts';
import { createClickHouseEventStore } from './clickhouse-event-store.ts';
import { migrate } from './migrate.ts';
import { openTestClickHouse, stopTestClickHouse } from './testing/open-test-clickhouse.ts';

afterAll(stopTestClickHouse);

describeEventStore('event store in ClickHouse', async () => {
  const connection = await openTestClickHouse();
  await migrate(connection);
  return createClickHouseEventStore(connection);
});

test('S17: a store that was open before another process began a life takes the ranges of that life, and of no other', async () => {
  const connection = await openTestClickHouse();
  await migrate(connection);
  const [first, other] = [createClickHouseEventStore(connection), createClickHouseEventStore(connection)];
  await first.insertRange({ generation: 'g1', from: 1, to: 1 }, [pageView({ t: utc('2026-11-03T10:00:00') })]);
  await other.reset('g2');
  const row = pageView({ t: utc('2026-11-03T11:00:00') });
  await first.insertRange({ generation: 'g2', from: 1, to: 1 }, [row]);
  await expect(first.insertRange({ generation: 'g1', from: 2, to: 2 }, [row])).rejects.toThrow(StaleGeneration);
  expect((await other.digest()).events).toMatch(/^1-/);
  for (const store of [first, other]) await store.close();
});

test('what reports read with FINAL is one part after settling, and the latest version of each entry alone', async () => {
  const connection = await openTestClickHouse();
  await migrate(connection);
  const store = createClickHouseEventStore(connection);
  const client = openClient(connection);
  const row = { brand: 'atelier' as BrandId, thread: '7' as Thread, spans: [] };
  for (const version of [1, 3, 2]) await store.putThreadSpans([row], version);
  await store.settle();
  const query = 'SELECT count() AS n, max(version) AS version, uniq(_part) AS parts FROM thread_person';
  const stored = await (await client.query({ query, format: 'JSONEachRow' })).json();
  expect(stored).toEqual([{ n: '1', version: '3', parts: '1' }]);
  await client.close();
  await store.close();
});
