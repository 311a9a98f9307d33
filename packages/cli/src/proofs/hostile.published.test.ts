import { afterAll, beforeAll, expect, test } from 'vitest';
import { describePublished } from '../../../../tools/published/data.ts';
import { temporaryDirectory } from '../testing/run-filrouge.ts';
import { openSmallInstallation, type SmallInstallation } from '../testing/small-installation.ts';
import { playApi } from './testing/hostile/api-doors.ts';
import { playBodies, playCalls, playHeaders, playWholeBodies } from './testing/hostile/attacks.ts';
import { playConfig } from './testing/hostile/config-door.ts';
import { playImports } from './testing/hostile/import-doors.ts';
import { permitShapes, playAddresses, playConsents, playItems } from './testing/hostile/item-doors.ts';
import { HOSTILE_CONFIG, Place } from './testing/hostile/place.ts';
import { readCorpora } from './testing/hostile/published-texts.ts';
import { compareWithSent, leakedIn, readBack } from './testing/hostile/read-back.ts';
import { obeyedIn, someOf, Tally } from './testing/hostile/tally.ts';

/** Texts in one place of an item: of every corpus, others in each place, and all of them in some. */
const TEXTS_MAX = 400;
/** Bodies, each with nine items beside it. */
const BODIES_MAX = 150;
const PATIENCE_MS = 600_000;

describePublished('naughty', 'G9 the corpora through every door of a server', (folder) => {
  const { texts, bodies, calls } = readCorpora(folder);
  let house: SmallInstallation;
  let place: Place;
  let here: Awaited<ReturnType<typeof temporaryDirectory>>;
  let tally: Tally;

  beforeAll(async () => {
    here = await temporaryDirectory();
    house = await openSmallInstallation(HOSTILE_CONFIG);
    place = await Place.at(house.server.url, house.token);
    await permitShapes(place);
  }, PATIENCE_MS);
  afterAll(async () => {
    await house.close();
    await here.remove();
  });
  const shown = (said: string): void => {
    if (obeyedIn(said)) tally.blame('the terminal', JSON.stringify(said));
  };

  test('they are as many as were gathered', () => {
    expect(texts.length).toBeGreaterThan(2_542);
    expect(bodies.length).toBeGreaterThan(403);
    expect(calls.length).toBeGreaterThan(25);
  });

  test(
    'in items: taken or refused one by one, and read again as they were',
    async () => {
      tally = new Tally();
      const taken = await playItems(place, texts, tally, TEXTS_MAX);
      await place.settledFlow();
      const back = await readBack(place, here.path, 'once', ['events']);
      expect(compareWithSent(back, taken, tally)).toEqual({ lost: 0, duplicated: 0 });
      expect(leakedIn(back)).toBe(0);
      expect(tally.faults).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'in decisions, headers, addresses, parameters and fields',
    async () => {
      tally = new Tally();
      await playConsents(place, texts, tally, 30);
      await playHeaders(place, texts, tally, 10);
      await playAddresses(place, texts, tally, 10);
      await playApi(place, texts, tally, { each: 20, costly: 4 });
      expect(tally.faults).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'in files and in the configuration',
    async () => {
      tally = new Tally();
      await playImports(place, here.path, texts, tally, shown);
      await playConfig(here.path, someOf(texts, 60, 0), tally, shown);
      expect(tally.faults).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'bytes in the place of a value or a body, and one bad call in a hundred',
    async () => {
      tally = new Tally();
      await playBodies(place, someOf(bodies, BODIES_MAX, 0), tally);
      await playWholeBodies(place, bodies, tally, 30);
      expect(await playCalls(place, calls, tally)).toBe(99 * calls.length);
      expect(tally.faults).toEqual([]);
    },
    PATIENCE_MS,
  );
});
