import type { Projector } from '@filrouge/pipeline';
import { AttemptSuperseded } from '@filrouge/ports';
import type { WorkLog } from './work-log.ts';

/** While idle, how often the loop looks for what other processes wrote; a commit of this one wakes it at once. Unit: ms. */
const IDLE_MS = 5_000;
/** Small commits are projected together after this pause: the event store's cost is by insert, not by row. Unit: ms. */
const LINGER_MS = 250;
/** How often one that stands by asks for the right to project: so long nobody does after the other has died. Unit: ms. */
const STANDBY_MS = 1_000;
const RETRY_MS_FIRST = 200;
const RETRY_MS_MAX = 10_000;

export type ProjectorLoop = {
  /** Something was written: look now. */
  wake(): void;
  /** While held it takes no step: nothing may be written. */
  hold(held: boolean): void;
  /** Ends after the step under way, and lets another process project. */
  stop(): Promise<void>;
  /** What the last step failed with, until one succeeds. */
  readonly fault: string | undefined;
  /** Another process projects; this one would take over. */
  readonly standsBy: boolean;
};

/** Keeps the projections behind the journal. A fault is tried again with growing pauses: the range stays the same. */
export function runProjector(projector: Pick<Projector, 'step' | 'release'>, log: WorkLog): ProjectorLoop {
  let stopped = false;
  let fault: string | undefined;
  let standsBy = false;
  let held = false;
  let retryMs = RETRY_MS_FIRST;
  const rest = new Rest();

  const step = async (): Promise<void> => {
    rest.looking();
    if (held) return rest.untilWoken(IDLE_MS);
    const worked = await projector.step();
    fault = undefined;
    retryMs = RETRY_MS_FIRST;
    if (standsBy !== (worked === 'standby')) {
      standsBy = !standsBy;
      log.info({}, standsBy ? 'another process projects: this one stands by' : 'this process projects');
    }
    // A full range means that more waits: no pause between two of those.
    if (stopped || worked === 'full') return;
    if (worked === 'standby') await rest.pause(STANDBY_MS);
    else if (worked === 'some') await rest.pause(LINGER_MS);
    else await rest.untilWoken(IDLE_MS);
  };

  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        await step();
      } catch (thrown) {
        const said = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'unknown';
        if (thrown instanceof AttemptSuperseded)
          log.warn({ said }, 'another process took over in the middle of a range');
        else {
          fault = said;
          log.error({ fault, retryMs }, 'a projection step failed; the same range is tried again');
        }
        if (!stopped) await rest.pause(retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
    await projector.release();
  };

  const running = run();
  return {
    wake: () => rest.wake(),
    hold(now) {
      held = now;
      rest.wake();
    },
    async stop() {
      stopped = true;
      rest.wake();
      await running;
    },
    get fault() {
      return fault;
    },
    get standsBy() {
      return standsBy;
    },
  };
}

/** The pauses between steps; one of them ends early when something was written. */
class Rest {
  /** Woken since the last look began: what was written may be newer than what that look saw. */
  #wanted = false;
  #end: () => void = () => undefined;

  looking(): void {
    this.#wanted = false;
  }

  wake(): void {
    this.#wanted = true;
    this.#end();
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void setTimeout(resolve, ms));
  }

  untilWoken(msMax: number): Promise<void> {
    if (this.#wanted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, msMax);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
