import type { Instant } from '@filrouge/domain/base';
import pg from 'pg';

/** What a statement's parameter may be. JSON goes as text (`JSON.stringify`), an instant as `timestamptz(instant)`. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array | readonly SqlValue[];

/**
 * An instant as a parameter for a timestamptz.
 * (A `Date` is not taken: the driver would write it in the process's own time zone.)
 */
export function timestamptz(instant: Instant): string {
  return new Date(instant).toISOString();
}

const OID = {
  int8: 20,
  date: 1082,
  timestamptz: 1184,
  int8Array: 1016,
  timestamptzArray: 1185,
  dateArray: 1182,
} as const;

/**
 * How values come back, the same for text rows and for `copyRows`:
 * int8 -> bigint (threads use all 63 bits; a column known to be small is cast in SQL: `count(*)::int4`),
 * int2/int4/float -> number, numeric -> string, timestamptz -> whole milliseconds (PostgreSQL keeps microseconds;
 * ours have none), date -> 'YYYY-MM-DD', bytea -> Buffer, uuid and text -> string, json -> parsed.
 * Set per connection, never on the driver's global table.
 */
export const TYPE_PARSERS: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
    switch (oid) {
      case OID.int8:
        return BigInt;
      case OID.timestamptz:
        return parseTimestamptz;
      case OID.date:
        return (text) => text;
      case OID.int8Array:
        return (text) => parseArray(text, BigInt);
      case OID.timestamptzArray:
        return (text) => parseArray(text, parseTimestamptz);
      case OID.dateArray:
        return (text) => parseArray(text, (item) => item);
      default:
        return pg.types.getTypeParser(oid, format ?? 'text');
    }
  },
};

/**
 * `2026-11-21 23:32:18.141453+00` -> milliseconds, the microseconds cut. The session speaks ISO and UTC.
 * `infinity` is +-Infinity. Throws on a year before 1 (ours are refused at the door: S4).
 */
export function parseTimestamptz(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  const match =
    /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?$/.exec(text);
  if (match === null) throw new RangeError('a timestamptz that is not ISO');
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHours, offsetMinutes, offsetSeconds] = match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes ?? 0)) * 60 + Number(offsetSeconds ?? 0);
  const whole = local + Number((fraction ?? '').padEnd(3, '0').slice(0, 3));
  return sign === '-' ? whole + offset * 1_000 : whole - offset * 1_000;
}

/** One-dimensional arrays of types whose text needs no quotes beyond a timestamp's. */
function parseArray<T>(text: string, parse: (item: string) => T): readonly (T | null)[] {
  if (!text.startsWith('{')) throw new RangeError('an array with bounds of its own');
  const inside = text.slice(1, -1);
  if (inside === '') return [];
  return inside.split(',').map((item) => (item === 'NULL' ? null : parse(item.replaceAll('"', ''))));
}
