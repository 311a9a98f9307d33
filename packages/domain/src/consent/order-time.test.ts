import { expect, test } from 'vitest';
import { DAY_MS, type Instant } from '../base/instant.ts';
import type { ConsentFact, FactStatus } from './consent-fact.ts';
import { isProven, orderTime } from './order-time.ts';
import { at, fact } from './testing/fact-builder.ts';

const R = at('2026-11-10');
const WEEK_BEFORE = (R - 7 * DAY_MS) as Instant;
const LONGER_BEFORE = (WEEK_BEFORE - 1) as Instant;
const AFTER = (R + 1) as Instant;

/** When i is ... and the clock is ...: the order time of a yes, and of a no (S6). */
const expected: Record<
  ConsentFact['clock'],
  Record<
    'week-before' | 'longer-before' | 'at-receipt' | 'after',
    { readonly yes: Instant | 'requested'; readonly no: Instant }
  >
> = {
  trusted: {
    'week-before': { yes: WEEK_BEFORE, no: WEEK_BEFORE },
    'longer-before': { yes: LONGER_BEFORE, no: LONGER_BEFORE },
    'at-receipt': { yes: R, no: R },
    after: { yes: R, no: R },
  },
  untrusted: {
    'week-before': { yes: WEEK_BEFORE, no: R },
    'longer-before': { yes: 'requested', no: R },
    'at-receipt': { yes: R, no: R },
    after: { yes: R, no: R },
  },
};
const indicated = { 'week-before': WEEK_BEFORE, 'longer-before': LONGER_BEFORE, 'at-receipt': R, after: AFTER };
const noes: readonly FactStatus[] = ['refused', 'withdrawn', 'objected'];

for (const [clock, rows] of Object.entries(expected) as [ConsentFact['clock'], (typeof expected)['trusted']][]) {
  for (const [when, { yes, no }] of Object.entries(rows)) {
    test(`S6: ${clock} clock, decided ${when}: a yes at ${yes}, a no at ${no}`, () => {
      const told = { r: R, clock };
      const i = indicated[when as keyof typeof indicated];
      expect(orderTime(fact('given', i, told))).toBe(yes);
      for (const status of noes) expect(orderTime(fact(status, i, told))).toBe(no);
    });
  }
}

test('every no is proven; a yes needs a credible time and a sender who may speak for the subject', () => {
  expect(isProven(fact('given', R))).toBe(true);
  expect(isProven(fact('given', R, { standing: 'named' }))).toBe(false);
  expect(isProven(fact('given', LONGER_BEFORE, { r: R }))).toBe(false);
  expect(isProven(fact('given', LONGER_BEFORE, { r: R, clock: 'trusted' }))).toBe(true);
  for (const status of noes) {
    expect(isProven(fact(status, LONGER_BEFORE, { r: R, standing: 'named' }))).toBe(true);
  }
});
