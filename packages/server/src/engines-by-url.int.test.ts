import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceId } from '@filrouge/domain/deployment';
import { openTestClickHouse, stopTestClickHouse } from '@filrouge/engine-clickhouse/testing';
import { connectionUrl } from '@filrouge/engine-postgres';
import { openTestPostgres } from '@filrouge/engine-postgres/testing';
import { afterAll, expect, test } from 'vitest';
import { buildDeployment } from './config/build-deployment.ts';
import { ConfigError } from './config/config-error.ts';
import { readEnvironment } from './config/environment.ts';
import { startServer } from './start-server.ts';

afterAll(stopTestClickHouse);

const deployment = buildDeployment(
  {
    brands: [{ id: 'maison', name: 'Maison' }],
    properties: [{ id: 'site', brand: 'maison', name: 'site', kind: 'site' }],
    sources: [{ id: 'shop-server', brand: 'maison', property: 'site', kind: 'server' }],
  },
  'test',
);

test('FILROUGE_POSTGRES_URL and FILROUGE_CLICKHOUSE_URL replace the embedded engines: nothing of them is started', async () => {
  const postgres = await openTestPostgres();
  const clickhouse = await openTestClickHouse();
  const dataDir = await mkdtemp(join(tmpdir(), 'filrouge-by-url-'));
  const { url, username, password, database } = clickhouse;
  const environment = readEnvironment(
    {
      FILROUGE_DATA_DIR: dataDir,
      FILROUGE_PORT: '0',
      FILROUGE_POSTGRES_URL: connectionUrl(postgres.connection),
      FILROUGE_CLICKHOUSE_URL: `http://${username}:${password}@${new URL(url).host}/${database}`,
    },
    dataDir,
  );
  const server = await startServer({
    environment,
    deployment,
    onProgress: () => undefined,
    onCrash: expect.unreachable,
  });
  try {
    const key = await server.keys.create('shop-server' as SourceId);
    const answer = await fetch(`${server.url}/v1/track`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${key}:`)}` },
      body: JSON.stringify({
        type: 'track',
        event: 'Order Completed',
        messageId: 'order-1',
        userId: 'u1',
        properties: {
          order_id: 'A-1',
          total: 12.5,
          currency: 'EUR',
          products: [{ sku: 'L1', price: 12.5, quantity: 1 }],
        },
      }),
    });
    expect(answer.status).toBe(200);
    await server.drain();
    const flow = await server.engines.reading.flow();
    expect([flow.accepted, flow.kept, flow.pending]).toEqual([1, 1, 0]);
    expect((await server.engines.events.digest()).events).toMatch(/^1-/);
    expect((await readdir(dataDir)).sort()).toEqual(['keys', 'master.key']);
  } finally {
    await server.close();
    await postgres.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});

test('FILROUGE_NATS_URL is refused with what to do, until the journal can live there', () => {
  expect(() => readEnvironment({ FILROUGE_NATS_URL: 'nats://127.0.0.1' }, '/tmp')).toThrow(ConfigError);
  expect(() => readEnvironment({ FILROUGE_NATS_URL: 'nats://127.0.0.1' }, '/tmp')).toThrow(/unset the variable/);
});
