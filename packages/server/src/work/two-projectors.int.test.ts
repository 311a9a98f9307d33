import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SourceId } from '@filrouge/domain/deployment';
import { openClient } from '@filrouge/engine-clickhouse';
import { openTestClickHouse, stopTestClickHouse } from '@filrouge/engine-clickhouse/testing';
import { connectionUrl, type Database } from '@filrouge/engine-postgres';
import { openTestPostgres } from '@filrouge/engine-postgres/testing';
import { ProjectedElsewhere } from '@filrouge/pipeline';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDeployment } from '../config/build-deployment.ts';
import { readEnvironment } from '../config/environment.ts';
import { type Offline, openOffline } from '../offline.ts';
import { type RunningServer, type StartOptions, startServer } from '../start-server.ts';

const BATCHES = 60;
const BATCH_ITEMS = 25;
const SOURCE = 'shop-server' as SourceId;
const deployment = buildDeployment(
  {
    brands: [{ id: 'maison', name: 'Maison' }],
    properties: [{ id: 'site', brand: 'maison', name: 'site', kind: 'site' }],
    sources: [{ id: SOURCE, brand: 'maison', property: 'site', kind: 'server' }],
  },
  'test',
);

/** Two processes with all roles on the same engines, as far as one process can be two. */
type TwoServers = {
  readonly servers: readonly [RunningServer, RunningServer];
  readonly options: StartOptions;
  readonly database: Database;
  /** A third process, which serves nothing. */
  readonly offline: () => Promise<Offline>;
  /** As they lie, before any merge takes doubles out. */
  readonly rows: () => Promise<{ readonly rows: number; readonly events: number }>;
  readonly close: () => Promise<void>;
};

let house: TwoServers;
beforeAll(async () => {
  house = await openTwoServers();
});
afterAll(async () => {
  await house.close();
  await stopTestClickHouse();
});

