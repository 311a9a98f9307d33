import { DAY_MS } from '@filrouge/domain/base';
import { stopTestClickHouse } from '@filrouge/engine-clickhouse/testing';
import { ensureDayPartitions } from '@filrouge/engine-postgres';
import { SnapshotDamaged } from '@filrouge/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compose, composeWork } from '../compose.ts';
import { openOffline } from '../offline.ts';
import { startServer } from '../start-server.ts';
import { dailyChores } from './chores.ts';
import { anOrder, type HouseByUrl, openHouseByUrl } from './testing/house-by-url.ts';

const BATCH = 40;
const LONG_AGO = 80;

/** An installation whose first orders came in eighty days ago, on real engines. */
let house: HouseByUrl;
beforeAll(async () => {
  house = await openHouseByUrl();
  const { options } = house;
  const collector = await startServer({
    ...options,
    environment: { ...options.environment, roles: new Set(['collect']) },
  });
  const key = await collector.keys.create('shop-server' as never);
  await house.send(collector, orders(0), key);
  await collector.close();
  await letTimePass(LONG_AGO);
});
afterAll(async () => {
  await house.close();
  await stopTestClickHouse();
});

function orders(from: number): readonly object[] {
  return Array.from({ length: BATCH }, (_, at) => {
    const n = from + at;
    return anOrder(n, { userId: `u${n % 9}`, email: `u${n % 7}@example.com` });
  });
}

/** The journal as if it had been written so long before; nothing is projected yet. */
async function letTimePass(days: number): Promise<void> {
  const dayOf = (ago: number): string => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
  await ensureDayPartitions(house.database, 'journal', dayOf(days + 1), dayOf(days - 1));
  await house.database.execute(`update journal set received_at = received_at - interval '${days} days'`);
}

/** What a server does once a day. */
async function doChores(): Promise<void> {
  const engines = await compose(house.options);
  const working = await composeWork(engines.places);
  try {
    for (const { work } of dailyChores({ ...working, journalDays: undefined, stoodForMs: () => DAY_MS })) await work();
  } finally {
    await working.close();
    await engines.close();
  }
}

async function replayed() {
  const offline = await openOffline(house.options);
  try {
    await offline.drain();
    const [before, flow] = [await offline.digest(), await offline.flow()];
    const { from, items } = await offline.replay(() => undefined);
    return { from, items, before, after: await offline.digest(), flows: [flow, await offline.flow()] };
  } finally {
    await offline.close();
  }
}

test('S17: while the journal has its beginning a replay begins there; the days that it is kept make a snapshot', async () => {
  const whole = await replayed();
  expect([whole.from, whole.items]).toEqual([undefined, BATCH]);
  expect(whole.after).toEqual(whole.before);
  await doChores();
  const [left] = await house.database.query<{ rows: number; snapshots: number }>(
    'select (select count(*)::int4 from journal) as rows, (select count(*)::int4 from snapshot) as snapshots',
  );
  expect(left).toEqual({ rows: 0, snapshots: 1 });
});

test('S17: from the snapshot and the journal after it come the same projections, also of persons joined since', async () => {
  const server = await house.start();
  await house.send(server, orders(BATCH));
  const joining = anOrder(999, { userId: 'u1', email: 'u6@example.com' });
  await house.send(server, [joining, ...orders(0)]);
  await server.drain();
  await server.close();
  const again = await replayed();
  expect(again.from?.position).toBeGreaterThan(0);
  expect(again.items).toBe(BATCH + 1);
  expect(again.after).toEqual(again.before);
  expect(again.flows[1]).toEqual(again.flows[0]);
  const stored = await house.rows();
  expect(stored.events).toBe(again.flows[0]?.kept);
});

test('S17: a snapshot that is not whole is not begun from, and nothing is thrown away', async () => {
  const [copy] = await house.database.query<{ name: string }>(
    "select tablename as name from pg_tables where tablename ~ '^snapshot_[0-9]+_link$'",
  );
  await house.database.execute(`delete from ${copy?.name} where b = (select max(b::text) from ${copy?.name})::uuid`);
  const offline = await openOffline({ ...house.options });
  const before = await offline.digest();
  await expect(offline.replay(() => undefined)).rejects.toThrow(SnapshotDamaged);
  expect(await offline.digest()).toEqual(before);
  await offline.close();
});
