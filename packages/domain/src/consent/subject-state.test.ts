import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, type Instant } from '../base/instant.ts';
import type { ConsentFact } from './consent-fact.ts';
import { type ConsentState, isClosed, isObjected } from './consent-state.ts';
import { foldConsent } from './fold-consent.ts';
import { anonymousState, deviceState, type LinkedDevice, type PersonFacts, personState } from './subject-state.ts';
import { aFact, anInstant, facts, RUNS } from './testing/fact-arbitrary.ts';
import { at, BY_SERVER, fact } from './testing/fact-builder.ts';

function day(n: number): Instant {
  return (at('2026-01-01') + n * DAY_MS) as Instant;
}

function person(told: Partial<PersonFacts>): ConsentState {
  return personState({ own: [], neighbours: [], devices: [], ...told });
}

const aDevice: fc.Arbitrary<LinkedDevice> = fc
  .record({ facts: facts(), verified: fc.boolean(), linkedAt: fc.option(anInstant, { nil: undefined }) })
  .map(({ linkedAt, ...device }) => (linkedAt === undefined ? device : { ...device, linkedAt }));

const somePerson: fc.Arbitrary<PersonFacts> = fc.record({
  own: facts(),
  neighbours: fc.array(facts(), { maxLength: 3 }),
  devices: fc.array(aDevice, { maxLength: 3 }),
});

