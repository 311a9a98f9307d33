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
import { type RunningServer, startServer } from './start-server.ts';

afterAll(stopTestClickHouse);

const deployment = buildDeployment(
  {
    brands: [{ id: 'maison', name: 'Maison' }],
    properties: [{ id: 'site', brand: 'maison', name: 'site', kind: 'site' }],
    sources: [{ id: 'shop-server', brand: 'maison', property: 'site', kind: 'server' }],
  },
  'test',
);

/** Sends one order; answers the status. */
async function send({ url }: RunningServer, key: string, id: string): Promise<number> {
  const products = [{ sku: 'L1', price: 12.5, quantity: 1 }];
  const properties = { order_id: id, total: 12.5, currency: 'EUR', products };
  const answer = await fetch(`${url}/v1/track`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${key}:`)}` },
    body: JSON.stringify({ type: 'track', event: 'Order Completed', messageId: id, userId: 'u1', properties }),
  });
  return answer.status;
}

test('FILROUGE_POSTGRES_URL and FILROUGE_CLICKHOUSE_URL replace the embedded engines: nothing of them is started, a connection that broke is made anew', async () => {
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
    expect(await send(server, key, 'order-1')).toBe(200);
    await server.drain();
    const flow = await server.engines.reading.flow();
    expect([flow.accepted, flow.kept, flow.pending]).toEqual([1, 1, 0]);
    expect((await server.engines.events.digest()).events).toMatch(/^1-/);
    await postgres.database.execute(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await expect.poll(() => send(server, key, 'order-2'), { timeout: 10_000, interval: 50 }).toBe(200);
    await expect.poll(() => server.drain().then(() => 'projected'), { timeout: 20_000 }).toBe('projected');
    expect(await server.engines.reading.flow()).toMatchObject({ accepted: 2, kept: 2, pending: 0 });
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
