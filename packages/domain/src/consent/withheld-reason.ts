/**
 * Why an item was withheld, nearest to a yes first (S9). `erased` and `no-purpose-served` stand alone: no consent of
 * any kind was looked at.
 */
export const WITHHELD_REASONS = [
  'consent-later',
  'expired',
  'requested',
  'withdrawn',
  'objected',
  'refused',
  'unknown',
  'no-purpose-served',
  'erased',
] as const;
export type WithheldReason = (typeof WITHHELD_REASONS)[number];

/** The reason nearest to a yes among those of the served purposes. */
export function nearestReason(reasons: Iterable<WithheldReason>): WithheldReason {
  let best: number = WITHHELD_REASONS.length;
  for (const reason of reasons) best = Math.min(best, WITHHELD_REASONS.indexOf(reason));
  return WITHHELD_REASONS[best] ?? 'no-purpose-served';
}
