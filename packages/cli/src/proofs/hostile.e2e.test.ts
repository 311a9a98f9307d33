import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../testing/run-filrouge.ts';
import { openSmallInstallation, type SmallInstallation } from '../testing/small-installation.ts';
import { playApi } from './testing/hostile/api-doors.ts';
import {
  playBodies,
  playBombs,
  playCalls,
  playForgeries,
  playHeaders,
  playWholeBodies,
} from './testing/hostile/attacks.ts';
import { playConfig } from './testing/hostile/config-door.ts';
import { playImports } from './testing/hostile/import-doors.ts';
import { permitShapes, playAddresses, playConsents, playItems, playNames } from './testing/hostile/item-doors.ts';
import { ownBodies, ownCalls } from './testing/hostile/own-bodies.ts';
import { OWN_TEXTS } from './testing/hostile/own-texts.ts';
import { HOSTILE_CONFIG, Place } from './testing/hostile/place.ts';
import { compareCsv, compareWithSent, leakedIn, readBack } from './testing/hostile/read-back.ts';
import { obeyedIn, Tally } from './testing/hostile/tally.ts';

// G9 in small: what we know to go wrong somewhere, at every door, some of it at each. The whole is `hostile.faults.test.ts`.

let house: SmallInstallation;
let place: Place;
let here: Awaited<ReturnType<typeof temporaryDirectory>>;
let tally: Tally;

beforeAll(async () => {
  here = await temporaryDirectory();
  house = await openSmallInstallation(HOSTILE_CONFIG);
  place = await Place.at(house.server.url, house.token);
  await permitShapes(place);
});
afterAll(async () => {
  await house.close();
  await here.remove();
});

const shown = (said: string): void => {
  if (obeyedIn(said)) tally.blame('the terminal', JSON.stringify(said));
};

test('in items: taken or refused one by one, and read again as they were', async () => {
  tally = new Tally();
  const taken = await playItems(place, OWN_TEXTS, tally, 24);
  await place.settledFlow();
  const back = await readBack(place, here.path, 'once', ['events']);
  expect(compareWithSent(back, taken, tally)).toEqual({ lost: 0, duplicated: 0 });
  expect(leakedIn(back), 'nobody is there who said nothing').toBe(0);
  await compareCsv(place, here.path, back.exported['events'] ?? [], 'events', tally);
  expect(tally.faults).toEqual([]);
  expect(taken.size).toBeGreaterThan(300);
});

test('as names, in decisions, headers and at every address of every dialect', async () => {
  tally = new Tally();
  await playNames(place, OWN_TEXTS.slice(0, 12), tally);
  await playConsents(place, OWN_TEXTS, tally, 3);
  await playHeaders(place, OWN_TEXTS, tally, 1);
  await playAddresses(place, OWN_TEXTS, tally, 1);
  expect(tally.faults).toEqual([]);
});

test('in every parameter and every field of the API', async () => {
  tally = new Tally();
  await playApi(place, OWN_TEXTS, tally, { each: 4, costly: 1 });
  expect(tally.faults).toEqual([]);
  expect(tally.tried).toBeGreaterThan(300);
});

test('in the cells of files, and in the configuration', async () => {
  tally = new Tally();
  await playImports(place, here.path, OWN_TEXTS, tally, shown, {
    customers: ['csv'],
    events: ['ndjson', 'parquet'],
    products: ['csv'],
  });
  await playConfig(here.path, OWN_TEXTS.slice(0, 24), tally, shown);
  expect(tally.faults).toEqual([]);
});

test('bytes in the place of a value or a body cost no item beside them; few that become many are refused', async () => {
  tally = new Tally();
  await playBodies(place, ownBodies(), tally);
  await playWholeBodies(place, ownBodies(), tally, 4);
  await playBombs(place, 2_000_000, tally);
  expect(await playCalls(place, ownCalls(), tally), 'of 100 with a bad one 99 are stored').toBe(99 * ownCalls().length);
  expect(await playForgeries(place, tally), 'forged and effective').toBe(0);
  expect(tally.faults).toEqual([]);
});
