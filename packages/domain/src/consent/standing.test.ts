import { describe, expect, test } from 'vitest';
import type { Instant } from '../base/instant.ts';
import type { ConsentStatus, GivenState } from './consent-state.ts';
import type { LegalBasis, Purpose, PurposeId, PurposeScope } from './purpose.ts';
import type { PurposeStates } from './purpose-states.ts';
import { standingOn, type Use } from './standing.ts';
import { NOW, STATE_NAMES, STATES, type StateName } from './testing/named-states.ts';

type ScopeName = 'device' | 'person' | 'both';
type Place = 'terminal' | 'elsewhere';
type Answer = 'ok' | Exclude<ConsentStatus, 'given'>;
/** By the state of the person part. */
type Row = Record<StateName, Answer>;
/** By the state of the device part, then of the person part. */
type Sheet = Record<StateName, Row>;

const SCOPES: Record<ScopeName, PurposeScope> = {
  device: { device: true, person: false },
  person: { device: false, person: true },
  both: { device: true, person: true },
};

// The expected values are read off S8, S9 and S10, not off the code.

/** ok(use) of S10 for a part that must be given: individual use. */
const MUST_BE_GIVEN: Row = {
  unknown: 'unknown',
  requested: 'requested',
  'requested after a refusal': 'requested',
  'requested after a withdrawal': 'requested',
  'requested after an objection': 'requested',
  given: 'ok',
  expired: 'expired',
  refused: 'refused',
  withdrawn: 'withdrawn',
  objected: 'objected',
};
/** ok(use) of S10 for a part that must be given: an aggregate counts what has run out. */
const MAY_HAVE_EXPIRED: Row = { ...MUST_BE_GIVEN, expired: 'ok' };
/** "The person part not negative (unknown does not close)": a request over a no leaves the no (S8). */
const MUST_NOT_BE_NEGATIVE: Row = {
  unknown: 'ok',
  requested: 'ok',
  'requested after a refusal': 'refused',
  'requested after a withdrawal': 'withdrawn',
  'requested after an objection': 'objected',
  given: 'ok',
  expired: 'ok',
  refused: 'refused',
  withdrawn: 'withdrawn',
  objected: 'objected',
};
/** "Given unless objected". */
const UNLESS_OBJECTED: Row = {
  unknown: 'ok',
  requested: 'ok',
  'requested after a refusal': 'ok',
  'requested after a withdrawal': 'ok',
  'requested after an objection': 'objected',
  given: 'ok',
  expired: 'ok',
  refused: 'ok',
  withdrawn: 'ok',
  objected: 'objected',
};

function every(answer: Answer): Row {
  return Object.fromEntries(STATE_NAMES.map((name) => [name, answer])) as Row;
}
/** Whatever the device said: the person part decides. */
function personAlone(row: Row): Sheet {
  return Object.fromEntries(STATE_NAMES.map((name) => [name, row])) as Sheet;
}
/** Whatever the person said: the device part decides. */
function deviceAlone(row: Row): Sheet {
  return Object.fromEntries(STATE_NAMES.map((name) => [name, every(row[name])])) as Sheet;
}

/** Two parts on a terminal, by consent: the device part must be given, and then the person part not negative. */
const BOTH_INDIVIDUAL: Sheet = {
  unknown: every('unknown'),
  requested: every('requested'),
  'requested after a refusal': every('requested'),
  'requested after a withdrawal': every('requested'),
  'requested after an objection': every('requested'),
  given: MUST_NOT_BE_NEGATIVE,
  expired: every('expired'),
  refused: every('refused'),
  withdrawn: every('withdrawn'),
  objected: every('objected'),
};
const BOTH_AGGREGATE: Sheet = { ...BOTH_INDIVIDUAL, expired: MUST_NOT_BE_NEGATIVE };

/** Two parts on a terminal, where only an objection closes: either part's. */
const BOTH_UNLESS_OBJECTED: Sheet = {
  ...personAlone(UNLESS_OBJECTED),
  'requested after an objection': every('objected'),
  objected: every('objected'),
};

