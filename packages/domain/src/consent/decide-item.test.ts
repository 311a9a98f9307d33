import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, type Instant } from '../base/instant.ts';
import type { ConsentFact } from './consent-fact.ts';
import { type DoorItem, decideItem, MEMORY_QUEUE_MS_MAX, type Verdict } from './decide-item.ts';
import { DEFAULT_PURPOSES } from './default-purposes.ts';
import type { Purpose, PurposeId } from './purpose.ts';
import type { PurposeStates } from './purpose-states.ts';
import { anonymousState, deviceState, personState } from './subject-state.ts';
import { aFact, anInstant, facts, RUNS } from './testing/fact-arbitrary.ts';
import { at, BY_SERVER, fact, purpose } from './testing/fact-builder.ts';
import { NOW, STATES, type StateName } from './testing/named-states.ts';
import { type StoredItem, usable } from './usable.ts';
import type { WithheldReason } from './withheld-reason.ts';

const AM = purpose('audience_measurement');
const PRO = purpose('profiling');

const live: DoorItem = { t: NOW, r: NOW, imported: false, terminal: true };

type History = { readonly device: readonly ConsentFact[]; readonly person: readonly ConsentFact[] };
const aHistory: fc.Arbitrary<History> = fc.record({ device: facts(), person: facts() });

function statesOf({ device, person }: History): PurposeStates {
  return {
    device: deviceState(device),
    person: personState({ own: person, neighbours: [], devices: [] }),
    onDevice: anonymousState(device, []),
  };
}

const anItem: fc.Arbitrary<DoorItem> = fc
  .record({
    days: fc.constantFrom(0, 3, 7, 200, 300),
    late: fc.constantFrom(0, 1, MEMORY_QUEUE_MS_MAX, MEMORY_QUEUE_MS_MAX + 1, 5 * DAY_MS),
    imported: fc.boolean(),
    terminal: fc.boolean(),
    reference: fc.constantFrom(undefined, '', 'T-1'),
  })
  .map(({ days, late, imported, terminal, reference }) => {
    const r = (at('2026-01-01') + days * DAY_MS + 3) as Instant;
    const item = { t: (r - late) as Instant, r, imported, terminal };
    return reference === undefined ? item : { ...item, reference };
  });

const aServedList = fc.uniqueArray(fc.constantFrom(...DEFAULT_PURPOSES), { maxLength: 6 });

function keptIds(verdict: Verdict): readonly PurposeId[] {
  return verdict.kind === 'kept' ? verdict.purposes.map(({ id }) => id) : [];
}

