import { stopTestClickHouse } from '@filrouge/engine-clickhouse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compose, type Engines } from '../compose.ts';
import { anOrder, type HouseByUrl, openHouseByUrl } from './testing/house-by-url.ts';
import { startWorkThread } from './work-thread.ts';

let house: HouseByUrl;
let engines: Engines;
beforeAll(async () => {
  house = await openHouseByUrl();
  engines = await compose(house.options);
});
afterAll(async () => {
  await engines.close();
  await house.close();
  await stopTestClickHouse();
});

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

function orders(change: (places: Engines['places']) => Engines['places'] = (places) => places) {
  return {
    places: change(engines.places),
    purposes: [...engines.deployment.purposes.values()],
    journalDays: undefined,
  };
}

test('a thread that cannot open the engines says why, and is no crash', async () => {
  const crashes: string[] = [];
  const nowhere = { url: 'postgres://nobody@127.0.0.1:1/none' };
  const started = startWorkThread({
    orders: orders((places) => ({ ...places, postgres: nowhere })),
    log: SILENT,
    onCrash: (what) => crashes.push(what),
  });
  await expect(started).rejects.toMatchObject({
    name: 'EngineError',
    message: expect.stringMatching(/PostgreSQL cannot be reached/),
  });
  expect(crashes).toEqual([]);
});

test('it tells how it fares, and after its end every question is answered with a fault', async () => {
  const crashes: string[] = [];
  const thread = await startWorkThread({ orders: orders(), log: SILENT, onCrash: (what) => crashes.push(what) });
  await expect.poll(() => thread.state()).toEqual({ fault: undefined, standsBy: false, unresolved: 0 });
  await thread.drain();
  await thread.stop();
  await expect(thread.state()).rejects.toThrow('has ended');
  expect(crashes).toEqual([]);
});

test('a thread that dies is told, with what it died of, and whoever waits for it hears it too', async () => {
  const crashes: string[] = [];
  const thread = await startWorkThread(
    { orders: orders(), log: SILENT, onCrash: (what) => crashes.push(what) },
    new URL('./testing/dying-thread.ts', import.meta.url),
  );
  await expect(thread.drain()).rejects.toThrow('a bug of a step');
  expect(crashes).toEqual([expect.stringContaining('a bug of a step')]);
  await thread.stop();
});

test('what a server accepts is projected at once, though its thread rests', async () => {
  const server = await house.start();
  try {
    await server.drain();
    await house.send(server, [anOrder(1, { userId: 'u1' })]);
    const began = performance.now();
    await expect.poll(async () => (await house.rows()).events, { interval: 20 }).toBe(1);
    expect(performance.now() - began, 'a commit wakes it: it does not look by itself for five seconds').toBeLessThan(
      4_000,
    );
  } finally {
    await server.close();
  }
});
