import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { Database } from '../database.ts';
import { ensureDayPartitions } from '../day-partitions.ts';

/** Tables that are dropped a day at a time, with the days they need around a receipt. 35: deduplication is exact so far back (S16). */
const DAILY = [
  { table: 'journal', back: 1, ahead: 1 },
  { table: 'withheld', back: 1, ahead: 1 },
  { table: 'seen', back: 35, ahead: 1 },
] as const;

/** Makes sure of the day partitions that a receipt may write to; takes no time while the day stays the same. */
export class AppendPartitions {
  #ready: number | undefined;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async ensure(receivedAt: Instant): Promise<void> {
    const today = Math.floor(receivedAt / DAY_MS);
    if (this.#ready === today) return;
    for (const { table, back, ahead } of DAILY) {
      await ensureDayPartitions(this.#database, table, dayOf(today - back), dayOf(today + ahead + 1));
    }
    this.#ready = today;
  }
}

function dayOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