describe('laws', () => {
  test('another no never turns withheld into kept, and never adds a bit (S9)', () => {
    fc.assert(
      fc.property(
        anItem,
        aServedList,
        aHistory,
        aFact({ sequenced: false }),
        fc.constantFrom('refused' as const, 'withdrawn' as const, 'objected' as const),
        fc.boolean(),
        (item, served, history, last, status, onDevice) => {
          const no = { ...last, status };
          const more = onDevice
            ? { ...history, device: [...history.device, no] }
            : { ...history, person: [...history.person, no] };
          const before = keptIds(decideItem(item, served, () => statesOf(history)));
          const after = keptIds(decideItem(item, served, () => statesOf(more)));
          for (const id of after) expect(before).toContain(id);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('another served purpose never removes a bit', () => {
    fc.assert(
      fc.property(
        anItem,
        aServedList,
        fc.constantFrom(...DEFAULT_PURPOSES),
        aHistory,
        (item, served, more, history) => {
          const before = keptIds(decideItem(item, served, () => statesOf(history)));
          const after = keptIds(decideItem(item, [more, ...served], () => statesOf(history)));
          for (const id of before) expect(after).toContain(id);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('by consent no item is kept for a purpose on which nobody decided (invariant 6)', () => {
    fc.assert(
      fc.property(anItem, aServedList, (item, served) => {
        const byConsent = served.filter(({ basis }) => basis === 'consent');
        expect(decideItem(item, byConsent, () => ({})).kind).toBe('withheld');
      }),
      { numRuns: RUNS },
    );
  });

  test('what the door keeps is usable for the purposes it was kept for, at once (S9, S10)', () => {
    let kept = 0;
    fc.assert(
      fc.property(aServedList, aHistory, fc.boolean(), (served, history, terminal) => {
        const r = (at('2026-01-01') + 201 * DAY_MS) as Instant;
        const verdict = decideItem({ ...live, t: r, r, terminal }, served, () => statesOf(history));
        if (verdict.kind === 'withheld') return;
        const purposes = verdict.purposes.reduce((bits, { bit }) => bits | (1n << BigInt(bit)), 0n);
        const stored: StoredItem = { purposes, c: r, terminal, bot: false };
        for (const one of served) {
          const answer = usable(stored, one, statesOf(history), 'individual', r);
          expect(answer.ok).toBe(verdict.purposes.includes(one));
          kept += Number(answer.ok);
        }
      }),
      { numRuns: RUNS },
    );
    expect(kept).toBeGreaterThan(50);
  });

  test('no item collected before a no is ever usable again, whatever was and is decided besides (S7, S8, S10)', () => {
    const asked = fc.constantFrom(...DEFAULT_PURPOSES.filter(({ basis }) => basis === 'consent'));
    const aNo = fc.record({
      word: fc.constantFrom('refused' as const, 'withdrawn' as const, 'objected' as const),
      ms: fc.constantFrom(1, 2, DAY_MS, 250 * DAY_MS),
      onDevice: fc.boolean(),
    });
    fc.assert(
      fc.property(asked, aHistory, anInstant, aNo, fc.boolean(), (one, history, c, no, terminal) => {
        const said = fact(no.word, (c + no.ms) as Instant, BY_SERVER);
        const both = one.scope.device && one.scope.person;
        const onDevice = both ? terminal && no.onDevice : one.scope.device;
        const later = onDevice
          ? { ...history, device: [...history.device, said] }
          : { ...history, person: [...history.person, said] };
        const stored: StoredItem = { purposes: 1n << BigInt(one.bit), c, terminal, bot: false };
        const now = (c + 600 * DAY_MS) as Instant;
        expect(usable(stored, one, statesOf(later), 'aggregate', now).ok).toBe(false);
      }),
      { numRuns: 3 * RUNS },
    );
  });
});

/** The reason why a single purpose by consent withholds, by the state of its deciding part (S9). */
const REASONS: Record<StateName, WithheldReason | 'kept'> = {
  unknown: 'unknown',
  requested: 'requested',
  'requested after a refusal': 'requested',
  'requested after a withdrawal': 'requested',
  'requested after an objection': 'requested',
  given: 'kept',
  expired: 'expired',
  refused: 'refused',
  withdrawn: 'withdrawn',
  objected: 'objected',
};

for (const [name, reason] of Object.entries(REASONS)) {
  test(`S9: ${name}: ${reason}`, () => {
    const verdict = decideItem(live, [AM], () => ({ device: STATES[name as StateName] }));
    expect(verdict).toEqual(reason === 'kept' ? { kind: 'kept', purposes: [AM] } : { kind: 'withheld', reason });
  });
}

test('S9: a live item may be half an hour older than the run, an imported one not at all', () => {
  const { runSince } = STATES.given;
  const states = () => ({ device: STATES.given });
  const grace = (runSince - MEMORY_QUEUE_MS_MAX) as Instant;
  const withheld = { kind: 'withheld', reason: 'consent-later' };
  expect(MEMORY_QUEUE_MS_MAX).toBe(30 * 60 * 1000);
  expect(decideItem({ ...live, t: grace }, [AM], states).kind).toBe('kept');
  expect(decideItem({ ...live, t: (grace - 1) as Instant }, [AM], states)).toEqual(withheld);
  expect(decideItem({ ...live, t: runSince, imported: true }, [AM], states).kind).toBe('kept');
  expect(decideItem({ ...live, t: (runSince - 1) as Instant, imported: true }, [AM], states)).toEqual(withheld);
});

test('S9: the status is that at receipt, not at the time of the item', () => {
  const { until } = STATES.given;
  const states = () => ({ device: STATES.given });
  expect(decideItem({ ...live, r: (until - 1) as Instant }, [AM], states).kind).toBe('kept');
  expect(decideItem({ ...live, r: until }, [AM], states)).toEqual({ kind: 'withheld', reason: 'expired' });
});

test('S9: a contract and a legal obligation need a reference, a legitimate interest needs none', () => {
  const verdict = (id: string, item: DoorItem) => decideItem(item, [purpose(id)], () => ({})).kind;
  for (const id of ['order_fulfilment', 'loyalty_programme', 'product_safety', 'legal_archive']) {
    expect(verdict(id, live)).toBe('withheld');
    expect(verdict(id, { ...live, reference: '' })).toBe('withheld');
    expect(verdict(id, { ...live, reference: 'T-1' })).toBe('kept');
  }
  expect(verdict('customer_service', live)).toBe('kept');
  const objected = () => ({ person: STATES.objected });
  expect(decideItem(live, [purpose('customer_service')], objected)).toEqual({ kind: 'withheld', reason: 'objected' });
});

test('S9: one allowed purpose keeps the item, for that purpose alone; the bits are those of the allowed ones', () => {
  const states = (id: PurposeId): PurposeStates =>
    id === AM.id ? { device: STATES.given } : { person: STATES.refused };
  expect(decideItem(live, [AM, PRO], states)).toEqual({ kind: 'kept', purposes: [AM] });
});

test('S9: of several reasons the one nearest to a yes; S12: nothing served, nothing kept', () => {
  const states = (id: PurposeId): PurposeStates =>
    id === AM.id ? { device: STATES.expired } : { person: STATES.refused };
  expect(decideItem(live, [PRO, AM], states)).toEqual({ kind: 'withheld', reason: 'expired' });
  const none: readonly Purpose[] = [];
  expect(decideItem(live, none, states)).toEqual({ kind: 'withheld', reason: 'no-purpose-served' });
});
