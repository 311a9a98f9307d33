import { expect, test } from 'vitest';
import type { Instant } from '../base/instant.ts';
import type { ConsentFact } from './consent-fact.ts';
import { type ConsentState, type ConsentStatus, statusAt, UNKNOWN } from './consent-state.ts';
import { type DoorItem, decideItem, type Verdict } from './decide-item.ts';
import { judgeSubmission } from './judge-submission.ts';
import type { Purpose } from './purpose.ts';
import type { PurposeStates } from './purpose-states.ts';
import { servedPurposes } from './served-purposes.ts';
import type { Use } from './standing.ts';
import { anonymousState, deviceState, personState } from './subject-state.ts';
import { at, BY_SERVER, fact, purpose } from './testing/fact-builder.ts';
import { erased, isRegistration, lifted, withoutErased } from './tombstone.ts';
import { type StoredItem, usable } from './usable.ts';

// The fifteen examples of the semantics, in its words. Each example is one test; what another room shows is said there.

const AM = purpose('audience_measurement');
const PRO = purpose('profiling');
const EM = purpose('email_marketing');
const SM = purpose('store_measurement');

function person(own: readonly ConsentFact[]): ConsentState {
  return personState({ own, neighbours: [], devices: [] });
}

/** A live page from a browser, received as it happened. */
function page(t: Instant, r: Instant = t): DoorItem {
  return { t, r, imported: false, terminal: true };
}

function kept(c: Instant, ...purposes: readonly Purpose[]): StoredItem {
  return { purposes: bits(purposes), c, terminal: true, bot: false };
}

function bits(purposes: readonly Purpose[]): bigint {
  return purposes.reduce((all, { bit }) => all | (1n << BigInt(bit)), 0n);
}

function door(item: DoorItem, served: readonly Purpose[], states: PurposeStates): Verdict {
  return decideItem(item, served, () => states);
}

/** `in`, or why not. */
function inUse(item: StoredItem, asked: Purpose, states: PurposeStates, use: Use, now: Instant): string {
  const answer = usable(item, asked, states, use, now);
  return answer.ok ? 'in' : answer.why;
}

function status(state: ConsentState, now: Instant): ConsentStatus {
  return statusAt(state, now);
}

test('example 1: AM given 2026-01-10; page 02-01: kept; in reports; in audiences until 07-11', () => {
  const states = { device: deviceState([fact('given', at('2026-01-10'))]) };
  expect(door(page(at('2026-02-01')), [AM], states)).toEqual({ kind: 'kept', purposes: [AM] });
  const item = kept(at('2026-02-01'), AM);
  expect(inUse(item, AM, states, 'aggregate', at('2026-02-02'))).toBe('in');
  expect(inUse(item, AM, states, 'individual', at('2026-07-10'))).toBe('in');
  expect(inUse(item, AM, states, 'individual', (at('2026-07-11') - 1) as Instant)).toBe('in');
  expect(inUse(item, AM, states, 'individual', at('2026-07-11'))).toBe('expired');
});

test('example 2: no renewal; 08-01: report over February in; audience, slot no; new page withheld `expired`', () => {
  const states = { device: deviceState([fact('given', at('2026-01-10'))]) };
  const february = kept(at('2026-02-01'), AM);
  expect(inUse(february, AM, states, 'aggregate', at('2026-08-01'))).toBe('in');
  expect(inUse(february, AM, states, 'individual', at('2026-08-01'))).toBe('expired');
  expect(door(page(at('2026-08-01')), [AM], states)).toEqual({ kind: 'withheld', reason: 'expired' });
});

