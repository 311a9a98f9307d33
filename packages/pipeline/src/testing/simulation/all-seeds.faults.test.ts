import { expect, test } from 'vitest';
import { faultsOfSeeds } from './play-seeds.ts';

test('whatever befalls processes and their calls, what must hold holds: seeds 601 to 2,000, each twice', async () => {
  expect(await faultsOfSeeds(601, 2_000)).toEqual([]);
}, 1_200_000);
