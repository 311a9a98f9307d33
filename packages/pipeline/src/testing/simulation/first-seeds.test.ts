import { expect, test } from 'vitest';
import { FAULT_POINTS } from './fault-points.ts';
import { playSeeds, unmet } from './play-seeds.ts';

// Two files, because two files are played at once. A seed that fails is looked at with `npm run sim -- --seed N --trace`.
test('whatever befalls processes and their calls, what must hold holds: seeds 1 to 1,000, each twice', async () => {
  const played = await playSeeds(1, 1_000);
  expect(played.faults).toEqual([]);
  expect(unmet(FAULT_POINTS, played)).toEqual([]);
}, 1_200_000);
