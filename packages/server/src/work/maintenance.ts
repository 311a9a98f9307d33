import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { WorkLog } from './work-log.ts';

/** How often it looks whether a day has begun since it last worked. Unit: ms. */
const LOOK_MS = 60 * 60 * 1_000;

/** Something that is done once a day. */
export type Chore = {
  /** Ends the sentence "could not …". */
  readonly what: string;
  /** Answers what was done, for the log; undefined where there was nothing to do. */
  readonly work: () => Promise<{ readonly said: string; readonly figures: object } | undefined>;
};

export type Maintenance = {
  /** While held no chore is begun: some copy whole tables. What was put off is done within the hour. */
  hold(held: boolean): void;
  /** Ends after the work under way. */
  stop(): Promise<void>;
};

/**
 * Does each chore once a day, and once at the start, one after the other. A fault is tried again an hour later; nothing
 * waits for it, the other chores neither. Several processes may do this: one works, the others find nothing.
 */
export function runMaintenance(chores: readonly Chore[], now: () => Instant, log: WorkLog): Maintenance {
  const doneOn = new Map<Chore, number>();
  let working: Promise<void> = Promise.resolve();
  let isHeld = false;

  const work = async (chore: Chore): Promise<void> => {
    const today = Math.floor(now() / DAY_MS);
    if (isHeld || doneOn.get(chore) === today) return;
    try {
      const done = await chore.work();
      doneOn.set(chore, today);
      if (done !== undefined) log.info(done.figures, done.said);
    } catch (thrown) {
      const fault = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'unknown';
      log.error({ fault }, `could not ${chore.what}; tried again in an hour`);
    }
  };
  const look = (): void => {
    for (const chore of chores) working = working.then(() => work(chore));
  };

  look();
  const looking = setInterval(look, LOOK_MS);
  looking.unref();
  return {
    hold(held) {
      isHeld = held;
    },
    async stop() {
      clearInterval(looking);
      await working;
    },
  };
}
