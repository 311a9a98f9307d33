import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { freePort, type RunningCommand, startFilrouge, temporaryDirectory } from '../testing/run-filrouge.ts';
import { playApi } from './testing/hostile/api-doors.ts';
import {
  playBodies,
  playBombs,
  playCalls,
  playForgeries,
  playHeaders,
  playSlowly,
  playWholeBodies,
} from './testing/hostile/attacks.ts';
import { playConfig } from './testing/hostile/config-door.ts';
import { playImports } from './testing/hostile/import-doors.ts';
import { permitShapes, playAddresses, playConsents, playItems, playNames } from './testing/hostile/item-doors.ts';
import { ownBodies, ownCalls } from './testing/hostile/own-bodies.ts';
import { OWN_TEXTS } from './testing/hostile/own-texts.ts';
import { HOSTILE_CONFIG, Place } from './testing/hostile/place.ts';
import { type Corpora, readCorpora } from './testing/hostile/published-texts.ts';
import {
  compareCsv,
  compareWithSent,
  EXPORTED,
  leakedIn,
  type ReadBack,
  readBack,
} from './testing/hostile/read-back.ts';
import { obeyedIn, someOf, Tally } from './testing/hostile/tally.ts';

// G9: what others gathered against programs like this one, and what we know of, through every door of a real server, which
// is then stopped and started, and everything read again.

/** Inputs at a door that takes one in a request: of every corpus, and other ones at each door. */
const EACH_MAX = 300;
/** At a door that is dear: passwords are hashed there, engines asked, or it is read as another one is. */
const COSTLY_MAX = 40;
const ONE_OF = Number(process.env['FILROUGE_HOSTILE_ONE_OF'] ?? 1);
const SLOW = 300;

const NONE: Corpora = { texts: [], bodies: [], calls: [], tables: [] };
const inputs = readInputs();
let house: Awaited<ReturnType<typeof temporaryDirectory>>;
let environment: Record<string, string>;
let running: RunningCommand;
let place: Place;
const tally = new Tally();
const told = { lost: 0, duplicated: 0, leaked: 0, memoryMb: 0, slowestMs: 0, keptMs: 0 };

function readInputs(): Corpora & { readonly isOwnAlone: boolean } {
  const shared = process.env['FILROUGE_SHARED_DATA'];
  const folder = shared === undefined ? undefined : join(shared, 'naughty');
  const isOwnAlone = folder === undefined || !existsSync(folder);
  if (isOwnAlone)
    console.info('Our own inputs alone: FILROUGE_SHARED_DATA names no folder with those that are published.');
  const { texts, bodies, calls, tables } = isOwnAlone ? NONE : readCorpora(folder);
  return {
    texts: [...OWN_TEXTS, ...texts].filter((_, at) => at % ONE_OF === 0),
    bodies: [...ownBodies(), ...bodies].filter((_, at) => at % ONE_OF === 0),
    calls: [...ownCalls(), ...calls],
    tables,
    isOwnAlone,
  };
}

beforeAll(async () => {
  house = await temporaryDirectory();
  environment = { FILROUGE_PORT: String(await freePort()) };
  await writeFile(join(house.path, 'filrouge.config.ts'), `export default ${JSON.stringify(HOSTILE_CONFIG)};\n`);
  const { url, apiToken = '' } = await begin();
  place = await Place.at(url, apiToken);
  await permitShapes(place);
});
afterAll(async () => {
  running.child.kill('SIGTERM');
  await running.ended;
  await house.remove();
});