test('example 3: withdrawn 04-01: February out, the table saved 03-01 stays; given again 06-01: still out', () => {
  const given = fact('given', at('2026-01-10'));
  const withdrawn = fact('withdrawn', at('2026-04-01'));
  const again = fact('given', at('2026-06-01'));
  const february = kept(at('2026-02-01'), AM);
  const march = { device: deviceState([given]) };
  expect(inUse(february, AM, march, 'aggregate', at('2026-03-01'))).toBe('in');
  const april = { device: deviceState([given, withdrawn]) };
  expect(inUse(february, AM, april, 'aggregate', at('2026-04-02'))).toBe('withdrawn');
  const june = deviceState([given, withdrawn, again]);
  expect(june).toMatchObject({ kind: 'given', runSince: at('2026-06-01') });
  expect(inUse(february, AM, { device: june }, 'aggregate', at('2026-06-02'))).toBe('before-consent');
  expect(inUse(kept(at('2026-06-02'), AM), AM, { device: june }, 'aggregate', at('2026-06-03'))).toBe('in');
});

test('example 4: page 10:00:00, accept 10:00:20, sent 10:00:21: kept (30 min grace)', () => {
  const states = { device: deviceState([fact('given', at('2026-11-21T10:00:20'))]) };
  const sent = at('2026-11-21T10:00:21');
  expect(door(page(at('2026-11-21T10:00:00'), sent), [AM], states).kind).toBe('kept');
  expect(door(page(at('2026-11-21T09:30:20'), sent), [AM], states).kind).toBe('kept');
  const tooOld = page((at('2026-11-21T09:30:20') - 1) as Instant, sent);
  expect(door(tooOld, [AM], states)).toEqual({ kind: 'withheld', reason: 'consent-later' });
  expect(inUse(kept(sent, AM), AM, states, 'individual', sent)).toBe('in');
});

test('example 5: import 11-20, page t = 2025-05-01, consent with proof i = 2026-09-10: withheld `consent-later`', () => {
  const proven = fact('given', at('2026-09-10'), { r: at('2026-11-20'), clock: 'trusted' });
  const states = { device: deviceState([proven]) };
  const row: DoorItem = { t: at('2025-05-01'), r: at('2026-11-20'), imported: true, terminal: true };
  expect(door(row, [AM], states)).toEqual({ kind: 'withheld', reason: 'consent-later' });
  expect(door({ ...row, t: at('2026-09-10') }, [AM], states).kind).toBe('kept');
  // An import has no memory queue: one millisecond before the consent is before it.
  const justBefore = { ...row, t: (at('2026-09-10') - 1) as Instant };
  expect(door(justBefore, [AM], states)).toEqual({ kind: 'withheld', reason: 'consent-later' });
});

test('example 6: app offline, given 06-01, page 06-03, withdrawn 06-05, synced 06-06: withdrawn; page withheld', () => {
  const r = at('2026-06-06');
  const device = deviceState([
    fact('given', at('2026-06-01'), { r, sequence: { device: 'phone', number: 1 } }),
    fact('withdrawn', at('2026-06-05'), { r, sequence: { device: 'phone', number: 2 } }),
  ]);
  expect(device).toMatchObject({ kind: 'withdrawn', since: r });
  expect(door(page(at('2026-06-03'), r), [AM], { device })).toEqual({ kind: 'withheld', reason: 'withdrawn' });
});

// Signed queues come with a later capability: here the fold on facts as such a queue and an unsigned key lead to.
test('example 7: tablet refusal i 11-03, r 11-10; web given 11-05: given since 11-05 if signed, refused if not', () => {
  const late = { r: at('2026-11-10') };
  const web = fact('given', at('2026-11-05'));
  const signed = deviceState([fact('refused', at('2026-11-03'), { ...late, clock: 'trusted' }), web]);
  expect(signed).toMatchObject({ kind: 'given', since: at('2026-11-05'), runSince: at('2026-11-05') });
  const unsigned = deviceState([fact('refused', at('2026-11-03'), late), web]);
  expect(unsigned).toMatchObject({ kind: 'refused', since: at('2026-11-10') });
});

