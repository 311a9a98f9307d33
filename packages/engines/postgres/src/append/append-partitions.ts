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

/** What stands at the beginning of a day of receipts. */
export type DayBegun = {
  /** Ids of live items lie among the undated ones: of items without a time of their own, or of a day whose clock was wrong. */
  readonly strays: boolean;
};

const STRAYS = 'select exists (select from seen_undated where run is null) as strays';

/** Makes sure of the day partitions that a receipt may write to; takes no time while the day stays the same. */
export class AppendPartitions {
  #ready: { readonly day: number; readonly made: Promise<DayBegun> } | undefined;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Callers of one day share one making; after a failure the next caller tries again. */
  ensure(receivedAt: Instant): Promise<DayBegun> {
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

  async #make(day: number): Promise<DayBegun> {
    for (const { table, back, ahead } of DAILY) {
      await ensureDayPartitions(this.#database, table, dayOf(day - back), dayOf(day + ahead + 1));
    }
    const [row] = await this.#database.query<DayBegun>(STRAYS);
    return { strays: row?.strays === true };
  }
}

function dayOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
