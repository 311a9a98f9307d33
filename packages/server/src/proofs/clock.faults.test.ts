import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DAY_MS, HOUR_MS } from '@filrouge/domain/base';
import type { FlowReading } from '@filrouge/ports';
import { afterEach, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { buildDeployment } from '../config/build-deployment.ts';
import { readEnvironment } from '../config/environment.ts';
import { openOffline } from '../offline.ts';
import { type ChildInstallation, openChildInstallation } from './testing/child-installation.ts';
import { type FalseClock, openFalseClock } from './testing/false-clock.ts';
import { openStores } from './testing/opened-stores.ts';
import { type Decider, decides, SHOP, ShopCallers, standsAs } from './testing/shop-callers.ts';

// G5: whatever the clock of the server does, what was answered 200 is there once, a withdrawal holds, and nothing that is
// kept is forgotten. The callers' clocks are right; the server's jumps under load, and is elsewhere when it starts.

const SEED = Number(process.env['FILROUGE_SEED'] ?? 20_261_122);
const LANES = 3;
const AWHILE_MS = 2_500;

/** Shortly before what is to happen there. */
const before = (instant: string): number => Date.parse(instant) - 1_500;
const PLACES: readonly (readonly [name: string, now: () => number])[] = [
  ['two hours ahead', () => Date.now() + 2 * HOUR_MS],
  ['two hours back', () => Date.now() - 2 * HOUR_MS],
  ['a day ahead', () => Date.now() + DAY_MS],
  ['a day back', () => Date.now() - DAY_MS],
  ['the end of 32 bits', () => before('2038-01-19T03:14:08Z')],
  ['the spring night', () => before('2027-03-28T01:00:00Z')],
  ['the autumn night', () => before('2026-10-25T01:00:00Z')],
];

let directory: string;
let clock: FalseClock;
let house: ChildInstallation | undefined;

afterEach(async () => {
  await house?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Numbers from a seed (Numerical Recipes). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function startAt(callers: ShopCallers | undefined, now: number | undefined): Promise<ChildInstallation> {
  await house?.stop();
  await clock.set(now);
  house = await openChildInstallation(SHOP, directory, clock.environment);
  if (callers !== undefined) callers.shop = house;
  return house;
}

/** People and devices whose last word was a no, and what every record was called in the order of the records. */
type Said = { readonly noes: Decider[]; readonly records: string[][] };

/** One says yes and then no, the no in a place where the clock is wrong; another says both there. */
function people(place: string): readonly Decider[] {
  const id = place.replaceAll(' ', '-');
  return (['server', 'page'] as const).map((source) => ({ source, id: `${source}-${id}` }));
}

async function say(at: ChildInstallation, said: Said, who: readonly Decider[], status: 'given' | 'withdrawn') {
  for (const decider of who) said.records.at(-1)?.push(await decides(at, decider, status));
}

/** How many of those whose last word was a no stand as if it had been a yes. */
async function leaks(at: ChildInstallation, { noes }: Said): Promise<readonly string[]> {
  const found: string[] = [];
  for (const decider of noes) {
    if ((await standsAs(at, decider)) === 'given') found.push(`${decider.source} ${decider.id}`);
  }
  return found;
}

/** The clock is elsewhere for a moment, while the server works. */
async function jumps(at: ChildInstallation, said: Said): Promise<void> {
  for (const [place, now] of PLACES) {
    const who = people(`under way, ${place}`);
    await say(at, said, who, 'given');
    await clock.set(now());
    await pause(AWHILE_MS / 2);
    await say(at, said, who, 'withdrawn');
    said.noes.push(...who);
    await pause(AWHILE_MS / 2);
    expect(await leaks(at, said), place).toEqual([]);
    await clock.set(undefined);
  }
}

/** It starts in a place where the clock is wrong, and is stopped there. */
async function startsIn(callers: ShopCallers, said: Said, [place, now]: (typeof PLACES)[number]): Promise<void> {
  said.records.push([]);
  const at = await startAt(callers, now());
  const [earlier, there] = [people(place), people(`${place} and back`)];
  await say(at, said, earlier, 'withdrawn');
  said.noes.push(...earlier);
  await say(at, said, there, 'given');
  await pause(AWHILE_MS);
  await at.drain();
  expect(await leaks(at, said), place).toEqual([]);
}

type Kept = {
  readonly rows: number;
  readonly events: number;
  readonly journal: number;
  readonly head: number;
  /** Days of receipt. */
  readonly days: number;
};

async function kept(dataDir: string): Promise<Kept> {
  const stores = await openStores(dataDir);
  try {
    const query = 'select count() as rows, uniqExact(event_id) as events from event';
    const [counts] = await (await stores.events.query({ query, format: 'JSONEachRow' })).json<Record<string, string>>();
    const [rows] = await stores.database.query<Pick<Kept, 'journal' | 'head' | 'days'>>(
      `select count(*)::int4 as journal, count(distinct (received_at at time zone 'UTC')::date)::int4 as days,
         (select journal_position::int4 from head) as head from journal`,
    );
    if (rows === undefined) throw new Error('the journal cannot be counted');
    return { rows: Number(counts?.['rows']), events: Number(counts?.['events']), ...rows };
  } finally {
    await stores.close();
  }
}

async function replayed(dataDir: string): Promise<readonly [object, object]> {
  const environment = readEnvironment({ FILROUGE_DATA_DIR: dataDir }, directory);
  const deployment = buildDeployment(SHOP, 'proof');
  const offline = await openOffline({ environment, deployment, onProgress: () => undefined });
  try {
    const digest = await offline.digest();
    await offline.replay(() => undefined);
    return [digest, await offline.digest()];
  } finally {
    await offline.close();
  }
}

/** What was acknowledged against what is there, in the end. */
async function compared(callers: ShopCallers, flow: FlowReading) {
  const { dataDir } = house as ChildInstallation;
  await house?.stop();
  house = undefined;
  const stored = await kept(dataDir);
  expect(flow.accepted, 'each was accepted once').toBe(callers.acked.size);
  expect([flow.withheld, flow.refused, flow.pending]).toEqual([0, 0, 0]);
  expect(stored.journal, 'nothing of the journal was forgotten').toBe(stored.head);
  expect(stored.days, 'the server took each place for true').toBeGreaterThanOrEqual(6);
  const [digest, again] = await replayed(dataDir);
  expect(again, 'a replay gives the same').toEqual(digest);
  return { lost: callers.acked.size - flow.kept - flow.quarantined, duplicated: stored.rows - stored.events, stored };
}

for (const zone of ['UTC', 'Europe/Paris']) {
  test(`G5 in ${zone}: the clock jumps under load, and is elsewhere when the server starts; seed ${SEED}`, async () => {
    directory = await mkdtemp(join(tmpdir(), 'filrouge-clock-'));
    clock = await openFalseClock(directory, zone);
    const said: Said = { noes: [], records: [[]] };
    const first = await startAt(undefined, undefined);
    const callers = new ShopCallers(first, randomFrom(SEED));
    callers.begin(LANES);
    await pause(AWHILE_MS);
    await jumps(first, said);
    expect([...callers.answers.keys()], 'no jump costs an answer').toEqual([200]);
    const noticed =
      first
        .printed()
        .toString('utf8')
        .match(/the clock of this machine jumped/g) ?? [];
    expect(noticed.length, 'the server saw each jump').toBeGreaterThanOrEqual(PLACES.length);
    for (const [place] of PLACES) await say(first, said, people(place), 'given');
    for (const place of PLACES) await startsIn(callers, said, place);

    said.records.push([]);
    const last = await startAt(callers, undefined);
    expect(await leaks(last, said), 'back again').toEqual([]);
    for (const [place] of PLACES) {
      const who = people(`${place} and back`);
      await say(last, said, who, 'withdrawn');
      said.noes.push(...who);
    }
    const again = people('a day back and back');
    const leaked = await leaks(last, said);
    expect(leaked, 'a no after a yes that was dated ahead').toEqual([]);
    await say(last, said, again, 'given');
    for (const decider of again) expect(await standsAs(last, decider)).toBe('given');
    await callers.finish();
    expect([...callers.answers.keys()].filter((status) => status !== 200 && status !== 0)).toEqual([]);
    for (const ids of said.records) expect(ids, 'ids of one life increase').toEqual(ids.toSorted());
    expect(new Set(said.records.flat()).size).toBe(said.records.flat().length);
    await last.drain();
    const flow = await last.flow();
    const { lost, duplicated, stored } = await compared(callers, flow);
    expect({ lost, duplicated }).toEqual({ lost: 0, duplicated: 0 });
    await tellFault({
      goal: 'G5 clock',
      tried: 2 * PLACES.length,
      of: `jumps and starts in ${zone}`,
      lost,
      duplicated,
      leaked: leaked.length,
      measured: `${callers.acked.size} events acknowledged, ${callers.again} requests sent again under another clock, ${flow.quarantined} quarantined, ${said.noes.length} withdrawals; ${stored.journal} journal rows, none forgotten`,
      met: true,
    });
  }, 900_000);
}
