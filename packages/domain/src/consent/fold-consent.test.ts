import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, type Instant } from '../base/instant.ts';
import { type ConsentFact, isNegative } from './consent-fact.ts';
import { type ConsentState, isClosed, isObjected, statusAt } from './consent-state.ts';
import { DEVICE_TIME_TO_LIVE_MS, foldConsent, PERSON_IDLE_MS_MAX } from './fold-consent.ts';
import { isProven, orderTime } from './order-time.ts';
import { aFact, anInstant, facts, RUNS } from './testing/fact-arbitrary.ts';
import { at, BY_SERVER, fact } from './testing/fact-builder.ts';

const DEVICE = { part: 'device' } as const;
const PERSON = { part: 'person' } as const;

function fold(history: readonly ConsentFact[]): ConsentState {
  return foldConsent(history, DEVICE);
}

function day(n: number): Instant {
  return (at('2026-01-01') + n * DAY_MS) as Instant;
}

function numbered(device: string, number: number) {
  return { sequence: { device, number } } as const;
}

/** S6 and S7 read off as a story, instant by instant, for facts without sequence numbers. */
function story(history: readonly ConsentFact[]): {
  readonly kind: string;
  readonly run?: Instant;
  readonly after?: boolean;
} {
  const proven = history.filter(isProven);
  const instants = [...new Set(proven.map((one) => orderTime(one) as Instant))].sort((a, b) => a - b);
  let kind = 'unknown';
  let run: Instant | undefined;
  let refusedBefore = false;
  for (const now of instants) {
    const told = proven.filter((one) => orderTime(one) === now);
    const noes = told.filter((one) => isNegative(one.status)).sort((a, b) => a.position - b.position);
    if (noes.length > 0) {
      refusedBefore = true;
      run = undefined;
      if (kind === 'objected' || noes.some((one) => one.status === 'objected')) kind = 'objected';
      else kind = noes.at(-1)?.status ?? kind;
    } else if (kind !== 'objected' || told.some((one) => one.verified)) {
      kind = 'given';
      run ??= now;
    }
  }
  return run === undefined ? { kind } : { kind, run, after: refusedBefore };
}

