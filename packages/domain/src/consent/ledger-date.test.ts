import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instant, MINUTE_MS } from '../base/instant.ts';
import { dateInLedger } from './ledger-date.ts';
import { orderTime } from './order-time.ts';
import { anInstant, RUNS } from './testing/fact-arbitrary.ts';
import { at } from './testing/fact-builder.ts';

const r = at('2026-11-21');

test.each([
  [at('2199-01-01'), r, ['dated-ahead']],
  [(r + 5 * MINUTE_MS + 1) as Instant, r, ['dated-ahead']],
  [(r + 5 * MINUTE_MS) as Instant, (r + 5 * MINUTE_MS) as Instant, []],
  [r, r, []],
  [at('2019-01-01'), at('2019-01-01'), []],
])('S4: indicated at %d it is dated %d, marks %j', (indicated, dated, marks) => {
  expect(dateInLedger(indicated, r)).toEqual({ indicatedAt: dated, marks });
});

test('S6: the date in the ledger moves no fact in the fold', () => {
  fc.assert(
    fc.property(
      anInstant,
      anInstant,
      fc.constantFrom('trusted' as const, 'untrusted' as const),
      fc.constantFrom('given' as const, 'refused' as const),
      (indicatedAt, receivedAt, clock, status) => {
        const said = { indicatedAt, receivedAt, clock, status };
        const dated = { ...said, indicatedAt: dateInLedger(indicatedAt, receivedAt).indicatedAt };
        expect(orderTime(dated)).toBe(orderTime(said));
      },
    ),
    { numRuns: RUNS },
  );
});
