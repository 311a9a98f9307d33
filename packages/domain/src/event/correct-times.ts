import { DAY_MS, INSTANT_MAX, type Instant, MINUTE_MS } from '../base/instant.ts';
import type { ClientTimes, Mark } from './incoming-item.ts';

/** S4: a clock that runs ahead by more than this is not believed; the item is dated to its receipt. */
export const FUTURE_TOLERANCE_MS = 5 * MINUTE_MS;

/** S4: a live item older than this is quarantined; a file has no past limit. */
export const LIVE_AGE_MS_MAX = 400 * DAY_MS;

/** First instant that the engines hold: 1900-01-01T00:00:00Z. */
const INSTANT_MIN = -2_208_988_800_000;

export type TimesToCorrect = ClientTimes & {
  /** First receipt, journaled with the item: replay passes the stored value, never a new one. */
  readonly r: Instant;
  /** Whether the item comes from a file: then its own time is the truth and the client's clock plays no part. */
  readonly imported: boolean;
};

export type CorrectedTimes = {
  /** Event time. */
  readonly t: Instant;
  /** Collection instant: r when live, t when imported. */
  readonly c: Instant;
  readonly marks: readonly Mark[];
  /** Why the item must wait for a person's decision. */
  readonly quarantine?: 'too-old';
};

/**
 * S4: t = r - (sentAt - occurredAt) when the client gave both, so that a wrong clock cancels out; as given when it gave
 * one; r when it gave none. A future t becomes r with the mark `time-in-future`; a live t older than 400 days is
 * quarantined. Pure: the same journaled values give the same answer for ever.
 */
export function correctTimes(times: TimesToCorrect): CorrectedTimes {
  const { occurredAt, sentAt, r, imported } = times;
  const meant =
    occurredAt === undefined ? r : sentAt === undefined || imported ? occurredAt : r - (sentAt - occurredAt);
  const ahead = meant > r + FUTURE_TOLERANCE_MS;
  const t = (ahead ? r : Math.min(Math.max(meant, INSTANT_MIN), INSTANT_MAX)) as Instant;
  const corrected = { t, c: imported ? t : r, marks: ahead ? (['time-in-future'] as const) : [] };
  return !imported && t < r - LIVE_AGE_MS_MAX ? { ...corrected, quarantine: 'too-old' } : corrected;
}
