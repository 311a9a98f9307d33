import type { Instant } from '../base/instant.ts';
import { FUTURE_TOLERANCE_MS } from '../event/correct-times.ts';

/** What the ledger notes about a record beside its facts. `dated-ahead`: its date lay in the future of its receipt. */
export const LEDGER_MARKS = ['dated-ahead'] as const;
export type LedgerMark = (typeof LEDGER_MARKS)[number];

/** The date of a decision in the ledger. One that lies further ahead than clocks differ is its receipt's, with a mark (S4, S6). */
export function dateInLedger(
  indicatedAt: Instant,
  receivedAt: Instant,
): { readonly indicatedAt: Instant; readonly marks: readonly LedgerMark[] } {
  return indicatedAt > receivedAt + FUTURE_TOLERANCE_MS
    ? { indicatedAt: receivedAt, marks: ['dated-ahead'] }
    : { indicatedAt, marks: [] };
}
