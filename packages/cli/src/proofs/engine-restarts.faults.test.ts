import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { call, nothingTold, post, problemTold, type Told } from '../testing/callers.ts';
import { compareTold } from '../testing/compare-told.ts';
import { endPostgres, killClickHouse, POSTGRES_ENDS } from '../testing/engine-processes.ts';
import {
  consentOf,
  eventsAddress,
  OneSourceHouse,
  randomFrom,
  type Server,
  sourceOf,
} from '../testing/one-source-house.ts';

// G6: an engine that ends under a running server is started again by it, at whatever instant and however often. What was
// answered 200 is there once, what could not be done is put off with a problem, and nobody has to do anything.

const RESTARTS = Number(process.env['FILROUGE_RESTARTS'] ?? 20);
const SEED = Number(process.env['FILROUGE_SEED'] ?? 20_261_123);
const LANES = 16;
const EVENTS_PER_SECOND = 300;
const USERS = Array.from({ length: 48 }, (_, at) => `client-${at}`);
const PROFILE = '/api/profiles/user_id:client-0?purpose=profiling&brand=maison';
const EVENTS = eventsAddress('', 'client-0');

let house: OneSourceHouse;
let url: string;
let token: string;
let server: Server;
let told: Told;
let stop: AbortController;
let callers: readonly Promise<void>[] = [];
let begunAt: number;
/** How readers were put off, by what they were answered. */
let readers: { readonly answers: Map<string, number>; readonly ended: Promise<void> };

beforeEach(async () => {
  house = await OneSourceHouse.open();
  const { url: at, apiToken = '' } = await house.start();
  [url, token, told, stop] = [at, apiToken, nothingTold(), new AbortController()];
  server = await sourceOf(url, token);
  for (const user of USERS) {
    await post(server, '/v1/consents', consentOf(user, 'profiling', 'given'), stop.signal, told);
  }
  begunAt = performance.now();
  callers = Array.from({ length: LANES }, (_, lane) =>
    call(
      {
        lane,
        users: USERS.filter((_user, at) => at % LANES === lane),
        random: randomFrom(SEED + lane),
        eventsPerSecond: EVENTS_PER_SECOND / LANES,
      },
      server,
      told,
      stop.signal,
    ),
  );
  await reads(PROFILE);
  readers = beginReading();
});
afterEach(async () => {
  stop?.abort();
  await Promise.allSettled(callers);
  await house?.remove();
});

/** Somebody who looks at a person, at a report and at the state of the server all the time. */
function beginReading(): typeof readers {
  const answers = new Map<string, number>();
  const addresses = [PROFILE, EVENTS, '/api/flow', '/readyz'];
  const read = async (): Promise<void> => {
    for (let at = 0; !stop.signal.aborted; at += 1) {
      const path = addresses[at % addresses.length] as string;
      const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      const text = await answer.text();
      if (answer.status !== 200) {
        const what = `${path.split('?')[0]}: ${problemTold(answer, text)}`;
        answers.set(what, (answers.get(what) ?? 0) + 1);
      }
      await pause(25);
    }
  };
  return { answers, ended: read() };
}

/** Resolves once a read is answered with what was asked for. */
async function reads(path: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const status = async (): Promise<number> => (await fetch(`${url}${path}`, { headers })).status;
  await expect.poll(status, { timeout: 120_000, interval: 50 }).toBe(200);
}

/** Resolves once something new is taken. */
async function takes(): Promise<void> {
  await post(server, '/v1/consents', consentOf('somebody', 'profiling', 'given'), stop.signal, told);
}

/** Ends an engine over and over; every fourth time again before it has recovered. Answers how long each was away. */
async function restart(end: (at: number) => Promise<void>, isBack: () => Promise<void>): Promise<readonly number[]> {
  const random = randomFrom(SEED);
  const awayMs: number[] = [];
  for (let at = 0; at < RESTARTS; at += 1) {
    const early = at % 4 === 3;
    await pause(random() * (early ? 400 : 4_000));
    await end(at);
    const begun = performance.now();
    if (at % 4 === 2 && at + 1 < RESTARTS) continue;
    await isBack();
    awayMs.push(performance.now() - begun);
  }
  await reads('/readyz');
  return awayMs.sort((a, b) => a - b);
}

/** Only with problems that say when to come again, and by a server that was never away. */
function expectPutOff(): void {
  const faults = [...told.putOff.keys(), ...readers.answers.keys()].filter(
    (what) => !/(^|: )503 (storage-unavailable|not-ready), again in \d s$/.test(what),
  );
  expect(faults).toEqual([]);
}

async function tell(goal: string, of: string, awayMs: readonly number[]): Promise<void> {
  const perSecond = Math.round((told.acknowledged.size * 1_000) / (performance.now() - begunAt));
  stop.abort();
  await Promise.all([...callers, readers.ended]);
  expect(house.running.child.exitCode, 'the server was never away').toBe(null);
  console.info(JSON.stringify({ putOff: [...told.putOff], readers: [...readers.answers] }));
  const { lost, duplicated, faults } = await compareTold(house, { url, token }, USERS, told);
  const away = awayMs[Math.floor(awayMs.length / 2)] ?? 0;
  await tellFault({
    goal,
    tried: RESTARTS,
    of,
    lost,
    duplicated,
    leaked: 0,
    measured: `${told.acknowledged.size} events acknowledged, ${perSecond} a second over all; away for ${(away / 1_000).toFixed(1)} s at the median, ${((awayMs.at(-1) ?? 0) / 1_000).toFixed(1)} s at most`,
    met: lost === 0 && duplicated === 0 && faults.length === 0,
  });
  expect(faults).toEqual([]);
  expect({ lost, duplicated }).toEqual({ lost: 0, duplicated: 0 });
  expect(told.acknowledged.size).toBeGreaterThan(RESTARTS * 50);
  expectPutOff();
}

test(`G6: PostgreSQL ends ${RESTARTS} times under load, seed ${SEED}`, async () => {
  const how = (at: number) => POSTGRES_ENDS[at % POSTGRES_ENDS.length] as (typeof POSTGRES_ENDS)[number];
  const awayMs = await restart((at) => endPostgres(house.dataDir, how(at)), takes);
  await tell('G6 PostgreSQL', 'ends of the embedded PostgreSQL: postmaster, backend, immediate shutdown', awayMs);
  expect([...readers.answers.keys()].filter((what) => what.startsWith('/readyz')).length).toBe(1);
}, 3_600_000);

test(`G6: ClickHouse is killed ${RESTARTS} times under load, seed ${SEED}`, async () => {
  const { pid } = house.running.child;
  const awayMs = await restart(
    () => killClickHouse(pid as number),
    () => reads(EVENTS),
  );
  await tell('G6 ClickHouse', 'kills of the embedded ClickHouse', awayMs);
  expect(told.putOff.size, 'events are taken without it').toBe(0);
}, 3_600_000);
