import { DAY_MS, HOUR_MS, MINUTE_MS } from '@filrouge/domain/base';

/**
 * The wall clock of the stores: Europe/Paris, by the rule of the European Union since 1996 (summer time from the last
 * Sunday of March 01:00 UTC to the last Sunday of October 01:00 UTC). Written out because Intl is 50 times slower; a
 * test compares the two on every hour of ten years.
 */
export function parisOffsetMs(at: number): number {
  // A mean year is off by a day at most, around New Year: winter on both sides.
  const year = Math.floor(at / MEAN_YEAR_MS);
  const [summer, winter] = changes[year] ?? enterYear(year);
  return at >= summer && at < winter ? 2 * HOUR_MS : HOUR_MS;
}

const MEAN_YEAR_MS = 365.2425 * DAY_MS;
/** Start and end of summer time by years since 1970. */
const changes: (readonly [summer: number, winter: number])[] = [];

function enterYear(year: number): readonly [summer: number, winter: number] {
  const both = [lastSundayAt1(1970 + year, 2), lastSundayAt1(1970 + year, 9)] as const;
  changes[year] = both;
  return both;
}

/** 01:00 UTC of the last Sunday of a month that has 31 days. */
function lastSundayAt1(year: number, month: number): number {
  const last = Date.UTC(year, month, 31, 1);
  return last - new Date(last).getUTCDay() * DAY_MS;
}

/** `2026-10-25T02:30:00+02:00`: what a till prints. */
export function formatParis(at: number): string {
  const offset = parisOffsetMs(at);
  const local = new Date(at + offset).toISOString();
  return `${local.slice(0, 19)}+0${offset / HOUR_MS}:00`;
}

/** Day of the week in Paris, 0 = Sunday. */
export function parisWeekday(at: number): number {
  // 1970-01-01 was a Thursday.
  return (((localDay(at) + 4) % 7) + 7) % 7;
}

/** Month in Paris, 0 = January. */
export function parisMonth(at: number): number {
  const day = localDay(at);
  const known = monthOfDay.get(day);
  if (known !== undefined) return known;
  const month = new Date(day * DAY_MS).getUTCMonth();
  monthOfDay.set(day, month);
  return month;
}

/** One entry per day ever asked for: some hundreds. */
const monthOfDay = new Map<number, number>();

/** `2026-10-25` in Paris. */
export function parisDate(at: number): string {
  const day = localDay(at);
  const known = dateOfDay.get(day);
  if (known !== undefined) return known;
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  dateOfDay.set(day, date);
  return date;
}

const dateOfDay = new Map<number, string>();

function localDay(at: number): number {
  return Math.floor((at + parisOffsetMs(at)) / DAY_MS);
}

/** The instant at which the wall clock of Paris, on the local day of `at`, shows `minute` minutes after midnight; in the repeated hour the later one, in the skipped hour the instant one hour on. */
export function parisMinuteOfDay(at: number, minute: number): number {
  const local = at + parisOffsetMs(at);
  const wall = local - (((local % DAY_MS) + DAY_MS) % DAY_MS) + minute * MINUTE_MS;
  const asWinter = wall - HOUR_MS;
  const asSummer = wall - 2 * HOUR_MS;
  return parisOffsetMs(asWinter) !== HOUR_MS && parisOffsetMs(asSummer) === 2 * HOUR_MS ? asSummer : asWinter;
}
