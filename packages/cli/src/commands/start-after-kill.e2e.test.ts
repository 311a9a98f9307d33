import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nothingTold, post } from '../testing/callers.ts';
import { eventsOf } from '../testing/compare-told.ts';
import { endPostgres } from '../testing/engine-processes.ts';
import {
  asked,
  consentOf,
  OneSourceHouse,
  posted,
  type Server,
  sourceOf,
  viewOf,
} from '../testing/one-source-house.ts';

// Whatever was answered 200 is there after the process was killed: the journal was on the disk before the answer.

const USER = 'client-7';
const ROUNDS = 2;

let house: OneSourceHouse;

beforeAll(async () => {
  house = await OneSourceHouse.open();
});
afterAll(() => house?.remove());

/** Ends PostgreSQL under the server, which starts it again; an event that is sent until it is taken. */
async function endEngine(server: Server): Promise<string> {
  await endPostgres(house.dataDir, 'backend killed');
  const { signal } = new AbortController();
  const told = nothingTold();
  await post(server, '/v1/track', viewOf(USER, 'engine'), signal, told);
  expect([...told.putOff.keys()].filter((what) => what !== '503 storage-unavailable, again in 2 s')).toEqual([]);
  return 'engine';
}

/** Sends until the process is gone, and kills it while requests are under way; the ids that were answered 200. */
async function sendAndKill({ url, authorization }: Server, round: number): Promise<readonly string[]> {
  const answered: string[] = [];
  const sender = async (lane: number): Promise<void> => {
    for (let at = 0; ; at += 1) {
      const messageId = `${round}-${lane}-${at}`;
      try {
        await posted(`${url}/v1/track`, authorization, viewOf(USER, messageId));
      } catch {
        return;
      }
      answered.push(messageId);
      if (answered.length === 20 + 7 * round) house.running.child.kill('SIGKILL');
    }
  };
  await Promise.all([0, 1, 2, 3].map(sender));
  await house.running.ended;
  return answered;
}

test('after kill -9, twice, and after the end of PostgreSQL under it, every event that was answered 200 is read back, once', async () => {
  const { url, apiToken = '' } = await house.start();
  const server = await sourceOf(url, apiToken);
  await posted(`${url}/v1/consents`, server.authorization, consentOf(USER, 'profiling', 'given'));
  const answered: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    answered.push(...(await sendAndKill(server, round)));
    await house.start();
  }
  answered.push(await endEngine(server));
  const projected = (): Promise<readonly string[]> => eventsOf(url, apiToken, USER);
  await expect.poll(projected, { timeout: 30_000, interval: 200 }).toEqual(expect.arrayContaining(answered));
  const ids = await projected();
  expect(new Set(ids).size, 'each of them once').toBe(ids.length);
  expect(answered.length).toBeGreaterThanOrEqual(ROUNDS * 20);
  const flow = await asked(`${url}/api/flow`, apiToken);
  expect(flow).toMatchObject({ balanced: true, kept: ids.length, withheld: 0, refused: 0 });
});

test('a PostgreSQL whose disk is why it ended stays down: the command says so and ends with 1, and its ClickHouse with it', async () => {
  const log = join(house.dataDir, 'postgres', 'server.log');
  await appendFile(log, 'PANIC:  could not fsync file "000000010000000000000001": Input/output error\n');
  await endPostgres(house.dataDir, 'backend killed');
  const { exitCode, stderr } = await house.running.ended;
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/PostgreSQL ended unexpectedly[\s\S]*could not fsync file[\s\S]*Start it again/);
});
