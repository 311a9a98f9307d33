import { instant } from '@filrouge/domain/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTimestamptz, timestamptz } from './sql-types.ts';

test.each([
  ['2026-11-21 23:32:18.141453+00', Date.UTC(2026, 10, 21, 23, 32, 18, 141)],
  ['2026-11-21 23:32:18+00', Date.UTC(2026, 10, 21, 23, 32, 18)],
  ['2026-11-21 23:32:18.1+05:30', Date.UTC(2026, 10, 21, 18, 2, 18, 100)],
  ['1890-01-01 00:00:00-00:09:21', Date.UTC(1890, 0, 1, 0, 9, 21)],
  ['1969-12-31 23:59:59.9999+00', -1],
  ['infinity', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
])('the server writes %s, we read whole milliseconds', (text, ms) => {
  expect(parseTimestamptz(text)).toBe(ms);
});

test.each(['0044-03-15 12:00:00+00 BC', '21.11.2026 23:32:18 CET', ''])('"%s" is refused, not guessed', (text) => {
  expect(() => parseTimestamptz(text)).toThrow(RangeError);
});

test('an instant survives the way through its parameter text', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2_208_988_800_000, max: 10_413_791_999_999 }), (ms) => {
      const text = timestamptz(instant(ms)).replace('T', ' ').replace('Z', '+00');
      expect(parseTimestamptz(text)).toBe(ms);
    }),
  );
});
