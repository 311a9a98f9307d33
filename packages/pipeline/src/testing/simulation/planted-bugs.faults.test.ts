import { afterAll, describe, expect, test } from 'vitest';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { simulate } from './simulate.ts';

/** Within so many seeds each mistake has to be found. */
const SEEDS_MAX = 500;

describe('the simulation finds each planted mistake', () => {
  const lines: string[] = [];
  afterAll(() => console.info(['planted mistake | seed that finds it | what it says', ...lines].join('\n')));

  test.each(PLANTED_BUGS)(
    '%s',
    async (bug) => {
      for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
        const [found] = (await simulate(seed, { bug })).violations;
        if (found === undefined) continue;
        lines.push(`${bug} | ${seed} | ${found}`);
        return;
      }
      expect.fail(`not found in ${SEEDS_MAX} seeds`);
    },
    300_000,
  );
});
