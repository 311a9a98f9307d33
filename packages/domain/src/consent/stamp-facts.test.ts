import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PurposeId } from './purpose.ts';
import { isNews, narrowedPurposes, stampDecisions } from './stamp-facts.ts';
import { RUNS } from './testing/fact-arbitrary.ts';
import { purpose } from './testing/fact-builder.ts';
import { STATES, type StateName } from './testing/named-states.ts';

const AM = purpose('audience_measurement');
const ADS = purpose('advertising');
const ORDER = purpose('order_fulfilment');
const SECURITY = purpose('security');

const mapping = {
  categories: { analytics: [AM.id], ads: [ADS.id], partners: [ADS.id, 'partner_sharing' as PurposeId] },
};

function decided(stamp: Readonly<Record<string, boolean>>): Readonly<Record<string, string>> {
  return Object.fromEntries(stampDecisions(stamp, mapping).map(({ purpose, status }) => [purpose, status]));
}

describe('a source that declares its stamps (wire.md 4.5)', () => {
  test('true gives and false refuses each mapped purpose, for all vendors', () => {
    expect(stampDecisions({ analytics: true }, mapping)).toEqual([{ purpose: AM.id, vendor: '*', status: 'given' }]);
    expect(stampDecisions({ analytics: false }, mapping)).toEqual([{ purpose: AM.id, vendor: '*', status: 'refused' }]);
  });

  test('one purpose reached by several categories: any false closes, whatever their order', () => {
    expect(decided({ ads: true, partners: true })).toEqual({ advertising: 'given', partner_sharing: 'given' });
    expect(decided({ ads: false, partners: true })).toEqual({ advertising: 'refused', partner_sharing: 'given' });
    expect(decided({ partners: true, ads: false })).toEqual({ advertising: 'refused', partner_sharing: 'given' });
    expect(decided({ partners: false, ads: true })).toEqual({ advertising: 'refused', partner_sharing: 'refused' });
  });

  test('what is not there decides nothing: no stamp, an unmapped category, one that is not named', () => {
    expect(decided({})).toEqual({});
    expect(decided({ functional: true, constructor: true, toString: true } as never)).toEqual({});
    expect(decided({ ads: true })).toEqual({ advertising: 'given' });
  });

  test('invariant 6: anything but the literal true refuses', () => {
    for (const value of ['true', 1, 'yes', [], {}, null]) {
      expect(decided({ analytics: value as never })).toEqual({ audience_measurement: 'refused' });
    }
  });

  test('another false never gives: decisions are monotone in the stamp', () => {
    const aStamp = fc.dictionary(fc.constantFrom('analytics', 'ads', 'partners', 'other'), fc.boolean());
    fc.assert(
      fc.property(aStamp, fc.constantFrom('analytics', 'ads', 'partners'), (stamp, category) => {
        const before = decided(stamp);
        const after = decided({ ...stamp, [category]: false });
        const given = Object.keys(after).filter((id) => after[id] === 'given');
        for (const id of given) expect(before[id]).toBe('given');
      }),
      { numRuns: RUNS },
    );
  });
});

/** Whether a stamp that says yes, and one that says no, tells something new over each state. */
const NEWS: Record<StateName, readonly [yes: boolean, no: boolean]> = {
  unknown: [true, true],
  requested: [true, true],
  'requested after a refusal': [true, false],
  'requested after a withdrawal': [true, false],
  'requested after an objection': [true, false],
  given: [false, true],
  // A stamp that says what it said six months ago renews nothing (R9).
  expired: [false, true],
  refused: [true, false],
  withdrawn: [true, false],
  objected: [true, false],
};

for (const [name, [yes, no]] of Object.entries(NEWS)) {
  test(`over ${name} a yes is ${yes ? 'news' : 'none'}, a no is ${no ? 'news' : 'none'}`, () => {
    const state = STATES[name as StateName];
    expect([isNews({ status: 'given' }, state), isNews({ status: 'refused' }, state)]).toEqual([yes, no]);
  });
}

describe('a source without the declaration: a claim only narrows', () => {
  const served = [AM, ADS, ORDER, SECURITY];

  test('without a mapping a category closes the purpose whose id it bears, and no other', () => {
    expect(narrowedPurposes(served, { advertising: false })).toEqual([AM, ORDER, SECURITY]);
    expect(narrowedPurposes(served, { ads: false, Advertising: false })).toEqual(served);
  });

  test('with one, a category closes what it stands for', () => {
    expect(narrowedPurposes(served, { ads: false }, mapping)).toEqual([AM, ORDER, SECURITY]);
    expect(narrowedPurposes(served, { ads: true, partners: false }, mapping)).toEqual([AM, ORDER, SECURITY]);
    expect(narrowedPurposes(served, { advertising: false }, mapping)).toEqual(served);
  });

  test('true and silence open nothing, and a purpose that does not rest on consent is not the claim’s to close', () => {
    expect(narrowedPurposes(served, undefined)).toEqual(served);
    expect(narrowedPurposes(served, {})).toEqual(served);
    expect(narrowedPurposes([AM], { advertising: true, audience_measurement: true })).toEqual([AM]);
    expect(narrowedPurposes([AM], { audience_measurement: false })).toEqual([]);
    expect(narrowedPurposes(served, { order_fulfilment: false, security: false })).toEqual(served);
  });
});