test('example 8: paper given 11-01 keyed in 11-10; withdrawn online 11-05: withdrawn', () => {
  const paper = fact('given', at('2026-11-01'), { r: at('2026-11-10'), ...BY_SERVER });
  expect(status(person([paper, fact('withdrawn', at('2026-11-05'))]), at('2026-11-11'))).toBe('withdrawn');
});

// The date and the mark in the ledger are shown in ledger-date.test.ts, and on the running door.
test('example 9: given dated 2199, r 11-21; withdrawn 11-22: withdrawn; dated 11-21', () => {
  for (const clock of ['trusted', 'untrusted'] as const) {
    const future = fact('given', at('2199-01-01'), { r: at('2026-11-21'), clock });
    expect(person([future])).toMatchObject({ kind: 'given', since: at('2026-11-21') });
    expect(status(person([future, fact('withdrawn', at('2026-11-22'))]), at('2026-11-23'))).toBe('withdrawn');
  }
});

test("example 10: U refused PRO 01-05; new laptop accepts all 03-01, logs in 03-02: laptop's AM given, PRO of U refused", () => {
  const laptop = [fact('given', at('2026-03-01'))];
  const refusal = fact('refused', at('2026-01-05'), BY_SERVER);
  for (const verified of [true, false]) {
    for (const login of [{}, { linkedAt: at('2026-03-02') }]) {
      const U = personState({ own: [refusal], neighbours: [], devices: [{ facts: laptop, verified, ...login }] });
      expect(status(U, at('2026-03-03'))).toBe('refused');
      const onLaptop = { device: deviceState(laptop), person: U, onDevice: deviceState(laptop) };
      const verdict = door(page(at('2026-03-03')), [AM, PRO], onLaptop);
      expect(verdict).toEqual({ kind: 'kept', purposes: [AM] });
    }
  }
});

test('example 11: A EM given 02-01, B refused 03-01, linked 04-01: refused; A gives 04-15: given if verified; un-merge', () => {
  const a = [fact('given', at('2026-02-01'), BY_SERVER)];
  const b = [fact('refused', at('2026-03-01'), BY_SERVER)];
  const later = [...a, fact('given', at('2026-04-15'), BY_SERVER)];
  const unverified = (own: readonly ConsentFact[], other: readonly ConsentFact[]): ConsentState =>
    personState({ own, neighbours: [other], devices: [] });
  const now = at('2026-04-16');
  expect(status(person([...a, ...b]), at('2026-04-01'))).toBe('refused');
  expect(status(unverified(a, b), at('2026-04-01'))).toBe('refused');
  expect(person([...later, ...b])).toMatchObject({ kind: 'given', runSince: at('2026-04-15') });
  expect(status(unverified(later, b), now)).toBe('refused');
  expect([status(person(later), now), status(person(b), now)]).toEqual(['given', 'refused']);
});

// That the page stays anonymous and that U1 and U2 are two persons is shown in domain/identity; here what it stands on.
test('example 12: family iPad, U1 out 10:10, page 10:15, U2 in 10:20: the page stands on the iPad, closed by their noes', () => {
  const yes = [fact('given', at('2026-01-01'), BY_SERVER)];
  const no = [fact('refused', at('2026-01-01'), BY_SERVER)];
  const between = page(at('2026-11-21T10:15:00'));
  const nobody: readonly ConsentFact[] = [];
  expect(door(between, [PRO], { device: UNKNOWN, person: anonymousState(nobody, [yes, yes]) })).toEqual({
    kind: 'withheld',
    reason: 'unknown',
  });
  const iPad = [fact('given', at('2026-11-01'))];
  expect(door(between, [PRO], { person: anonymousState(iPad, [yes, yes]) }).kind).toBe('kept');
  expect(door(between, [PRO], { person: anonymousState(iPad, [yes, no]) })).toEqual({
    kind: 'withheld',
    reason: 'refused',
  });
});