describe('laws', () => {
  test('the fold is a function of the set: order, repetition and batches are without effect (invariant 7)', () => {
    fc.assert(
      fc.property(facts(), fc.infiniteStream(fc.nat()), fc.nat(7), (history, noise, cut) => {
        const shuffled = history
          .map((one) => ({ one, key: noise.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const batches = [...shuffled.slice(cut), ...shuffled.slice(0, cut), ...history];
        expect(fold(shuffled)).toEqual(fold(history));
        expect(fold(batches)).toEqual(fold(history));
      }),
      { numRuns: RUNS },
    );
  });

  test('a decision reached through two identifiers counts once, with the better standing, in any order', () => {
    fc.assert(
      fc.property(facts(), fc.nat(), (history, pick) => {
        const own = history.map((one) => ({ ...one, standing: 'own' as const }));
        const named = own.map((one) => ({ ...one, standing: 'named' as const }));
        const cut = pick % (own.length + 1);
        expect(fold([...named, ...own])).toEqual(fold(own));
        expect(fold([...own.slice(cut), ...named, ...own.slice(0, cut)])).toEqual(fold(own));
      }),
      { numRuns: RUNS },
    );
  });

  test('without numbering the fold tells the story of S6 and S7, instant by instant', () => {
    fc.assert(
      fc.property(facts({ sequenced: false }), (history) => {
        const state = fold(history);
        const told = story(history);
        const run = state.kind === 'given' ? { run: state.runSince, after: state.followsNegative } : {};
        expect({ kind: state.kind === 'requested' ? state.over : state.kind, ...run }).toEqual(told);
      }),
      { numRuns: 3 * RUNS },
    );
  });

  test('a yes that is not after the latest no never opens (invariant 8)', () => {
    fc.assert(
      fc.property(facts({ sequenced: false }), aFact({ status: 'given', sequenced: false }), (history, yes) => {
        const noes = history.filter((one) => isNegative(one.status)).map((one) => orderTime(one) as Instant);
        const order = orderTime(yes);
        fc.pre(order === 'requested' || noes.some((no) => no >= order));
        fc.pre(fold(history).kind !== 'given');
        // A verified yes may lift an objection (S7), so that a later yes, held down by it until then, counts.
        fc.pre(!yes.verified || history.every((one) => one.status !== 'objected'));
        expect(fold([...history, yes]).kind).not.toBe('given');
      }),
      { numRuns: RUNS },
    );
  });

  test('a no from an untrusted clock takes effect at its receipt, whatever it says of itself (invariant 8)', () => {
    fc.assert(
      fc.property(facts(), aFact({ sequenced: false }), anInstant, (history, last, i) => {
        const r = day(300);
        const no = { ...last, status: 'withdrawn', clock: 'untrusted', indicatedAt: i, receivedAt: r } as const;
        const state = fold([...history, no]);
        expect(isClosed(state)).toBe(true);
        expect(isObjected(state) || (state.kind === 'withdrawn' && state.since === r)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test('a no that the ledger holds after a yes with a later receipt wins: one of their clocks was wrong (invariant 8)', () => {
    fc.assert(
      fc.property(facts({ sequenced: false }), aFact({ sequenced: false }), anInstant, (history, last, r) => {
        const lastPosition = Math.max(0, ...history.map(({ position }) => position)) + 1;
        const no = { ...last, status: 'withdrawn', clock: 'untrusted', receivedAt: r, position: lastPosition } as const;
        // By then the clock ran behind every receipt that the ledger holds, or each of those ahead.
        fc.pre(history.every((one) => one.receivedAt > r));
        expect(isClosed(fold([...history, no]))).toBe(true);
        const again = fact('given', (r + 1) as Instant, { ...BY_SERVER, position: lastPosition + 1 });
        const reopened = fold([...history.filter(({ status }) => status === 'given'), no, again]);
        expect(reopened, 'and keeps nobody from saying yes again').toMatchObject({ kind: 'given', runSince: r + 1 });
      }),
      { numRuns: RUNS },
    );
  });

  test('of a yes that a no overtook, whatever the order, nothing is left, and of any other all', () => {
    fc.assert(
      fc.property(facts(), fc.array(fc.nat({ max: 6 }), { minLength: 7, maxLength: 7 }), (history, places) => {
        // Recorded in any order.
        const recorded = history.map((one, at) => ({ ...one, position: 10 * (places[at] ?? 0) + at + 1 }));
        const noes = recorded.filter((one) => isNegative(one.status));
        const isOvertaken = (one: ConsentFact): boolean =>
          !isNegative(one.status) && noes.some((no) => no.position > one.position && no.receivedAt < one.receivedAt);
        const left = recorded.filter((one) => !isOvertaken(one));
        expect(fold(recorded)).toEqual(fold(left));
      }),
      { numRuns: RUNS },
    );
  });

  test('what somebody decided ten thousand times is folded as fast as it is read', () => {
    const often = Array.from({ length: 10_000 }, (_, n) =>
      fact(n % 2 === 0 ? 'given' : 'withdrawn', (day(1) + n) as Instant, BY_SERVER),
    );
    const looks = { count: 0 };
    const watched = often.map((one) => ({
      ...one,
      get receivedAt() {
        looks.count += 1;
        return one.receivedAt;
      },
    }));
    expect(fold(watched).kind).toBe('withdrawn');
    expect(looks.count, 'a few times each, and not once for each other').toBeLessThan(20 * often.length);
  });

  test.each([
    ['a clock that went two hours back', '2026-11-22T12:00:00', '2026-11-22T10:05:00'],
    ['one that was in 2038 when the yes was said', '2038-01-19T03:14:08', '2026-11-22T12:00:00'],
  ])('a withdrawal wins over a yes that came before it, with %s', (_what, yes, no) => {
    for (const clock of ['trusted', 'untrusted'] as const) {
      const given = fact('given', at(yes), { clock, position: 1 });
      const withdrawn = fact('withdrawn', at(no), { clock, position: 2 });
      expect(fold([given, withdrawn])).toMatchObject({ kind: 'withdrawn', since: at(no) });
      expect(fold([withdrawn, given])).toMatchObject({ kind: 'withdrawn', since: at(no) });
    }
  });

  test('an objection yields to nothing but a later verified yes (S7)', () => {
    fc.assert(
      fc.property(facts(), facts({ sequenced: false }), (noise, history) => {
        const objection = fact('objected', day(10), BY_SERVER);
        const unverified = noise.map((one) => ({ ...one, verified: false }));
        expect(isObjected(fold([objection, ...unverified]))).toBe(true);
        const early = history.filter((one) => orderTime(one) !== 'requested' && (orderTime(one) as Instant) <= day(10));
        expect(isObjected(fold([objection, ...early]))).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test('a detour through a no never reopens what came before it: the run starts after every no (S7, invariant 8)', () => {
    fc.assert(
      fc.property(facts(), facts({ sequenced: false }), (numberedOnes, others) => {
        const history = [...numberedOnes, ...others];
        const state = fold(history);
        if (state.kind !== 'given') return;
        const noes = history.filter((one) => isNegative(one.status));
        for (const no of noes) expect(state.runSince).toBeGreaterThan(Math.min(no.indicatedAt, no.receivedAt));
        for (const no of noes.filter((one) => one.sequence === undefined)) {
          expect(state.runSince).toBeGreaterThan(orderTime(no) as Instant);
        }
        expect(state.followsNegative).toBe(noes.length > 0);
      }),
      { numRuns: 3 * RUNS },
    );
  });

  test('a renewal moves the end and not the start of the run', () => {
    fc.assert(
      fc.property(facts({ sequenced: false }), anInstant, fc.boolean(), (history, i, verified) => {
        const before = fold(history);
        fc.pre(before.kind === 'given' && i >= before.since);
        if (before.kind !== 'given') return;
        const after = fold([...history, fact('given', i, { verified })]);
        expect(after).toMatchObject({ kind: 'given', runSince: before.runSince, since: i });
        expect(after).toMatchObject({ until: i + DEVICE_TIME_TO_LIVE_MS });
      }),
      { numRuns: RUNS },
    );
  });

  test('nothing unproven opens or closes: without a proven fact nobody is given, and no fact is unknown (invariant 6)', () => {
    expect(fold([])).toEqual({ kind: 'unknown' });
    fc.assert(
      fc.property(facts({ status: 'given' }), (history) => {
        const named = history.map((one) => ({ ...one, standing: 'named' as const }));
        expect(fold(named).kind).toBe(named.length === 0 ? 'unknown' : 'requested');
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a device orders its facts by its own numbers (S5)', () => {
  const r = day(20);

  test('a number that a higher one contradicts drops out, whatever the order of receipt', () => {
    const no = fact('refused', day(19), numbered('phone', 2));
    const lateYes = fact('given', r, numbered('phone', 1));
    expect(fold([no, lateYes])).toMatchObject({ kind: 'refused', since: day(19) });
    expect(fold([no, fact('given', r)])).toMatchObject({ kind: 'given', since: r });
  });

  test('another device, an equal number and a renewal contradict nothing', () => {
    const no = fact('refused', day(5), numbered('phone', 2));
    expect(fold([no, fact('given', day(6), numbered('tablet', 1))]).kind).toBe('given');
    expect(fold([no, fact('given', day(6), numbered('phone', 2))]).kind).toBe('given');
    const first = fact('given', day(1), numbered('phone', 1));
    const renewed = fold([first, fact('given', day(9), numbered('phone', 2))]);
    expect(renewed).toMatchObject({ kind: 'given', runSince: day(1), since: day(9), followsNegative: false });
  });

  test('a no that was synced after the yes which took it back lets the yes stand, and ends what came before', () => {
    const before = fact('given', day(1), numbered('phone', 1));
    const no = fact('refused', day(15), { r, ...numbered('phone', 2) });
    const yes = fact('given', day(16), { r, ...numbered('phone', 3) });
    const state = fold([before, no, yes]);
    expect(state).toMatchObject({ kind: 'given', runSince: day(16), followsNegative: true });
    // A yes from elsewhere, before the one that took the no back, is not what the run starts with.
    const elsewhere = fact('given', (day(16) - 1) as Instant, BY_SERVER);
    expect(fold([before, no, yes, elsewhere])).toMatchObject({ runSince: day(16) });
  });

  test('a no placed by its own credible time ends only what came before it', () => {
    const no = fact('refused', day(3), { ...BY_SERVER, ...numbered('phone', 1) });
    const yes = fact('given', day(9), { ...BY_SERVER, ...numbered('phone', 2) });
    expect(fold([no, yes, fact('given', day(5), BY_SERVER)])).toMatchObject({ runSince: day(5), since: day(9) });
    expect(fold([no, yes, fact('given', day(2), BY_SERVER)])).toMatchObject({ runSince: day(9) });
  });

  test('a no received at the very instant of the yes that took it back lets the run start there', () => {
    const no = fact('refused', day(9), { r: day(10), ...numbered('phone', 1) });
    const yes = fact('given', day(10), numbered('phone', 2));
    expect(fold([no, yes])).toMatchObject({ kind: 'given', runSince: day(10), followsNegative: true });
  });

  test('a clock that went backwards between a no and its yes reopens nothing from before the receipt of the no', () => {
    const before = fact('given', day(1), numbered('phone', 1));
    const no = fact('refused', day(10), numbered('phone', 2));
    const yes = fact('given', day(4), { r: day(11), ...numbered('phone', 3) });
    const state = fold([before, no, yes]);
    expect(state).toMatchObject({ kind: 'given', since: day(4), runSince: day(10) + 1, followsNegative: true });
    const sameInstant = fact('given', day(10), { r: day(11), ...numbered('phone', 3) });
    expect(fold([before, no, sameInstant])).toMatchObject({ kind: 'given', runSince: day(10) + 1 });
  });

  test('of two higher numbers the nearest tells where the no was, of two equal ones the later', () => {
    const no = fact('refused', day(13), { r, ...numbered('phone', 1) });
    const near = fact('given', day(16), { r, ...numbered('phone', 2) });
    const far = fact('given', day(14), { r, ...numbered('phone', 3) });
    expect(fold([no, near, far])).toMatchObject({ kind: 'given', since: day(16), runSince: day(16) });
    const twin = fact('given', day(18), { r, ...numbered('phone', 2) });
    for (const history of [
      [no, near, twin],
      [twin, near, no],
    ]) {
      expect(fold(history)).toMatchObject({ since: day(18), runSince: day(18) });
    }
  });

  test('a yes that waits for its proof takes back no no', () => {
    const server = fact('given', day(1), BY_SERVER);
    const no = fact('refused', day(10), numbered('phone', 1));
    const incredible = fact('given', day(1), { r, ...numbered('phone', 2) });
    const named = fact('given', day(11), { standing: 'named', ...numbered('phone', 2) });
    for (const yes of [incredible, named]) {
      expect(fold([server, no, yes])).toMatchObject({ kind: 'requested', over: 'refused' });
    }
  });

  test('an objection is taken back by a verified higher number alone (S7)', () => {
    const objection = fact('objected', day(10), numbered('phone', 1));
    const yes = fact('given', day(11), numbered('phone', 2));
    expect(fold([objection, yes]).kind).toBe('objected');
    const verified = { ...yes, verified: true };
    expect(fold([objection, verified])).toMatchObject({ kind: 'given', runSince: day(11), followsNegative: true });
    const refusal = { ...objection, status: 'refused' } as const;
    expect(fold([refusal, yes]).kind).toBe('given');
  });

  test('the nearest yes takes an ordinary no back, though a verified one stands higher', () => {
    const no = fact('refused', day(13), { r, ...numbered('phone', 1) });
    const yes = fact('given', day(18), { r, ...numbered('phone', 2) });
    const verified = fact('given', day(15), { r, ...BY_SERVER, ...numbered('phone', 3) });
    expect(fold([no, yes, verified])).toMatchObject({ kind: 'given', runSince: day(18), since: day(18) });
  });
});

describe('the end of a yes (S7)', () => {
  const given = fact('given', day(0));

  test('a device part lasts 182 days from the last given, its end excluded; R9: a no lasts as it is', () => {
    const state = foldConsent([given], { part: 'device' });
    expect(state).toMatchObject({ until: day(182) });
    expect(statusAt(state, (day(182) - 1) as Instant)).toBe('given');
    expect(statusAt(state, day(182))).toBe('expired');
  });

  test('a person part lasts three years from the last act, or from the given where that is later', () => {
    expect(PERSON_IDLE_MS_MAX).toBe(3 * 365 * DAY_MS);
    expect(foldConsent([given], PERSON)).toMatchObject({ until: day(3 * 365) });
    expect(foldConsent([given], { ...PERSON, lastActAt: day(100) })).toMatchObject({ until: day(100 + 3 * 365) });
    expect(foldConsent([given], { ...PERSON, lastActAt: day(-100) })).toMatchObject({ until: day(3 * 365) });
  });
});

describe('requested (S6, S7)', () => {
  const named = fact('given', day(5), { standing: 'named' });

  test('a no at the same instant or later closes a request; an earlier one stays under it', () => {
    expect(fold([named, fact('refused', day(5))]).kind).toBe('refused');
    expect(fold([named, fact('refused', day(6))]).kind).toBe('refused');
    const over = fold([named, fact('withdrawn', day(4))]);
    expect(over).toEqual({ kind: 'requested', since: day(5), over: 'withdrawn', position: named.position });
    expect(isClosed(over)).toBe(true);
  });

  test('a request beside a yes says nothing, and a confirmation makes it one', () => {
    expect(fold([named, fact('given', day(1))])).toMatchObject({ kind: 'given', since: day(1) });
    expect(fold([named, fact('given', day(6), BY_SERVER)])).toMatchObject({ kind: 'given', runSince: day(6) });
  });

  test('a request whose clock is not credible counts from its receipt; of several the latest is shown', () => {
    const incredible = fact('given', day(0), { r: day(9) });
    expect(fold([incredible, fact('refused', day(8))])).toMatchObject({ kind: 'requested', since: day(9) });
    expect(fold([named, incredible])).toMatchObject({ since: day(9), position: incredible.position });
    const twin = { ...named, position: named.position + 100_000 };
    expect(fold([twin, named])).toMatchObject({ position: twin.position });
  });
});

test('ties: of several noes at one instant the last recorded is the word, an objection before all (S6)', () => {
  const refused = fact('refused', day(5));
  const withdrawn = fact('withdrawn', day(5));
  expect(fold([withdrawn, refused, fact('given', day(5))])).toMatchObject({
    kind: 'withdrawn',
    position: withdrawn.position,
  });
  expect(fold([fact('objected', day(5)), fact('refused', day(5))]).kind).toBe('objected');
});

test('a yes that ties with a no lifts no objection (S6, S7)', () => {
  const objection = fact('objected', day(1), BY_SERVER);
  const tied = [fact('given', day(5), BY_SERVER), fact('refused', day(5), BY_SERVER)];
  expect(fold([objection, ...tied]).kind).toBe('objected');
  expect(fold([objection, ...tied, fact('given', day(6))]).kind).toBe('objected');
});

test('a position that bears two words, which the ledger never writes, is no reason to forget the no', () => {
  const yes = fact('given', day(5));
  const no = { ...yes, status: 'refused' } as const;
  expect(fold([yes, no]).kind).toBe('refused');
  expect(fold([no, yes]).kind).toBe('refused');
});

test('the state names the ledger entry that allows: the last given', () => {
  const first = fact('given', day(1));
  const last = fact('given', day(2));
  expect(fold([last, first])).toMatchObject({ position: last.position, recordId: last.recordId, runSince: day(1) });
});