async function openTwoServers(): Promise<TwoServers> {
  const postgres = await openTestPostgres();
  const clickhouse = await openTestClickHouse();
  const dataDir = await mkdtemp(join(tmpdir(), 'filrouge-two-'));
  const { url, username, password, database } = clickhouse;
  const variables = {
    FILROUGE_DATA_DIR: dataDir,
    FILROUGE_PORT: '0',
    FILROUGE_POSTGRES_URL: connectionUrl(postgres.connection),
    FILROUGE_CLICKHOUSE_URL: `http://${username}:${password}@${new URL(url).host}/${database}`,
  };
  const options = {
    environment: readEnvironment(variables, dataDir),
    deployment,
    onProgress: () => undefined,
    onCrash: expect.unreachable,
    logger: pino({ level: 'silent' }),
  };
  const servers = [await startServer(options), await startServer(options)] as const;
  const events = openClient(clickhouse);
  return {
    servers,
    options,
    database: postgres.database,
    offline: () => openOffline(options),
    async rows() {
      const query = 'select count() as rows, uniqExact(event_id) as events from event';
      const [found] = await (await events.query({ query, format: 'JSONEachRow' })).json<Record<string, string>>();
      return { rows: Number(found?.['rows']), events: Number(found?.['events']) };
    },
    async close() {
      for (const server of servers) await server.close();
      await events.close();
      await postgres.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What readiness says of the projector; the process is ready either way. */
async function projectorOf(server: RunningServer): Promise<unknown> {
  const answer = await fetch(`${server.url}/readyz`);
  expect(answer.status).toBe(200);
  const { parts } = (await answer.json()) as { readonly parts: Record<string, string> };
  return parts['projector'];
}

/** Orders of a few customers, who share addresses, so that persons are joined while others are projected. */
function batch(from: number, count: number): object {
  const messages = Array.from({ length: count }, (_, at) => {
    const n = from + at;
    const properties = { order_id: `A-${n}`, total: 12.5, currency: 'EUR', products: [{ sku: 'L1', price: 12.5 }] };
    const traits = { email: `u${n % 11}@example.com` };
    const who = { userId: `u${n % 17}`, messageId: `m-${n}` };
    return n % 3 === 0
      ? { type: 'identify', ...who, traits }
      : { type: 'track', event: 'Order Completed', ...who, properties, context: { traits } };
  });
  return { batch: messages };
}

const HOLDERS = `select pid from pg_locks where locktype = 'advisory' and objid = 4400003 and granted
  and database = (select oid from pg_database where datname = current_database())`;

/** Ends the connection that holds the lease, as a network does: its process goes on for a moment as if it had it. */
async function cutLease(database: Database): Promise<number> {
  return (await database.query(`select pg_terminate_backend(pid) from (${HOLDERS}) as holder`)).length;
}

test('one projects, the other says that it stands by, and takes over when the connection of the first is cut', async () => {
  const { servers, database } = house;
  const said = async (): Promise<ReadonlySet<unknown>> => new Set(await Promise.all(servers.map(projectorOf)));
  await expect.poll(said).toEqual(new Set(['ok', 'stands by']));
  const [first] = servers;
  const before = await projectorOf(first);
  // Whoever asks first gets it, so that it may take some cuts until it is the other; the first notices when it next looks.
  await expect
    .poll(
      async () => {
        await cutLease(database);
        await pause(6_000);
        return projectorOf(first);
      },
      { timeout: 50_000 },
    )
    .not.toBe(before);
  await expect.poll(said).toEqual(new Set(['ok', 'stands by']));
});

test('invariant 3: two processes that project one journal, their lease cut again and again, count and store each item once', async () => {
  const { servers, database } = house;
  const key = await servers[0].keys.create(SOURCE);
  const send = async (which: number): Promise<void> => {
    for (let n = which; n < BATCHES; n += 2) {
      const answer = await fetch(`${servers[which]?.url}/v1/batch`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${key}:`)}` },
        body: JSON.stringify(batch(n * BATCH_ITEMS, BATCH_ITEMS)),
      });
      expect(answer.status).toBe(200);
      await pause(100);
    }
  };
  let isSending = true;
  let cuts = 0;
  const cutting = (async () => {
    while (isSending) {
      cuts += await cutLease(database);
      await pause(150);
    }
  })();
  await Promise.all([send(0), send(1)]);
  isSending = false;
  await cutting;
  await servers[0].drain();

  const flow = await servers[0].engines.reading.flow();
  expect(flow).toMatchObject({ accepted: BATCHES * BATCH_ITEMS, pending: 0, quarantined: 0 });
  expect(flow.kept + flow.withheld).toBe(flow.accepted);
  expect(cuts).toBeGreaterThan(5);
  const stored = await house.rows();
  expect(stored).toEqual({ rows: flow.kept, events: flow.kept });
  const [counted] = await database.query<{ items: number; links: number }>(
    'select items::int4 as items, (select count(*)::int4 from link) as links from projector',
  );
  expect(counted?.items).toBe(flow.kept);
  expect(counted?.links, 'persons were joined meanwhile').toBeGreaterThan(50);
});

test('invariant 3: what two made of the journal is what one makes of it alone; a replay waits until nobody else projects', async () => {
  const offline = await house.offline();
  try {
    await expect.poll(() => house.database.query(HOLDERS), { timeout: 20_000 }).toHaveLength(1);
    const together = await offline.digest();
    await expect(offline.replay(() => undefined)).rejects.toThrow(ProjectedElsewhere);
    expect(await offline.digest()).toEqual(together);
    for (const server of house.servers) await server.close();
    const { items } = await offline.replay(() => undefined);
    expect(items).toBe((await offline.flow()).kept);
    expect(await offline.digest()).toEqual(together);
  } finally {
    await offline.close();
  }
});

test('a server whose port is taken projects nothing afterwards', async () => {
  const { options, database } = house;
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const failed = startServer({ ...options, environment: { ...options.environment, port } });
  await expect(failed).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
  await expect.poll(() => database.query(HOLDERS)).toEqual([]);
});
