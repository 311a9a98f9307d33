import { describeEventStore } from '@filrouge/ports/testing';
import { afterAll } from 'vitest';
import { createClickHouseEventStore } from './clickhouse-event-store.ts';
import { migrate } from './migrate.ts';
import { openTestClickHouse, stopTestClickHouse } from './testing/open-test-clickhouse.ts';

afterAll(stopTestClickHouse);

describeEventStore('event store in ClickHouse', async () => {
  const connection = await openTestClickHouse();
  await migrate(connection);
  return createClickHouseEventStore(connection);
});
