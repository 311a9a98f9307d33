import { DAY_MS, type Instant } from '@filrouge/domain/base';
import { SEEN_DAYS_AHEAD, SEEN_DAYS_BACK } from '@filrouge/ports';
import type { Database } from '../database.ts';
import { ensureDayPartitions } from '../day-partitions.ts';

/** Tables that are dropped a day at a time, with the days they need around a receipt. */
const DAILY = [
  { table: 'journal', back: 1, ahead: 1 },
  { table: 'withheld', back: 1, ahead: 1 },
  { table: 'seen', back: SEEN_DAYS_BACK, ahead: SEEN_DAYS_AHEAD },
] as const;

/** Makes sure of the day partitions that a receipt may write to; takes no time while the day stays the same. */
export class AppendPartitions {
  #ready: { readonly day: number; readonly made: Promise<void> } | undefined;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Callers of one day share one making; after a failure the next caller tries again. */
  ensure(receivedAt: Instant): Promise<void> {
    const day = Math.floor(receivedAt / DAY_MS);
    if (this.#ready?.day !== day) {
      const made = this.#make(day).catch((error: unknown) => {
        this.#ready = undefined;
        throw error;
      });
      this.#ready = { day, made };
    }
    return this.#ready.made;
  }

  async #make(day: number): Promise<void> {
    for (const { table, back, ahead } of DAILY) {
      await ensureDayPartitions(this.#database, table, dayOf(day - back), dayOf(day + ahead + 1));
    }
  }
}

function dayOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
