import { expect, test } from 'vitest';
import { faultsOfSeeds } from './play-seeds.ts';

// Two files, because two files are played at once. A seed that fails is looked at with `npm run sim -- --seed N --trace`.
test('whatever befalls processes and their calls, what must hold holds: seeds 1001 to 2000, each twice', async () => {
  expect(await faultsOfSeeds(1001, 2000)).toEqual([]);
}, 300_000);
