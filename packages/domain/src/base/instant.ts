import type { Brand } from './brand.ts';

/** A point in time in whole milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = Brand<number, 'Instant'>;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The end of time that both PostgreSQL and ClickHouse `DateTime64(3)` can hold: 2299-12-31T23:59:59.999Z. */
export const INSTANT_MAX = 10_413_791_999_999;

/** Milliseconds -> Instant; undefined when not a finite number inside year 1900 to 2299. */
export function parseInstantMs(ms: unknown): Instant | undefined {
  if (typeof ms !== 'number' || !Number.isFinite(ms)) return undefined;
  const whole = Math.trunc(ms);
  return whole >= -2_208_988_800_000 && whole <= INSTANT_MAX ? (whole as Instant) : undefined;
}

/** For literals the code itself states; throws on what `parseInstantMs` refuses. */
export function instant(ms: number): Instant {
  const parsed = parseInstantMs(ms);
  if (parsed === undefined) throw new RangeError(`not an instant: ${ms}`);
  return parsed;
}

/** The later of two instants. */
export function later(a: Instant, b: Instant): Instant {
  return a >= b ? a : b;
}

/** The earlier of two instants. */
export function earlier(a: Instant, b: Instant): Instant {
  return a <= b ? a : b;
}
