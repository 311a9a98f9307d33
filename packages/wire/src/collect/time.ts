import { type Instant, type Json, parseInstantMs } from '@filrouge/domain/base';

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(Z|z|[+-]\d\d(?::?\d\d)?))?)?$/;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
/** Numbers from 2001-09-09 on are milliseconds; a smaller one would be seconds or nonsense, and guessing moves events by decades. */
const EPOCH_MS_MIN = 1_000_000_000_000;

/**
 * ISO 8601 (RFC 3339 with the usual liberties) or epoch milliseconds -> Instant; undefined when it is neither. A text
 * without offset is UTC: the server's own zone must never play a part, and 02:30 exists in UTC on every night.
 */
export function readTime(value: Json): Instant | undefined {
  if (typeof value === 'number') return value >= EPOCH_MS_MIN ? parseInstantMs(value) : undefined;
  if (typeof value !== 'string') return undefined;
  if (value === latest.text) return latest.instant;
  if (value.length === 24) {
    const usual = readUsualTime(value);
    if (usual !== undefined) {
      latest = { text: value, instant: parseInstantMs(usual) };
      return latest.instant;
    }
  }
  const text = value.trim();
  const found = ISO.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = found;
  const parts = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!isCalendarTime(...parts)) return undefined;
  const offset = offsetMinutes(zone);
  if (offset === undefined) return undefined;
  const ms = fraction === '' ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  return parseInstantMs(Date.UTC(parts[0], parts[1] - 1, parts[2], parts[3], parts[4] - offset, parts[5], ms));
}

/** The text read last: the sentAt of a batch stands over each of its items. */
let latest: { readonly text: string; readonly instant: Instant | undefined } = { text: '', instant: undefined };

/** Punctuation of `2026-11-21T10:00:00.000Z`, the form that every client's Date writes; digits stand elsewhere. */
const USUAL_FORM = 'dddd-dd-ddTdd:dd:dd.dddZ';

/** The usual form without a regular expression, which costs more than all other fields of an item together. */
function readUsualTime(text: string): number | undefined {
  const parts = [0, 0, 0, 0, 0, 0, 0] as [number, number, number, number, number, number, number];
  let part = 0;
  for (let at = 0; at < 24; at += 1) {
    const code = text.charCodeAt(at);
    const form = USUAL_FORM.charCodeAt(at);
    if (form === 0x64) {
      if (code < 0x30 || code > 0x39) return undefined;
      parts[part] = (parts[part] as number) * 10 + code - 0x30;
    } else if (form === code) part += 1;
    else return undefined;
  }
  const [year, month, day, hour, minute, second, ms] = parts;
  return isCalendarTime(year, month, day, hour, minute, second)
    ? Date.UTC(year, month - 1, day, hour, minute, second, ms)
    : undefined;
}

function isCalendarTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): boolean {
  if (month < 1 || month > 12 || day < 1 || day > (DAYS_IN_MONTH[month - 1] as number)) return false;
  if (month === 2 && day === 29 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))) return false;
  // A leap second (60) is the first instant of the next minute.
  return year >= 1900 && hour <= 23 && minute <= 59 && second <= 60;
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 15 || minutes > 59) return undefined;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** Whether a readable time names its own offset other than `Z`: the store's clock, worth keeping as printed. */
export function isLocalTime(text: string): boolean {
  return /[T ]\d\d:.*\d ?[+-]\d\d(?::?\d\d)?$/.test(text) && ISO.test(text);
}

/** Whether a readable time names an offset at all. */
export function hasOffset(text: string): boolean {
  return /(?:Z|z|\d ?[+-]\d\d(?::?\d\d)?)$/.test(text) && /[T ]\d\d:/.test(text);
}
