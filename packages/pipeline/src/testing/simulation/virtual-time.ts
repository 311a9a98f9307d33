import { nextTick } from 'node:process';
import type { SeededRandom } from './seeded-random.ts';

type Task = { readonly at: number; readonly order: number; readonly wake: () => void };

/** A clock that moves only when nothing else can: whoever waits is woken in the order of a seed. Unit: ms. */
export class VirtualTime {
  #now: number;
  readonly #random: SeededRandom;
  readonly #waiting: Task[] = [];

  constructor(start: number, random: SeededRandom) {
    this.#now = start;
    this.#random = random;
  }

  get now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      // Of those due at one instant any may be first.
      const task = { at: this.#now + ms, order: this.#random.next(), wake };
      const place = this.#waiting.findIndex((other) => isBefore(other, task));
      this.#waiting.splice(place === -1 ? this.#waiting.length : place, 0, task);
    });
  }

  /** Lets time pass until `isOver`; false where everybody waits for something that will not come. */
  async run(isOver: () => boolean): Promise<boolean> {
    for (;;) {
      // Whatever was woken runs on to where it waits again.
      await turn();
      if (isOver()) return true;
      const task = this.#waiting.pop();
      if (task === undefined) return false;
      this.#now = task.at;
      task.wake();
    }
  }
}

function isBefore(one: Task, other: Task): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** Resolves when nothing runs any more: whoever waits, waits for time to pass. */
function turn(): Promise<void> {
  return new Promise((resolve) => nextTick(resolve));
}
