import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RUNS } from './testing/fact-arbitrary.ts';
import { nearestReason, WITHHELD_REASONS } from './withheld-reason.ts';

/** S9, in its words: nearest to yes first. */
const IN_ORDER = ['consent-later', 'expired', 'requested', 'withdrawn', 'objected', 'refused', 'unknown'] as const;

test('S9: of two reasons the one that stands earlier in the list is shown', () => {
  for (const [at, nearer] of IN_ORDER.entries()) {
    for (const farther of IN_ORDER.slice(at)) {
      expect(nearestReason([farther, nearer])).toBe(nearer);
      expect(nearestReason([nearer, farther])).toBe(nearer);
    }
  }
});

test('S9: the reason shown is one of those given, whatever their order and number', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...WITHHELD_REASONS), { minLength: 1 }), (reasons) => {
      const shown = nearestReason(reasons);
      expect(reasons).toContain(shown);
      expect(nearestReason([...reasons].reverse())).toBe(shown);
      expect(nearestReason(new Set(reasons))).toBe(shown);
    }),
    { numRuns: RUNS },
  );
});

test('S12: without a served purpose there is no other reason', () => {
  expect(nearestReason([])).toBe('no-purpose-served');
});
