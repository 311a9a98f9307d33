import { createMemoryEventStore, type EventStore, type MemoryDisk } from '@filrouge/ports';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The power went before this was on the disk. */
class PowerLost extends Error {
  override readonly name = 'PowerLost';
}

const WRITES = ['insertRange', 'forgetRun', 'putAgain', 'putThreadSpans', 'putConsentStates', 'reset'] as const;

type Written = { readonly again: () => Promise<unknown>; isSynced: boolean };

/** How long a commit stays unsynced where nobody waits for it: the mistake that is planted. Unit: ms. */
const LAZY_MS = 400;

/**
 * The disk under both engines. What is written lies in its cache until it was synced; of the cache a power cut leaves
 * whatever the seed says.
 */
export class SimDisk implements MemoryDisk {
  /** The port to the event store, whatever store stands behind it since the last cut. */
  readonly events: EventStore;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #isLazy: boolean;
  #store = createMemoryEventStore();
  #written: Written[] = [];
  #uncommitted: (() => void)[] = [];
  #isQuick = false;
  #cut = Promise.withResolvers<never>();

  constructor(time: VirtualTime, random: SeededRandom, isLazy: boolean) {
    this.#time = time;
    this.#random = random;
    this.#isLazy = isLazy;
    this.#cut.promise.catch(() => undefined);
    const current = <Part extends keyof EventStore>(part: Part): EventStore[Part] =>
      ((...said: readonly unknown[]) => this.#call(part, said)) as EventStore[Part];
    const parts = (Object.keys(this.#store) as readonly (keyof EventStore)[]).map((part) => [part, current(part)]);
    this.events = Object.fromEntries(parts) as EventStore;
  }

  /** From here on nothing takes time: the power stays. */
  calm(): void {
    this.#isQuick = true;
  }

  async sync(): Promise<void> {
    if (this.#isLazy || this.#isQuick) return;
    const cut = this.#cut.promise;
    await Promise.race([this.#time.sleep(this.#random.below(3)), cut]).catch((fault: unknown) => {
      // It was on its way: it arrived, or it did not.
      if (this.#random.chance(0.5)) throw fault;
    });
  }

  committed(undo: () => void): void {
    if (!this.#isLazy || this.#isQuick) return;
    this.#uncommitted.push(undo);
    void this.#time.sleep(LAZY_MS).then(() => {
      this.#uncommitted = this.#uncommitted.filter((one) => one !== undo);
    });
  }

  /** Takes the power away and gives it back: what was not synced is there or is not, the log as far as one place. */
  async cutPower(): Promise<void> {
    this.#cut.reject(new PowerLost('the power went'));
    this.#cut = Promise.withResolvers();
    this.#cut.promise.catch(() => undefined);
    for (const undo of this.#uncommitted.splice(this.#random.below(this.#uncommitted.length + 1)).reverse()) undo();
    this.#written = this.#written.filter(({ isSynced }) => isSynced || this.#random.chance(0.5));
    this.#store = createMemoryEventStore();
    for (const written of this.#written) {
      written.isSynced = true;
      await written.again().catch(() => undefined);
    }
  }

  async #call(part: keyof EventStore, said: readonly unknown[]): Promise<unknown> {
    const perform = async (): Promise<unknown> =>
      (this.#store[part] as (...args: readonly unknown[]) => unknown)(...said);
    const answer = await perform();
    if (this.#isQuick || !WRITES.some((write) => write === part)) return answer;
    const written: Written = { again: perform, isSynced: false };
    this.#written.push(written);
    await Promise.race([this.#time.sleep(this.#random.below(3)), this.#cut.promise]);
    written.isSynced = true;
    return answer;
  }
}
