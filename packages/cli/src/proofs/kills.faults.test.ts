import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { call, nothingTold, post } from '../testing/callers.ts';
import { compareTold } from '../testing/compare-told.ts';
import { consentOf, OneSourceHouse, randomFrom, sourceOf } from '../testing/one-source-house.ts';
import { killTree } from './testing/process-tree.ts';

// G1: whatever was answered 200 is there once, in events, profiles and every sum, however often and whenever the server
// is killed. Every second time everything that it started dies with it; every fifth time it has not even started yet.

const KILLS = Number(process.env['FILROUGE_KILLS'] ?? 200);
const SEED = Number(process.env['FILROUGE_SEED'] ?? 20_261_122);
const LANES = 4;
const USERS = Array.from({ length: 12 }, (_, at) => `client-${at}`);

let house: OneSourceHouse;
let random: () => number;
const readyAfter: number[] = [];

beforeAll(async () => {
  house = await OneSourceHouse.open();
  random = randomFrom(SEED);
});
afterAll(() => house?.remove());

async function ready(): Promise<{ readonly url: string; readonly apiToken?: string }> {
  const begun = performance.now();
  const answer = await house.ready();
  readyAfter.push(performance.now() - begun);
  return answer;
}

async function kill(whole: boolean): Promise<void> {
  const { child, ended } = house.running;
  if (whole) await killTree(child.pid as number);
  else child.kill('SIGKILL');
  await ended;
}

/** The first start, killed over and over while it makes its databases, and the token that one of them gave. */
async function firstStart(times: number): Promise<{ readonly url: string; readonly token: string }> {
  for (let at = 0; at < times; at += 1) {
    house.begin();
    await pause(random() * 4_000);
    await kill(at % 2 === 0);
  }
  house.begin();
  const { url, apiToken } = await ready();
  if (apiToken !== undefined) return { url, token: apiToken };
  const { stdout, stderr } = await house.run(['token', 'create', 'faults', '--json']).ended;
  const told = JSON.parse(stdout || '{}') as { readonly token?: string };
  if (told.token === undefined) throw new Error(`no token: ${stdout} ${stderr}`);
  return { url, token: told.token };
}

test(`G1: ${KILLS} kills while ${LANES} callers send, seed ${SEED}`, async () => {
  const early = Math.ceil(KILLS / 20);
  const { url, token } = await firstStart(early);
  const server = await sourceOf(url, token);
  const stop = new AbortController();
  const told = nothingTold();
  for (const user of USERS) {
    await post(server, '/v1/consents', consentOf(user, 'profiling', 'given'), stop.signal, told);
  }
  const callers = Array.from({ length: LANES }, (_, lane) =>
    call(
      { lane, users: USERS.filter((_user, at) => at % LANES === lane), random: randomFrom(SEED + lane) },
      server,
      told,
      stop.signal,
    ),
  );
  for (let at = early; at < KILLS; at += 1) {
    if (at % 5 === 0) await pause(random() * 2_500);
    else {
      if (at > early) await ready();
      await pause(random() * 1_500);
    }
    await kill(at % 2 === 0);
    house.begin();
  }
  await ready();
  await pause(1_000);
  stop.abort();
  await Promise.all(callers);
  const { lost, duplicated, faults } = await compareTold(house, { url, token }, USERS, told);
  const p95 = readyAfter.sort((a, b) => a - b)[Math.floor(readyAfter.length * 0.95)] ?? 0;
  const met = lost === 0 && duplicated === 0 && faults.length === 0;
  await tellFault({
    goal: 'G1',
    tried: KILLS,
    of: 'kills',
    lost,
    duplicated,
    leaked: 0,
    measured: `${told.acknowledged.size} events acknowledged; ready again after ${Math.round(p95)} ms at p95`,
    met,
  });
  expect(faults).toEqual([]);
  expect({ lost, duplicated }).toEqual({ lost: 0, duplicated: 0 });
  expect(told.acknowledged.size).toBeGreaterThan(KILLS);
}, 7_200_000);
