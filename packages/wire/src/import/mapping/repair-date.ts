import { hasOffset, readTime } from '../../collect/time.ts';
import { isNoSuchDay } from '../calendar-day.ts';
import { type Repaired, type RepairPlace, repaired } from './repaired.ts';
import { storeClock, type WallTime } from './store-clock.ts';

/** Orders in which day, month and year are written; a spreadsheet's serial number counts days. */
export const DATE_NOTATIONS = ['date-dmy', 'date-mdy', 'date-ymd', 'excel-serial'] as const;
export type DateNotation = (typeof DATE_NOTATIONS)[number];

const TIME =
  '(?:[T ,à]+(\\d{1,2})[:hH.](\\d{2})(?:[:.m](\\d{2})(?:[.,]\\d{1,9})?s?)?(?: ?([AaPp])\\.?[Mm]\\.?)?|T?[ ]?(\\d{2})(\\d{2})(\\d{2})?)?';
const PARTS = {
  'date-dmy': new RegExp(`^(\\d{1,2})([/.\\- ])(\\d{1,2})\\2(\\d{4}|\\d{2})${TIME}$`),
  'date-mdy': new RegExp(`^(\\d{1,2})([/.\\- ])(\\d{1,2})\\2(\\d{4}|\\d{2})${TIME}$`),
  'date-ymd': new RegExp(`^(\\d{4})([/.-]?)(\\d{2})\\2(\\d{2})${TIME}$`),
} as const;

/** Days of a spreadsheet's calendar begin at this one; before 1 March 1900 it counts a day that never was. */
const SERIAL_EPOCH_MS = Date.UTC(1899, 11, 30);
const SERIAL_MIN = 61;
/** 31 December 2199. */
const SERIAL_MAX = 109_574;
/** Two digits from here on are of the last century. */
const CENTURY_TURN = 70;

const OFFSET = /(?:Z|[+-]\d\d:?\d\d)$/;

const UNREADABLE = { ok: false, code: 'time-unreadable' } as const;

/**
 * A date as a till or a spreadsheet writes it -> `2026-11-21` where a day is wanted, else `2026-11-21T18:03:00+01:00` on
 * the clock of the place. What already names its offset stands as it is, whatever the notation. Of an hour that the clock
 * showed twice the first is taken; in one that it left out, the old offset.
 *
 * @param wanted `day` is a calendar day (a birthday): its year needs four digits, because nobody can tell 1926 from 2026
 */
export function repairDate(text: string, notation: DateNotation, wanted: 'day' | 'time', place: RepairPlace): Repaired {
  const typed = text.trim();
  if (readTime(typed) !== undefined && hasOffset(typed))
    return wanted === 'day' ? repaired(typed.slice(0, 10)) : repaired(typed);
  if (notation !== 'excel-serial' && wanted === 'day' && shortYear(typed)) return { ok: false, code: 'year-too-short' };
  const read = notation === 'excel-serial' ? fromSerial(typed) : fromParts(typed, notation);
  if (read === undefined) {
    const code = meansNoSuchDay(typed, notation) ? 'no-such-day' : UNREADABLE.code;
    return { ok: false, code, detail: notation };
  }
  const day = `${padded(read.wall.year, 4)}-${padded(read.wall.month)}-${padded(read.wall.day)}`;
  if (wanted === 'day') return repaired(day);
  const offset = storeClock(place.zone)?.offsetOf(read.wall);
  if (offset === undefined) return UNREADABLE;
  const { minutes, occurrence } = offset;
  const size = Math.abs(minutes);
  const zone = `${minutes < 0 ? '-' : '+'}${padded(Math.floor(size / 60))}:${padded(size % 60)}`;
  const clock = `${padded(read.wall.hour)}:${padded(read.wall.minute)}:${padded(read.wall.second)}`;
  const note = {
    once: read.timed ? undefined : ('no-time-of-day' as const),
    gap: 'clock-left-out-this-hour' as const,
    overlap: 'clock-showed-this-hour-twice' as const,
  }[occurrence];
  return repaired(`${day}T${clock}${zone}`, note);
}

/** Whether a cell can be read in a notation; what names its offset says nothing of it. */
export function readsAs(text: string, notation: DateNotation): boolean {
  const typed = text.trim();
  return (notation === 'excel-serial' ? fromSerial(typed) : fromParts(typed, notation)) !== undefined;
}

/** `21.11.26`: points between day, month and year are written by those who begin with the day. */
export function isPointed(text: string): boolean {
  return /^\d{1,2}\.\d{1,2}\.\d{2,4}\b/.test(text.trim());
}

function shortYear(text: string): boolean {
  return /^\d{1,2}([/.\- ])\d{1,2}\1\d{2}(?!\d)/.test(text);
}

type Read = { readonly wall: WallTime; readonly timed: boolean };

/** Of a time that is right but for its day; where more is wrong with it, it may be no time at all. */
function meansNoSuchDay(text: string, notation: DateNotation): boolean {
  if (notation === 'excel-serial') return false;
  const { wall } = partsOf(text.replace(OFFSET, ''), notation) ?? {};
  return wall !== undefined && isNoSuchDay(wall) && isWallTime({ ...wall, day: 1 });
}

function fromParts(text: string, notation: Exclude<DateNotation, 'excel-serial'>): Read | undefined {
  const read = partsOf(text, notation);
  return read !== undefined && isWallTime(read.wall) ? read : undefined;
}

/** What stands at the places of day, month, year and clock, whether or not there is such a time. */
function partsOf(text: string, notation: Exclude<DateNotation, 'excel-serial'>): Read | undefined {
  const found = PARTS[notation].exec(text);
  if (found === null) return undefined;
  const [, first = '', , second = '', third = ''] = found;
  const [year, month, day] =
    notation === 'date-ymd'
      ? [first, second, third]
      : notation === 'date-dmy'
        ? [third, second, first]
        : [third, first, second];
  const [hour, minute, seconds] =
    found[5] === undefined ? [found[9], found[10], found[11]] : [found[5], found[6], found[7]];
  const wall = {
    year: year.length === 2 ? Number(year) + (Number(year) < CENTURY_TURN ? 2_000 : 1_900) : Number(year),
    month: Number(month),
    day: Number(day),
    hour: hourOf(Number(hour ?? 0), found[8]),
    minute: Number(minute ?? 0),
    second: Number(seconds ?? 0),
  };
  return { wall, timed: hour !== undefined };
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return -1;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

function fromSerial(text: string): Read | undefined {
  if (!/^\d{2,6}(?:[.,]\d{1,12})?$/.test(text)) return undefined;
  const serial = Number(text.replace(',', '.'));
  if (!(serial >= SERIAL_MIN && serial < SERIAL_MAX)) return undefined;
  const shown = new Date(SERIAL_EPOCH_MS + Math.round(serial * 86_400) * 1_000);
  const wall = {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
  };
  return { wall, timed: !/^\d+$/.test(text) };
}

function isWallTime({ year, month, day, hour, minute, second }: WallTime): boolean {
  if (month < 1 || month > 12 || hour < 0 || hour > 23 || minute > 59 || second > 59) return false;
  return year >= 1900 && !isNoSuchDay({ year, month, day });
}

function padded(value: number, length = 2): string {
  return String(value).padStart(length, '0');
}
