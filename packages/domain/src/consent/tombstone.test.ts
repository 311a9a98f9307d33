import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../base/instant.ts';
import { ITEM_KINDS, type ItemKind } from '../event/item-kind.ts';
import { anInstant, RUNS } from './testing/fact-arbitrary.ts';
import { at, BY_SERVER, fact } from './testing/fact-builder.ts';
import {
  erased,
  isErasedAt,
  isForgotten,
  isRegisteringConsent,
  isRegistration,
  lifted,
  type RegisteringItem,
  type Tombstone,
  withoutErased,
} from './tombstone.ts';

const ERASED = at('2026-05-01');
const LIFTED = at('2026-06-01');
const stone: Tombstone = { erasedAt: ERASED };
const opened: Tombstone = { erasedAt: ERASED, liftedAt: LIFTED };

/** What becomes of an item none of whose identifiers is left (S14). */
const NOTHING_LEFT: Record<ItemKind, 'stripped' | 'withheld'> = {
  page: 'withheld',
  screen: 'withheld',
  track: 'withheld',
  identify: 'withheld',
  alias: 'withheld',
  group: 'withheld',
  order: 'stripped',
  ticket: 'stripped',
  customer: 'withheld',
  'mail-open': 'withheld',
  mail: 'withheld',
  call: 'withheld',
  location: 'withheld',
};

describe('what is left of an item (S14)', () => {
  for (const kind of ITEM_KINDS) {
    test(`${kind} of an erased person is ${NOTHING_LEFT[kind]}`, () => {
      const answer = withoutErased(['card'], () => stone, { kind, t: ERASED });
      expect(answer).toEqual({ kind: NOTHING_LEFT[kind], left: [] });
      const partly = withoutErased(['card', 'visitor'], (one) => (one === 'card' ? stone : undefined), {
        kind,
        t: ERASED,
      });
      expect(partly).toEqual({ kind: 'stripped', left: ['visitor'] });
      expect(withoutErased(['visitor'], () => undefined, { kind, t: ERASED })).toEqual({
        kind: 'untouched',
        left: ['visitor'],
      });
    });
  }

  test('an item that never had an identifier is untouched: a ticket without customer is not an erased one', () => {
    expect(withoutErased([], () => stone, { kind: 'ticket', t: ERASED })).toEqual({ kind: 'untouched', left: [] });
  });

  test('any t while not lifted; afterwards every t before the lift', () => {
    for (const t of [at('2020-01-01'), ERASED, at('2030-01-01')]) expect(isErasedAt(stone, t)).toBe(true);
    expect(isErasedAt(opened, (LIFTED - 1) as Instant)).toBe(true);
    expect(isErasedAt(opened, LIFTED)).toBe(false);
    expect(isErasedAt(undefined, ERASED)).toBe(false);
  });
});

test('S7 what had been received by the erasure is forgotten, whenever it is said to have been decided; an objection never', () => {
  for (const tombstone of [stone, opened]) {
    for (const status of ['given', 'refused', 'withdrawn'] as const) {
      expect(isForgotten(fact(status, ERASED), tombstone)).toBe(true);
      expect(isForgotten(fact(status, (ERASED + 1) as Instant), tombstone)).toBe(false);
      expect(isForgotten(fact(status, at('2026-01-01'), { r: LIFTED }), tombstone)).toBe(false);
    }
    expect(isForgotten(fact('objected', at('2026-01-01')), tombstone)).toBe(false);
  }
  expect(isForgotten(fact('given', ERASED), undefined)).toBe(false);
});

describe('what lifts (S14)', () => {
  const registration: RegisteringItem = {
    kind: 'track',
    name: 'Signed Up',
    t: LIFTED,
    imported: false,
    sourceKind: 'server',
  };

  test('a live registration by a server key after the erasure, under each of its names', () => {
    for (const name of ['Account Created', 'Signed Up', 'User Signed Up']) {
      expect(isRegistration({ ...registration, name }, stone)).toBe(true);
    }
    for (const name of ['signed up', 'Signed In', 'Order Completed', '']) {
      expect(isRegistration({ ...registration, name }, stone)).toBe(false);
    }
  });

  test('S11 the same with a public key, of an identifier that a proof covers', () => {
    const onTheWeb = { ...registration, sourceKind: 'web' } as const;
    expect(isRegistration({ ...onTheWeb, proven: true }, stone)).toBe(true);
    expect(isRegistration({ ...onTheWeb, proven: false }, stone)).toBe(false);
    expect(isRegistration({ ...onTheWeb, proven: true, imported: true }, stone)).toBe(false);
  });

  test('never an import, a customer row, a public or a store key, nor one from before or at the erasure', () => {
    const others: readonly Partial<RegisteringItem>[] = [
      { imported: true },
      { kind: 'customer' },
      { kind: 'identify' },
      { sourceKind: 'web' },
      { sourceKind: 'app' },
      { sourceKind: 'store' },
      { t: ERASED },
      { t: (ERASED - 1) as Instant },
    ];
    for (const other of others) expect(isRegistration({ ...registration, ...other }, stone)).toBe(false);
    expect(isRegistration({ ...registration, t: (ERASED + 1) as Instant }, stone)).toBe(true);
  });

  test('a given that is verified, own and decided after the erasure', () => {
    const given = fact('given', LIFTED, BY_SERVER);
    expect(isRegisteringConsent(given, stone)).toBe(true);
    expect(isRegisteringConsent({ ...given, verified: false }, stone)).toBe(false);
    expect(isRegisteringConsent({ ...given, standing: 'named' }, stone)).toBe(false);
    expect(isRegisteringConsent({ ...given, status: 'refused' }, stone)).toBe(false);
    expect(isRegisteringConsent({ ...given, indicatedAt: ERASED }, stone)).toBe(false);
    expect(isRegisteringConsent({ ...given, receivedAt: ERASED }, stone)).toBe(false);
    expect(isRegisteringConsent({ ...given, indicatedAt: (ERASED + 1) as Instant }, stone)).toBe(true);
  });

  test('the first registration counts; one that is not after the erasure does not', () => {
    expect(lifted(stone, LIFTED)).toEqual(opened);
    expect(lifted(opened, at('2026-07-01'))).toEqual(opened);
    expect(lifted(opened, at('2026-05-15'))).toEqual({ erasedAt: ERASED, liftedAt: at('2026-05-15') });
    expect(lifted(stone, ERASED)).toEqual(stone);
  });

  test('a later erasure closes again; one heard late leaves a later registration standing', () => {
    expect(erased(undefined, ERASED)).toEqual(stone);
    expect(erased(opened, at('2026-07-01'))).toEqual({ erasedAt: at('2026-07-01') });
    expect(erased(opened, LIFTED)).toEqual({ erasedAt: LIFTED });
    expect(erased(opened, at('2026-05-15'))).toEqual({ erasedAt: at('2026-05-15'), liftedAt: LIFTED });
    expect(erased(opened, at('2026-04-01'))).toEqual(opened);
  });

  test('nothing earlier comes back: after a lift, what was lost before it stays lost (invariant 15)', () => {
    fc.assert(
      fc.property(anInstant, anInstant, anInstant, (erasedAt, registeredAt, t) => {
        const after = lifted(erased(undefined, erasedAt), registeredAt);
        expect(isErasedAt(after, t)).toBe(registeredAt <= erasedAt || t < registeredAt);
      }),
      { numRuns: RUNS },
    );
  });
});