type Uses = Record<Use, Sheet>;
function anyUse(sheet: Sheet): Uses {
  return { individual: sheet, aggregate: sheet };
}
const BY_PERSON: Uses = { individual: personAlone(MUST_BE_GIVEN), aggregate: personAlone(MAY_HAVE_EXPIRED) };
const BY_DEVICE: Uses = { individual: deviceAlone(MUST_BE_GIVEN), aggregate: deviceAlone(MAY_HAVE_EXPIRED) };

const INTEREST: Record<ScopeName, Record<Place, Uses>> = {
  device: { terminal: anyUse(deviceAlone(UNLESS_OBJECTED)), elsewhere: anyUse(deviceAlone(UNLESS_OBJECTED)) },
  person: { terminal: anyUse(personAlone(UNLESS_OBJECTED)), elsewhere: anyUse(personAlone(UNLESS_OBJECTED)) },
  both: { terminal: anyUse(BOTH_UNLESS_OBJECTED), elsewhere: anyUse(personAlone(UNLESS_OBJECTED)) },
};
const ALWAYS: Record<Place, Uses> = {
  terminal: anyUse(personAlone(every('ok'))),
  elsewhere: anyUse(personAlone(every('ok'))),
};

const EXPECTED: Record<LegalBasis, Record<ScopeName, Record<Place, Uses>>> = {
  consent: {
    device: { terminal: BY_DEVICE, elsewhere: BY_DEVICE },
    person: { terminal: BY_PERSON, elsewhere: BY_PERSON },
    both: { terminal: { individual: BOTH_INDIVIDUAL, aggregate: BOTH_AGGREGATE }, elsewhere: BY_PERSON },
  },
  // S10: "Contract and legitimate interest: run_since = −∞, status given unless objected."
  contract: INTEREST,
  'legitimate-interest': INTEREST,
  // R44: a legal obligation ignores refusals.
  'legal-obligation': { device: ALWAYS, person: ALWAYS, both: ALWAYS },
};

function purposeOf(basis: LegalBasis, scope: ScopeName): Purpose {
  return { id: 'tested' as PurposeId, bit: 0, basis, scope: SCOPES[scope] };
}

function answer(purpose: Purpose, states: PurposeStates, place: Place, use: Use): Answer {
  const standing = standingOn(purpose, states, { now: NOW, terminal: place === 'terminal', use });
  return standing.ok ? 'ok' : standing.status;
}

function entries<K extends string, V>(record: Record<K, V>): [K, V][] {
  return Object.entries(record) as [K, V][];
}

describe('S8 and S10: basis × scope × place × use × device part × person part', () => {
  for (const [basis, scopes] of entries(EXPECTED)) {
    for (const [scope, places] of entries(scopes)) {
      for (const [place, uses] of entries(places)) {
        for (const [use, sheet] of entries(uses)) {
          test(`${basis}, ${scope}, ${place}, ${use}`, () => {
            const purpose = purposeOf(basis, scope);
            const told: Record<string, Record<string, Answer>> = {};
            for (const device of STATE_NAMES) {
              const row: Record<string, Answer> = {};
              for (const person of STATE_NAMES) {
                row[person] = answer(purpose, { device: STATES[device], person: STATES[person] }, place, use);
              }
              told[device] = row;
            }
            expect(told).toEqual(sheet);
          });
        }
      }
    }
  }
});

test('invariant 6: a part of which nothing is known is unknown, and no basis but consent needs it', () => {
  for (const [basis, scopes] of entries(EXPECTED)) {
    for (const [scope, places] of entries(scopes)) {
      for (const [place, uses] of entries(places)) {
        for (const [use, sheet] of entries(uses)) {
          expect(answer(purposeOf(basis, scope), {}, place, use)).toBe(sheet.unknown.unknown);
        }
      }
    }
  }
});

/** What the terminal itself said about a purpose of the person closes what happens on it, and only there (S8). */
const ON_DEVICE: Record<StateName, Answer> = MUST_NOT_BE_NEGATIVE;

