import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { stopTestClickHouse } from '@filrouge/engine-clickhouse/testing';
import type { Database } from '@filrouge/engine-postgres';
import { ProjectedElsewhere } from '@filrouge/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOffline } from '../offline.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { anOrder, type HouseByUrl, openHouseByUrl } from './testing/house-by-url.ts';

const BATCHES = 60;
const BATCH_ITEMS = 25;

/** Two processes with all roles on the same engines, as far as one process can be two. */
let house: HouseByUrl;
let servers: readonly [RunningServer, RunningServer];
beforeAll(async () => {
  house = await openHouseByUrl();
  servers = [await house.start(), await house.start()];
});
afterAll(async () => {
  await house.close();
  await stopTestClickHouse();
});

/** What readiness says of the projector; the process is ready either way. */
async function projectorOf(server: RunningServer): Promise<unknown> {
  const answer = await fetch(`${server.url}/readyz`);
  expect(answer.status).toBe(200);
  const { parts } = (await answer.json()) as { readonly parts: Record<string, string> };
  return parts['projector'];
}

/** Orders of a few customers, who share addresses, so that persons are joined while others are projected. */
function batch(from: number): readonly object[] {
  return Array.from({ length: BATCH_ITEMS }, (_, at) => {
    const n = from + at;
    const userId = `u${n % 17}`;
    return n % 3 === 0
      ? { type: 'identify', userId, messageId: `m-${n}`, traits: { email: `u${n % 11}@example.com` } }
      : anOrder(n, { userId, email: `u${n % 11}@example.com` });
  });
}

const HOLDERS = `select pid from pg_locks where locktype = 'advisory' and objid = 4400003 and granted
  and database = (select oid from pg_database where datname = current_database())`;

/** Ends the connection that holds the lease, as a network does: its process goes on for a moment as if it had it. */
async function cutLease(database: Database): Promise<number> {
  return (await database.query(`select pg_terminate_backend(pid) from (${HOLDERS}) as holder`)).length;
}

test('one projects, the other says that it stands by, and takes over when the connection of the first is cut', async () => {
  const { database } = house;
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
  const { database } = house;
  const send = async (which: 0 | 1): Promise<void> => {
    for (let n = which; n < BATCHES; n += 2) {
      await house.send(servers[which], batch(n * BATCH_ITEMS));
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
  const offline = await openOffline(house.options);
  try {
    await expect.poll(() => house.database.query(HOLDERS), { timeout: 20_000 }).toHaveLength(1);
    const together = await offline.digest();
    await expect(offline.replay(() => undefined)).rejects.toThrow(ProjectedElsewhere);
    expect(await offline.digest()).toEqual(together);
    for (const server of servers) await server.close();
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