async function begin(): Promise<{ readonly url: string; readonly apiToken?: string }> {
  running = startFilrouge(['start', '--json'], { directory: house.path, environment });
  // It ends when it is told to.
  running.ended.catch(() => undefined);
  return JSON.parse(await running.line(/^\{"url"/)) as { readonly url: string; readonly apiToken?: string };
}

const shown = (said: string): void => {
  if (obeyedIn(said)) tally.blame('the terminal', JSON.stringify(said));
};

/** A part of it: what it found is known at once, and counted at the end. */
function part(name: string, play: () => Promise<unknown>): void {
  test(name, async () => {
    const [tried, faults, begun] = [tally.tried, tally.faults.length, performance.now()];
    await play();
    console.info(`${name}: ${tally.tried - tried} in ${Math.round((performance.now() - begun) / 1_000)} s`);
    expect(tally.faults.slice(faults)).toEqual([]);
    expect(running.child.exitCode, 'it runs').toBeNull();
  }, 5_400_000);
}

let before: ReadBack;

part('items', async () => {
  const taken = await playItems(place, inputs.texts, new Tally());
  await place.settledFlow();
  before = await readBack(place, house.path, 'before');
  Object.assign(told, compareWithSent(before, taken, tally), { leaked: leakedIn(before) });
});

part('the CSV of exports', async () => {
  for (const what of EXPORTED) await compareCsv(place, house.path, before.exported[what] ?? [], what, tally);
});

part('bodies', async () => {
  await playBodies(place, inputs.bodies, tally);
  await playWholeBodies(place, inputs.bodies, tally, EACH_MAX);
  await playBombs(place, 100_000_000, tally);
  await playCalls(place, inputs.calls, tally);
});

part('slow connections', async () => {
  const { waited, longest } = await playSlowly(place, SLOW, tally);
  Object.assign(told, { slowestMs: waited, keptMs: longest });
  if (longest > 60_000) tally.blame('slow connections', `one was kept for ${longest} ms`);
});

part('files', async () => {
  await playImports(place, house.path, inputs.texts, tally, shown);
  for (const [at, table] of inputs.tables.entries()) {
    await writeFile(join(house.path, `table-${at}.csv`), table);
    const argv = ['import', 'products', `table-${at}.csv`, '--source', 'server'];
    const { exitCode, stdout, stderr } = await place.run(house.path, argv, 'server');
    shown(stdout + stderr);
    if (stderr.includes('fault of filrouge')) tally.blame(`table ${at}`, stderr);
    else tally.add(exitCode === 0 ? 'taken' : 'refused');
  }
});

part('the configuration', () => playConfig(house.path, someOf(inputs.texts, EACH_MAX, 1), tally, shown));

part('decisions, names and forgeries', async () => {
  told.leaked += await playForgeries(place, tally);
  await playConsents(place, inputs.texts, tally, EACH_MAX);
  await playNames(place, someOf(inputs.texts, EACH_MAX, 0), tally);
});

part('addresses and headers', async () => {
  await playAddresses(place, inputs.texts, tally, COSTLY_MAX);
  await playHeaders(place, inputs.texts, tally, COSTLY_MAX);
});

part('the API', () => playApi(place, inputs.texts, tally, { each: EACH_MAX, costly: COSTLY_MAX }));

part('what is shown on a terminal', async () => {
  for (const argv of [
    ['quarantine', 'list'],
    ['import', 'list'],
    ['token', 'list'],
    ['report', 'ropo', '--brand', 'maison'],
  ]) {
    const { stdout, stderr } = await place.run(house.path, argv);
    shown(stdout + stderr);
  }
  const sql = [
    'sql',
    'SELECT name, count() AS n FROM events GROUP BY name',
    '--purpose',
    'profiling',
    '--brand',
    'maison',
  ];
  const { stdout, stderr } = await place.run(house.path, sql);
  shown(stdout + stderr);
});

part('after a restart', async () => {
  const status = await readFile(`/proc/${running.child.pid}/status`, 'utf8').catch(() => '');
  told.memoryMb = Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
  const first = await readBack(place, house.path, 'first');
  const flow = await place.settledFlow();
  running.child.kill('SIGTERM');
  const { exitCode } = await running.ended;
  await begin();
  const again = await readBack(place, house.path, 'again');
  if (exitCode !== 0) tally.blame('a restart', `it ended with ${exitCode}`);
  if (!flow.balanced) tally.blame('the sums', JSON.stringify(flow));
  const sums = await place.settledFlow();
  if (!isDeepStrictEqual(sums, flow)) tally.blame('the sums after a restart', JSON.stringify([flow, sums]));
  for (const what of ['events', 'held', 'report', 'exported'] as const) {
    if (!isDeepStrictEqual(again[what], first[what])) tally.blame('after a restart', `${what} are others`);
  }
  tally.add('read again', first.events.length);
});

test('G9', async () => {
  const { lost, duplicated, leaked, memoryMb, slowestMs, keptMs } = told;
  const met = tally.faults.length === 0 && lost + duplicated + leaked === 0;
  const of = inputs.isOwnAlone ? 'inputs at doors (our own alone)' : 'inputs at doors';
  await tellFault({
    goal: 'G9',
    tried: tally.tried,
    of,
    lost,
    duplicated,
    leaked,
    measured: `${tally.words}; ${SLOW} slow connections cut after ${Math.round(keptMs / 1_000)} s at most, others waited ${Math.round(slowestMs)} ms at most; ${memoryMb} MB at most`,
    met,
  });
  expect(tally.faults).toEqual([]);
  expect({ lost, duplicated, leaked }).toEqual({ lost: 0, duplicated: 0, leaked: 0 });
});
