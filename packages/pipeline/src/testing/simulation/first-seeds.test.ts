import { expect, test } from 'vitest';
import { faultsOfSeeds } from './play-seeds.ts';

// Two files, because two files are played at once; `all-seeds.faults.test.ts` plays the rest. A seed that fails is looked
// at with `npm run sim -- --seed N --trace`.
test('whatever befalls processes and their calls, what must hold holds: seeds 1 to 300, each twice', async () => {
  expect(await faultsOfSeeds(1, 300)).toEqual([]);
}, 300_000);
