import { checkEnd } from './invariants.ts';
import { perform } from './perform-act.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { scriptOf } from './script.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimWorld } from './sim-world.ts';

export type SimResult = {
  readonly seed: number;
  /** Of everything that happened: equal for equal seeds (invariant 23). */
  readonly trace: string;
  readonly steps: number;
  /** How often each fault was met, by the point at which it is. */
  readonly hits: ReadonlyMap<string, number>;
  /** Sentences, each with the number of the invariant of reliability.md. */
  readonly violations: readonly string[];
};

export type SimOptions = {
  readonly bug?: PlantedBug;
  /** Hears every call to an engine. */
  readonly listen?: (line: string) => void;
  /** Only the way it goes is of interest, not where it ends. */
  readonly onlyTrace?: true;
};

/** Plays the life of one seed and checks what must hold in every life. */
export async function simulate(seed: number, options: SimOptions = {}): Promise<SimResult> {
  const script = scriptOf(new SeededRandom(seed + 1_000_003));
  const world = new SimWorld(seed, script.start, options);
  const cameToRest = await world.play(script, (act) => perform(world, act));
  if (!cameToRest) world.violations.push('liveness: everybody waits for something that will not come');
  else if (world.violations.length === 0 && options.onlyTrace !== true) await checkEnd(world);
  return { seed, trace: world.traced, steps: world.steps, hits: world.hits, violations: world.violations };
}
