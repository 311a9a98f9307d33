import { INSTANT_MAX, type Instant, instant } from '../base/instant.ts';

/** Half-open: `from` belongs to it, `to` does not. */
export type TimeSpan = { readonly from: Instant; readonly to: Instant };

/** The first instant that engines can hold: 1900-01-01T00:00:00Z. Stands for "since ever" in stored spans. */
export const BEGINNING: Instant = instant(-2_208_988_800_000);

/** The last instant that engines can hold. Stands for "for ever" in stored spans, and is taken as inside them. */
export const END: Instant = instant(INSTANT_MAX);

/** Whether an instant falls into a span. */
export function isWithin(span: TimeSpan, t: Instant): boolean {
  return span.from <= t && (t < span.to || span.to === END);
}
