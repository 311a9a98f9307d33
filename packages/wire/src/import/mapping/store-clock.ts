/** A time as a clock on a wall shows it. */
export type WallTime = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

/**
 * How often a wall clock shows a time: `gap` never, because the hour was left out in spring; `overlap` twice, because
 * it came again in autumn.
 */
export type Occurrence = 'once' | 'gap' | 'overlap';
export type WallOffset = { readonly minutes: number; readonly occurrence: Occurrence };

const DAY_MS = 86_400_000;
/** Days whose offset is remembered: a history of files spans some thousands. */
const DAYS_MAX = 20_000;

/** The offset from UTC of a wall clock in one zone. */
export type StoreClock = { readonly offsetOf: (time: WallTime) => WallOffset };

const clocks = new Map<string, StoreClock>();

/** The clock of an IANA time zone, e.g. `Europe/Paris`; undefined for a zone that nobody knows. */
export function storeClock(zone: string): StoreClock | undefined {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  try {
    const clock = createClock(new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }));
    clocks.set(zone, clock);
    return clock;
  } catch (fault) {
    if (fault instanceof RangeError) return undefined;
    throw fault;
  }
}

function createClock(format: Intl.DateTimeFormat): StoreClock {
  const offsetAt = (utcMs: number): number => {
    const found = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(format.format(utcMs));
    const [, sign, hours = '0', minutes = '0'] = found ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  };
  /** The offsets before and after each day; they differ only around a change. */
  const days = new Map<number, readonly [before: number, after: number]>();
  return {
    offsetOf(time) {
      const midnight = Date.UTC(time.year, time.month - 1, time.day);
      let around = days.get(midnight);
      if (around === undefined) {
        around = [offsetAt(midnight - DAY_MS), offsetAt(midnight + 2 * DAY_MS)];
        if (days.size < DAYS_MAX) days.set(midnight, around);
      }
      const [before, after] = around;
      if (before === after) return { minutes: before, occurrence: 'once' };
      const shown = midnight + ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000;
      const [early, late] = [before, after].map((offset) => offsetAt(shown - offset * 60_000) === offset);
      if (early === true && late === true) return { minutes: before, occurrence: 'overlap' };
      if (early === true) return { minutes: before, occurrence: 'once' };
      // In a gap the old offset stands, as if nobody had turned the clock: the instant after it by as much.
      return late === true ? { minutes: after, occurrence: 'once' } : { minutes: before, occurrence: 'gap' };
    },
  };
}
