import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { AppendStore } from '@filrouge/ports';
import type { Logger } from 'pino';

/** How often it looks whether a day has begun since it last worked. Unit: ms. */
const LOOK_MS = 60 * 60 * 1_000;

export type MaintenanceParts = { readonly expire: AppendStore['expire']; readonly now: () => Instant };

export type Maintenance = {
  /** Ends after the work under way. */
  stop(): Promise<void>;
};

/**
 * What is done once a day, and once at the start: deduplication forgets what is too old to come back (S16). A fault is
 * tried again an hour later; nothing waits for it. Several processes may do this: one works, the others find nothing.
 */
export function runMaintenance({ expire, now }: MaintenanceParts, logger: Logger): Maintenance {
  let doneOn: number | undefined;
  let working: Promise<void> = Promise.resolve();

  const work = async (): Promise<void> => {
    const today = Math.floor(now() / DAY_MS);
    if (doneOn === today) return;
    try {
      const { days, ids } = await expire();
      doneOn = today;
      if (days.length > 0 || ids > 0) logger.info({ days, ids }, 'ids of messages too old to come back were forgotten');
    } catch (thrown) {
      const fault = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'unknown';
      logger.error({ fault }, 'ids of messages too old to come back could not be forgotten; tried again in an hour');
    }
  };
  const look = (): void => {
    working = working.then(work);
  };

  look();
  const looking = setInterval(look, LOOK_MS);
  looking.unref();
  return {
    async stop() {
      clearInterval(looking);
      await working;
    },
  };
}
