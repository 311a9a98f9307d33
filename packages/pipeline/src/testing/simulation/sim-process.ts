import type { Instant } from '@filrouge/domain/base';
import { EngineDown } from '../pipeline-world.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How calls to engines fare in one seed; each seed mixes its own (swarm testing, Groce et al. 2012). */
export type FaultMix = {
  /** Probability that a call fails before it does anything. */
  readonly before: number;
  /** Probability that it is done and its answer is lost: the fault that finds doubles. */
  readonly after: number;
  /** Longest way to an engine or back. Unit: ms. */
  readonly latency: number;
};

export const NO_FAULTS: FaultMix = { before: 0, after: 0, latency: 2 };

export class Killed extends Error {
  override readonly name = 'Killed';
}

/** A fault that is one of the game: thousands are made, and where is of no interest. */
function quietly<Fault>(make: () => Fault): Fault {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A process of the installation: calls engines over ways that take time and fail, and may be killed at any moment. */
export class SimProcess {
  readonly name: string;
  /** Rejects when it is killed. */
  readonly death: Promise<never>;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #mix: () => FaultMix;
  readonly #trace: (line: string) => void;
  readonly #hit: (point: string) => void;
  #skew: number;
  #isAlive = true;
  #hasPower = true;
  #die: (fault: Killed) => void = () => undefined;

  constructor(
    name: string,
    world: {
      readonly time: VirtualTime;
      readonly random: SeededRandom;
      readonly mix: () => FaultMix;
      readonly trace: (line: string) => void;
      /** Hears of each fault that was met, by the point at which it is. */
      readonly hit: (point: string) => void;
    },
    skew: number,
  ) {
    this.name = name;
    this.#time = world.time;
    this.#random = world.random;
    this.#mix = world.mix;
    this.#trace = world.trace;
    this.#hit = world.hit;
    this.#skew = skew;
    this.death = new Promise((_, reject) => {
      this.#die = reject;
    });
    this.death.catch(() => undefined);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** By its own clock. */
  now(): Instant {
    return Math.trunc(this.#time.now + this.#skew) as Instant;
  }

  /** Its clock is set, forward or back. Unit: ms. */
  jump(by: number): void {
    this.#skew += by;
  }

  /** The machine goes down with it: nothing arrives any more. */
  losePower(): void {
    this.#hasPower = false;
    this.kill();
  }

  kill(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#trace(`${this.name} dies`);
    this.#die(quietly(() => new Killed(this.name)));
  }

  /** One call to an engine. What was on its way when the process died still arrives, or does not. */
  async call<T>(what: string, effect: () => Promise<T> | T): Promise<T> {
    if (!this.#isAlive) return never();
    const { before, after } = this.#mix();
    const [fails, isLost] = [this.#random.chance(before), this.#random.chance(after)];
    await this.#way();
    if (!this.#hasPower || (!this.#isAlive && this.#random.chance(0.5))) return never();
    if (fails) {
      this.#hit(`${what} fails`);
      this.#trace(`${this.name} ${what} fails`);
      throw quietly(() => new EngineDown(what));
    }
    this.#trace(`${this.name} ${what}`);
    const answer = await effect();
    await this.#way();
    if (!this.#isAlive) {
      this.#hit(`${what} outlives its caller`);
      return never();
    }
    if (isLost) {
      this.#hit(`${what} answer lost`);
      this.#trace(`${this.name} ${what} answer lost`);
      throw quietly(() => new EngineDown(`${what}: no answer`));
    }
    return answer;
  }

  /** A statement of a transaction: with the process the transaction ends, and all of it is undone. */
  async within<T>(what: string, effect: () => Promise<T> | T): Promise<T> {
    if (!this.#isAlive) throw quietly(() => new Killed(this.name));
    const fails = this.#random.chance(this.#mix().before);
    await this.#way();
    if (!this.#isAlive) throw quietly(() => new Killed(this.name));
    if (fails) {
      this.#hit(`${what} fails`);
      this.#trace(`${this.name}   ${what} fails`);
      throw quietly(() => new EngineDown(what));
    }
    this.#trace(`${this.name}   ${what}`);
    return effect();
  }

  /** What it tells somebody outside: nothing, once it is dead. */
  async says<T>(answer: Promise<T>): Promise<T> {
    try {
      const told = await answer;
      return this.#isAlive ? told : await never();
    } catch (fault) {
      if (!this.#isAlive) return never();
      throw fault;
    }
  }

  #way(): Promise<void> {
    return this.#time.sleep(this.#random.below(this.#mix().latency + 1));
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