test('S8: what the terminal said beside a login closes what happens on that terminal, and opens nothing', () => {
  const { given, unknown } = STATES;
  for (const [name, expected] of entries(ON_DEVICE)) {
    const onDevice = STATES[name];
    const profiling = purposeOf('consent', 'person');
    expect(answer(profiling, { person: given, onDevice }, 'terminal', 'individual')).toBe(expected);
    expect(answer(profiling, { person: unknown, onDevice }, 'terminal', 'individual')).toBe('unknown');
    expect(answer(profiling, { person: given, onDevice }, 'elsewhere', 'individual')).toBe('ok');
    const both = { device: given, person: given, onDevice };
    expect(answer(purposeOf('consent', 'both'), both, 'terminal', 'individual')).toBe(expected);
    const interest = purposeOf('legitimate-interest', 'person');
    expect(answer(interest, { onDevice }, 'terminal', 'individual')).toBe(UNLESS_OBJECTED[name]);
    expect(answer(interest, { onDevice }, 'elsewhere', 'individual')).toBe('ok');
    expect(answer(purposeOf('consent', 'device'), { device: given, onDevice }, 'terminal', 'individual')).toBe('ok');
  }
});

test('of two parts that say no, the person and then the terminal is the one named', () => {
  const { given, refused, withdrawn } = STATES;
  const both = purposeOf('consent', 'both');
  expect(answer(both, { device: given, person: withdrawn, onDevice: refused }, 'terminal', 'individual')).toBe(
    'withdrawn',
  );
});

describe('the run that an allowance rests on (S10)', () => {
  const given = (runSince: number, followsNegative: boolean): GivenState => ({
    ...STATES.given,
    runSince: runSince as Instant,
    followsNegative,
    recordId: `since ${runSince}`,
  });

  function run(scope: ScopeName, states: PurposeStates, place: Place = 'terminal') {
    const asked = { now: NOW, terminal: place === 'terminal', use: 'individual' } as const;
    const standing = standingOn(purposeOf('consent', scope), states, asked);
    return standing.ok && standing.allowance.by === 'consent' ? standing.allowance : undefined;
  }

  test("is the device's, or the person's if later and it follows a negative", () => {
    const device = given(50, false);
    expect(run('both', { device })).toEqual({ by: 'consent', recordId: 'since 50', position: 7, runSince: 50 });
    expect(run('both', { device, person: given(80, true) })).toMatchObject({ runSince: 80, recordId: 'since 50' });
    expect(run('both', { device, person: given(80, false) })?.runSince).toBe(50);
    expect(run('both', { device, person: given(20, true) })?.runSince).toBe(50);
    expect(run('both', { device: given(50, true), person: given(20, true) })?.runSince).toBe(50);
    const expired: GivenState = { ...given(80, true), until: NOW };
    expect(run('both', { device, person: expired })?.runSince).toBe(80);
  });

  test("is the person's alone away from a terminal", () => {
    expect(run('both', { device: given(90, true), person: given(30, false) }, 'elsewhere')).toMatchObject({
      runSince: 30,
      recordId: 'since 30',
    });
  });

  test('restarts where the terminal itself said no and then yes beside a login', () => {
    expect(run('person', { person: given(30, false), onDevice: given(60, true) })?.runSince).toBe(60);
    expect(run('person', { person: given(30, false), onDevice: given(60, false) })?.runSince).toBe(30);
    expect(run('person', { person: given(30, false), onDevice: given(60, true) }, 'elsewhere')?.runSince).toBe(30);
  });

  test('does not exist for another basis', () => {
    for (const basis of ['contract', 'legitimate-interest', 'legal-obligation'] as const) {
      const asked = { now: NOW, terminal: true, use: 'individual' } as const;
      const standing = standingOn(purposeOf(basis, 'both'), { device: given(50, true) }, asked);
      expect(standing).toEqual({ ok: true, allowance: { by: basis } });
    }
  });
});
