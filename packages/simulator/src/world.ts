import { DAY_MS, HOUR_MS, MINUTE_MS } from '@filrouge/domain/base';
import { parisDate, parisMinuteOfDay, parisMonth, parisOffsetMs, parisWeekday } from './paris-clock.ts';
import type { Random } from './random.ts';

/** One simulated retailer: everything else follows from these numbers. Instants in ms, `until` excluded. */
export type World = {
  readonly seed: number;
  /** Persons, always even: neighbours 2h and 2h+1 may share a household. */
  readonly shoppers: number;
  /** Midnight in Paris, as many days before that of the last day as the history is long. */
  readonly start: number;
  /** The last midnight in Paris up to `until`: accounts and cards begin before it. */
  readonly midnight: number;
  /** The first midnight from `until` on. Plans are made up to here and cut at `until`, so that the hour of `until` changes none. */
  readonly end: number;
  readonly until: number;
  /** Whether campaigns run. Without them all else is the same: the counterfactual. */
  readonly campaigns: boolean;
};

export type WorldSettings = {
  readonly seed: number;
  /** 2..1,000,000; rounded up to an even number. */
  readonly shoppers: number;
  /** Length of the history, 1..400, 365 by default: days of Paris before that of `until`, which comes on top as far as it has come. */
  readonly days?: number;
  /** End of the history (ms); a fixed day by default, so that the same seed gives the same files whenever it is run. */
  readonly until?: number;
  /** False: the same world with its campaigns off. */
  readonly campaigns?: boolean;
};

export const SHOPPERS_MAX = 1_000_000;
export const DAYS_DEFAULT = 365;
export const DAYS_MAX = 400;
/** 2026-11-16T00:00 in Paris. */
export const UNTIL_DEFAULT = Date.UTC(2026, 10, 15, 23);

/** Errors: RangeError on numbers outside their bounds. */
export function worldOf(settings: WorldSettings): World {
  const { seed, shoppers, days = DAYS_DEFAULT, until = UNTIL_DEFAULT, campaigns = true } = settings;
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed: a whole number from 0, not ${seed}`);
  if (!Number.isInteger(shoppers) || shoppers < 2 || shoppers > SHOPPERS_MAX) {
    throw new RangeError(`shoppers: from 2 to ${SHOPPERS_MAX}, not ${shoppers}`);
  }
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX) {
    throw new RangeError(`days: from 1 to ${DAYS_MAX}, not ${days}`);
  }
  if (!Number.isFinite(until)) throw new RangeError(`until: an instant in ms, not ${until}`);
  const midnight = parisMinuteOfDay(until, 0);
  return {
    seed,
    shoppers: shoppers + (shoppers % 2),
    start: midnightAfter(midnight, -days),
    midnight,
    end: midnight === until ? midnight : midnightAfter(midnight, 1),
    until: Math.trunc(until),
    campaigns,
  };
}

/** The midnight so many days later, whichever way the clocks change in between. */
function midnightAfter(midnight: number, days: number): number {
  return parisMinuteOfDay(midnight + days * DAY_MS + 2 * HOUR_MS, 0);
}

export function yearsOf(world: World): number {
  return Math.round((world.end - world.start) / DAY_MS) / 365;
}

/** Trade by month, January first: Christmas counts most, August least. */
const SEASON = [1.1, 0.8, 0.85, 0.9, 0.95, 1, 0.95, 0.75, 1.05, 1, 1.3, 1.7];
const SEASON_MAX = 1.7;
/** Store trade by day of the week, Sunday first: closed, Saturday double. */
const WEEK = [0, 0.6, 0.8, 1, 0.9, 1.1, 2];
const WEEK_MAX = 2;
/** Online trade by hour in Paris: quiet nights, a peak after dinner. */
const HOURS = [2, 1, 0.5, 0.5, 0.5, 1, 2, 3, 4, 5, 5, 5, 6, 6, 5, 4, 4, 5, 6, 7, 9, 10, 8, 4];
/** Each hour as often as its weight: an hour of the day is one draw from this list. */
const HOUR_DRAWS: readonly number[] = HOURS.flatMap((weight, hour) => Array<number>(weight * 2).fill(hour));
/** Nobody starts so late that the last page falls after the end. */
const LAST_START_MS = HOUR_MS;
const TRIES = 12;

/** Before it everything planned begins. */
export function lastStart(world: World): number {
  return world.end - LAST_START_MS;
}

/** Before it everything begins that has happened by `until`. */
export function lastBegun(world: World): number {
  return world.until - LAST_START_MS;
}

/** A moment of browsing in [from, to). Takes one draw whatever the calendar says, so that what is drawn after it stays the same. */
export function onlineMoment(source: Random, from: number, to: number): number {
  const random = source.light();
  let at = from;
  for (let i = 0; i < TRIES; i++) {
    at = Math.floor(from + random.next() * (to - from));
    if (random.next() * SEASON_MAX < (SEASON[parisMonth(at)] as number)) break;
  }
  const moved = at - (at % HOUR_MS) + (random.pick(HOUR_DRAWS) - parisHour(at)) * HOUR_MS + random.below(HOUR_MS);
  return moved >= from && moved < to ? moved : at;
}

function parisHour(at: number): number {
  return Math.floor((at + parisOffsetMs(at)) / HOUR_MS) % 24;
}

/** A moment at the till in [from, to): 10:00 to 19:30 but on Sundays, or any hour in a station. Takes one draw as well. */
export function tillMoment(source: Random, from: number, to: number, openAllNight: boolean): number {
  const random = source.light();
  let day = from;
  for (let i = 0; i < TRIES; i++) {
    day = Math.floor(from + random.next() * (to - from));
    const trade = (SEASON[parisMonth(day)] as number) * (openAllNight ? WEEK_MAX : (WEEK[parisWeekday(day)] as number));
    if (random.next() * SEASON_MAX * WEEK_MAX < trade) break;
  }
  if (openAllNight) return day;
  const opened = parisMinuteOfDay(day, 10 * 60);
  const at = opened + random.below(570) * MINUTE_MS + random.below(60) * 1000;
  return Math.min(Math.max(at, from), to - 1);
}

/** For ticket numbers: `261025`. */
export function shortDate(at: number): string {
  return parisDate(at).slice(2).replaceAll('-', '');
}
