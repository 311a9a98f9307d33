import { simulate } from './simulate.ts';

/** What went wrong in any of these lives: each is played twice, and must go the same way both times (invariant 23). */
export async function faultsOfSeeds(from: number, to: number): Promise<readonly string[]> {
  const faults: string[] = [];
  for (let seed = from; seed <= to; seed += 1) {
    const first = await simulate(seed);
    const again = await simulate(seed, { onlyTrace: true });
    const told = `seed=${seed} step=${first.steps}`;
    if (again.trace !== first.trace) faults.push(`${told} invariant=23: it went another way the second time`);
    for (const violation of first.violations) faults.push(`${told} invariant=${violation}`);
  }
  return faults;
}
