import { simulate } from './simulate.ts';

export type Played = {
  /** What went wrong in any of these lives. */
  readonly faults: readonly string[];
  /** How often each fault was met. */
  readonly hits: ReadonlyMap<string, number>;
};

/** Plays each life twice, which must go the same way both times (invariant 23). */
export async function playSeeds(from: number, to: number): Promise<Played> {
  const faults: string[] = [];
  const hits = new Map<string, number>();
  for (let seed = from; seed <= to; seed += 1) {
    const first = await simulate(seed);
    const again = await simulate(seed, { onlyTrace: true });
    const told = `seed=${seed} step=${first.steps}`;
    if (again.trace !== first.trace) faults.push(`${told} invariant=23: it went another way the second time`);
    for (const violation of first.violations) faults.push(`${told} invariant=${violation}`);
    for (const [point, times] of first.hits) hits.set(point, (hits.get(point) ?? 0) + times);
  }
  return { faults, hits };
}

/** Points at which nothing was ever met: whatever is said of what happens there rests on nothing. */
export function unmet(points: readonly string[], { hits }: Played): readonly string[] {
  return points.filter((point) => !hits.has(point));
}