describe('laws', () => {
  test('the person part is a function of sets: the order of lists and of their facts is without effect (invariant 7)', () => {
    fc.assert(
      fc.property(somePerson, ({ own, neighbours, devices }) => {
        const turned = {
          own: own.toReversed(),
          neighbours: neighbours.map((list) => list.toReversed()).toReversed(),
          devices: devices.map((device) => ({ ...device, facts: device.facts.toReversed() })).toReversed(),
        };
        expect(personState(turned)).toEqual(personState({ own, neighbours, devices }));
      }),
      { numRuns: 3 * RUNS },
    );
  });

  test('across an unverified link no yes opens: without a yes of its own a person is never given (S8)', () => {
    fc.assert(
      fc.property(
        facts(),
        fc.array(facts(), { maxLength: 3 }),
        fc.array(facts(), { maxLength: 3 }),
        (own, far, near) => {
          const devices = near.map((list) => ({ facts: list, verified: false }));
          const state = person({ own, neighbours: far, devices });
          expect(state.kind !== 'given' || foldConsent(own, { part: 'person' }).kind === 'given').toBe(true);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('across an unverified link every standing no closes, and an objection stays one (S8, invariant 7)', () => {
    fc.assert(
      fc.property(facts(), fc.array(facts(), { minLength: 1, maxLength: 3 }), (own, neighbours) => {
        const sides = [own, ...neighbours].map((list) => foldConsent(list, { part: 'person' }));
        const state = person({ own, neighbours });
        expect(isClosed(state)).toBe(sides.some(isClosed));
        expect(isObjected(state)).toBe(sides.some(isObjected));
      }),
      { numRuns: RUNS },
    );
  });

  test('an un-merge restores both sides, and nothing B gave while merged enables A (invariant 9)', () => {
    fc.assert(
      fc.property(facts(), facts(), (a, b) => {
        const before = person({ own: a });
        const merged = person({ own: [...a, ...b] });
        expect(merged).toEqual(person({ own: [...b, ...a] }));
        expect(person({ own: a })).toEqual(before);
        const apart = person({ own: a, neighbours: [b] });
        expect(apart.kind !== 'given' || before.kind === 'given').toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test('a merge carries a no of either side that is later than the yes of the other', () => {
    fc.assert(
      fc.property(facts(), facts(), aFact({ sequenced: false }), (a, b, last) => {
        const no = {
          ...last,
          status: 'refused',
          clock: 'trusted',
          indicatedAt: day(900),
          receivedAt: day(900),
        } as const;
        expect(isClosed(person({ own: [...a, no, ...b] }))).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test("once the person has decided, an unverified device's decisions are only that device's (S8)", () => {
    fc.assert(
      fc.property(facts(), fc.array(facts(), { maxLength: 3 }), (own, near) => {
        const alone = person({ own });
        fc.pre(alone.kind === 'given' || isClosed(alone));
        const devices = near.map((list) => ({ facts: list, verified: false }));
        expect(person({ own, devices })).toEqual(alone);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('what was decided on a device before the login (S8)', () => {
  const yes = [fact('given', day(1))];
  const no = [fact('refused', day(1))];

  test("a yes becomes the person's through a verified link only, a no through any", () => {
    expect(person({ devices: [{ facts: yes, verified: true }] })).toMatchObject({ kind: 'given', runSince: day(1) });
    expect(person({ devices: [{ facts: yes, verified: false }] }).kind).toBe('unknown');
    for (const verified of [true, false]) {
      expect(person({ devices: [{ facts: no, verified }] })).toMatchObject({ kind: 'refused', since: day(1) });
    }
  });

  test('only if the person had none: a decision of the person stands, whichever is later', () => {
    for (const when of [day(0), day(5)]) {
      const own = [fact('given', when, BY_SERVER)];
      expect(person({ own, devices: [{ facts: no, verified: true }] })).toMatchObject({ kind: 'given', since: when });
      const refusal = [fact('refused', when, BY_SERVER)];
      expect(person({ own: refusal, devices: [{ facts: yes, verified: true }] }).kind).toBe('refused');
    }
  });

  test('a request that nobody confirmed is no decision: the device may still speak', () => {
    const own = [fact('given', day(3), { standing: 'named' })];
    expect(person({ own }).kind).toBe('requested');
    expect(person({ own, devices: [{ facts: yes, verified: true }] }).kind).toBe('given');
    expect(person({ own, devices: [{ facts: no, verified: true }] })).toMatchObject({
      kind: 'requested',
      over: 'refused',
    });
    expect(person({ own, devices: [{ facts: no, verified: false }] }).kind).toBe('refused');
    const asked = [fact('given', day(3), { standing: 'named' })];
    expect(person({ devices: [{ facts: asked, verified: true }] }).kind).toBe('unknown');
  });

  test('of several devices the first that was linked speaks, and the others are restricted by their own', () => {
    const first = { facts: yes, verified: true, linkedAt: day(2) };
    const second = { facts: no, verified: true, linkedAt: day(3) };
    expect(person({ devices: [second, first] }).kind).toBe('given');
    expect(person({ devices: [{ ...first, linkedAt: day(4) }, second] }).kind).toBe('refused');
    // One that decided nothing does not speak.
    const silent = { facts: [], verified: true, linkedAt: day(0) };
    expect(person({ devices: [silent, second, first] }).kind).toBe('given');
  });

  test('where it is not known which was first, the no does', () => {
    for (const linkedAt of [{}, { linkedAt: day(2) }]) {
      const devices = [
        { facts: yes, verified: true, ...linkedAt },
        { facts: no, verified: true, ...linkedAt },
      ];
      expect(person({ devices }).kind).toBe('refused');
      expect(person({ devices: devices.toReversed() }).kind).toBe('refused');
    }
    const known = { facts: yes, verified: true, linkedAt: day(-400) };
    expect(person({ devices: [known, { facts: no, verified: true }] }).kind).toBe('refused');
  });

  test('a decision inherited before the first own one is the beginning of the history', () => {
    const own = [fact('given', day(9), BY_SERVER)];
    const before = { linkedAt: day(3) };
    expect(person({ own, devices: [{ facts: no, verified: true, ...before }] })).toMatchObject({
      kind: 'given',
      runSince: day(9),
      followsNegative: true,
    });
    expect(person({ own, devices: [{ facts: yes, verified: true, ...before }] })).toMatchObject({ runSince: day(1) });
    for (const linkedAt of [day(9), day(10)]) {
      expect(person({ own, devices: [{ facts: yes, verified: true, linkedAt }] })).toMatchObject({ runSince: day(9) });
    }
    // A request is not the first own decision, and of two own ones the first counts.
    const asked = fact('given', day(2), { standing: 'named' });
    expect(person({ own: [...own, asked], devices: [{ facts: yes, verified: true, ...before }] })).toMatchObject({
      runSince: day(1),
    });
    const early = [fact('given', day(2), BY_SERVER), ...own];
    expect(person({ own: early, devices: [{ facts: yes, verified: true, ...before }] })).toMatchObject({
      runSince: day(2),
    });
  });

  test('an inherited yes lasts as a part of the person, from the last act', () => {
    const inherited = person({ devices: [{ facts: yes, verified: true }], lastActAt: day(100) });
    expect(inherited).toMatchObject({ until: day(100 + 3 * 365) });
    expect(deviceState(yes)).toMatchObject({ until: day(1 + 182) });
  });
});

describe('across an unverified link (S8)', () => {
  const own: readonly ConsentFact[] = [fact('given', day(1), BY_SERVER)];

  test('a no that the other side took back itself ends the run: what came before it stays closed', () => {
    const theirs = [fact('refused', day(5), BY_SERVER), fact('given', day(8), BY_SERVER)];
    expect(person({ own, neighbours: [theirs] })).toMatchObject({
      kind: 'given',
      since: day(1),
      runSince: day(8),
      followsNegative: true,
    });
    const neverNo = [fact('given', day(8), BY_SERVER)];
    expect(person({ own, neighbours: [neverNo] })).toEqual(person({ own }));
    const longAgo = [fact('refused', day(-9), BY_SERVER), fact('given', day(-8), BY_SERVER)];
    expect(person({ own, neighbours: [longAgo] })).toMatchObject({ runSince: day(1), followsNegative: true });
  });

  test('an objection beyond the link outweighs a refusal of its own, so that it is not lost (invariant 7)', () => {
    const refusal = [fact('refused', day(9), BY_SERVER)];
    const objection = [fact('objected', day(2), BY_SERVER)];
    expect(person({ own: refusal, neighbours: [objection] })).toMatchObject({ kind: 'objected', since: day(2) });
    expect(person({ own: objection, neighbours: [refusal] })).toMatchObject({ kind: 'objected', since: day(2) });
    expect(person({ own: refusal, neighbours: [[fact('withdrawn', day(10))]] })).toMatchObject({ since: day(9) });
    expect(person({ neighbours: [refusal, [fact('withdrawn', day(10))]] })).toMatchObject({ kind: 'withdrawn' });
  });

  test('an anonymous device stands on its own facts, closed by any no of a person seen on it', () => {
    expect(anonymousState(own, [])).toMatchObject({ kind: 'given' });
    expect(anonymousState([], [own]).kind).toBe('unknown');
    expect(anonymousState(own, [own, [fact('refused', day(0))]]).kind).toBe('refused');
  });
});
