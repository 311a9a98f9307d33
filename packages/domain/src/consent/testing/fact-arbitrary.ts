import fc from 'fast-check';
import { DAY_MS, type Instant } from '../../base/instant.ts';
import { type ConsentFact, FACT_STATUSES, type FactStatus } from '../consent-fact.ts';
import { at, fact } from './fact-builder.ts';

/** How often each law is tried. */
export const RUNS = 600;

const START = at('2026-01-01');

/** Few instants, so that facts meet on one millisecond, around the seven days that an untrusted clock may reach back. */
export const anInstant: fc.Arbitrary<Instant> = fc
  .tuple(fc.constantFrom(0, 1, 2, 3), fc.constantFrom(0, 3 * DAY_MS, 7 * DAY_MS, 200 * DAY_MS))
  .map(([ms, days]) => (START + ms + days) as Instant);

type Shape = { readonly status?: FactStatus; readonly sequenced?: boolean };

/** A fact at random; `status` fixes its word, `sequenced: false` leaves the device's numbering out. */
export function aFact({ status, sequenced = true }: Shape = {}): fc.Arbitrary<ConsentFact> {
  const parts = fc.record({
    status: status === undefined ? fc.constantFrom(...FACT_STATUSES) : fc.constant(status),
    i: anInstant,
    r: anInstant,
    clock: fc.constantFrom('trusted' as const, 'untrusted' as const),
    standing: fc.constantFrom('own' as const, 'own' as const, 'named' as const),
    verified: fc.boolean(),
    sequence: fc.option(
      fc.record({ device: fc.constantFrom('phone', 'tablet'), number: fc.integer({ min: 1, max: 4 }) }),
      { nil: undefined },
    ),
  });
  return parts.map(({ status, i, r, clock, standing, verified, sequence }) =>
    fact(status, i, {
      r,
      clock,
      standing,
      verified,
      ...(sequenced && sequence !== undefined ? { sequence } : {}),
    }),
  );
}

/** A history of a few facts. */
export function facts(shape: Shape = {}): fc.Arbitrary<readonly ConsentFact[]> {
  return fc.array(aFact(shape), { maxLength: 7 });
}