test('example 13: ticket with card, SM refused, order served: kept for `order_fulfilment`; not in ROPO', () => {
  const served = servedPurposes({ serves: {} }, 'ticket').map(purpose);
  const t = at('2026-11-21');
  const ticket: DoorItem = { t, r: t, imported: false, terminal: false, reference: 'T-1' };
  const card = person([fact('refused', at('2026-10-01'), BY_SERVER)]);
  const states = (id: string): PurposeStates => ({ person: id === SM.id ? card : UNKNOWN });
  const verdict = decideItem(ticket, served, states);
  expect(verdict).toEqual({ kind: 'kept', purposes: [purpose('order_fulfilment')] });
  const stored = { ...kept(t, purpose('order_fulfilment')), terminal: false };
  expect(inUse(stored, SM, states(SM.id), 'aggregate', t)).toBe('not-collected-for');
  // Without a reference there is no contract, and nothing is kept.
  const { reference: _, ...without } = ticket;
  expect(decideItem(without, served, states)).toEqual({ kind: 'withheld', reason: 'refused' });
});

// That 06-01 is a new person without a link to anything is shown in domain/identity and on the running server.
test('example 14: erased 05-01; tickets t 04-28 and 05-10 lose the card; registers 06-01, nothing earlier comes back', () => {
  const tombstone = erased(undefined, at('2026-05-01'));
  const account = {
    kind: 'track',
    name: 'Signed Up',
    t: at('2026-06-01'),
    imported: false,
    sourceKind: 'server',
  } as const;
  expect(isRegistration(account, tombstone)).toBe(true);
  const after = lifted(tombstone, account.t);
  for (const stone of [tombstone, after]) {
    for (const t of [at('2026-04-28'), at('2026-05-10')]) {
      const ticket = { kind: 'ticket', t } as const;
      expect(withoutErased(['card'], () => stone, ticket)).toEqual({ kind: 'stripped', left: [] });
      expect(withoutErased(['card'], () => stone, { kind: 'page', t })).toEqual({ kind: 'withheld', left: [] });
    }
  }
  const anew = { kind: 'page', t: at('2026-06-01') } as const;
  expect(withoutErased(['card'], () => tombstone, anew)).toEqual({ kind: 'withheld', left: [] });
  expect(withoutErased(['card'], () => after, anew)).toEqual({ kind: 'untouched', left: ['card'] });
});

// Facts of another brand are never passed to the fold: its precondition, kept by the brand in each node's keyed hash.
test('example 15: brand X EM given; brand Y reads: unknown = no', () => {
  const x = person([fact('given', at('2026-01-01'), { ...BY_SERVER, purpose: EM.id })]);
  const y = person([]);
  const now = at('2026-02-01');
  expect([status(x, now), status(y, now)]).toEqual(['given', 'unknown']);
  expect(inUse(kept(now, EM), EM, { person: y }, 'aggregate', now)).toBe('unknown');
  expect(inUse(kept(now, EM), EM, { person: x }, 'aggregate', now)).toBe('in');
});

test('example 7, who is believed (S6): a store key only where it signs', () => {
  const submission = {
    subject: [{ namespace: 'loyalty_card', value: '42' }],
    brand: 'maison' as never,
    property: 'paris' as never,
    decisions: [{ purpose: EM.id, vendor: '*', status: 'refused' }],
    notice: { id: 'card', version: '1' },
    channel: 'store',
    indicatedAt: at('2026-11-03'),
    indicatedBy: { kind: 'agent' },
  } as const;
  const notices = [{ id: 'card', version: '1', brand: 'maison' as never, purposes: [EM.id], text: {} }];
  const known = { purposes: new Map([[EM.id, EM]]), notices, jointControllers: [] };
  const clockOf = (signed: boolean) => judgeSubmission(submission, { kind: 'store', signed }, known);
  expect(clockOf(true)).toMatchObject({ ok: true, value: { clock: 'trusted' } });
  expect(clockOf(false)).toMatchObject({ ok: true, value: { clock: 'untrusted' } });
});
