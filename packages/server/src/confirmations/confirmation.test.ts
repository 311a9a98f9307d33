import { type Instant, instant } from '@filrouge/domain/base';
import type { ConsentFact, FactStatus, PurposeId } from '@filrouge/domain/consent';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import { expect, test } from 'vitest';
import { type Confirmation, standingOf } from './confirmation.ts';

const ISSUED: Instant = instant(Date.UTC(2026, 10, 21, 12));
const later = instant(ISSUED + 1);
const before = instant(ISSUED - 1);
const confirmation: Confirmation = {
  id: 'c1',
  source: 'server' as SourceId,
  issuedAt: ISSUED,
  subject: [],
  brand: 'maison' as BrandId,
  property: 'site' as Confirmation['property'],
  decisions: [
    { purpose: 'email_marketing' as PurposeId, vendor: '*', status: 'given' },
    { purpose: 'partner_sharing' as PurposeId, vendor: 'v1', status: 'given' },
  ],
  notice: { id: 'letters', version: '1' },
  channel: 'email',
};

function fact(purpose: string, status: FactStatus, receivedAt: Instant, vendor = '*', recordId = 'r'): ConsentFact {
  return {
    position: 1,
    recordId,
    purpose: purpose as PurposeId,
    vendor,
    status,
    indicatedAt: receivedAt,
    receivedAt,
    clock: 'trusted',
    standing: 'own',
    verified: true,
  };
}

function leftOf(facts: readonly ConsentFact[], erasedAt: readonly Instant[] = []): readonly string[] {
  return standingOf(confirmation, { facts, erasedAt }).left.map(({ purpose }) => purpose);
}

const ALL = ['email_marketing', 'partner_sharing'];

test.each(['refused', 'withdrawn', 'objected'] as const)(
  '%s since the link was made: the click does not reopen it',
  (no) => {
    expect(leftOf([fact('email_marketing', no, later)])).toEqual(['partner_sharing']);
    expect(leftOf([fact('email_marketing', no, ISSUED)])).toEqual(['partner_sharing']);
    expect(leftOf([fact('email_marketing', no, before)])).toEqual(ALL);
  },
);

test('a yes since then, or a no to something else, takes nothing out', () => {
  expect(leftOf([fact('email_marketing', 'given', later), fact('profiling', 'refused', later)])).toEqual(ALL);
});

test('S5 what was said of all vendors counts for each, and a yes to all would cover the vendor that was refused', () => {
  expect(leftOf([fact('partner_sharing', 'refused', later)])).toEqual(['email_marketing']);
  expect(leftOf([fact('partner_sharing', 'refused', later, 'v1')])).toEqual(['email_marketing']);
  expect(leftOf([fact('partner_sharing', 'refused', later, 'v2')])).toEqual(ALL);
  expect(leftOf([fact('email_marketing', 'refused', later, 'v2')])).toEqual(['partner_sharing']);
});

test('S14 an erasure since then takes all of it; one from before takes nothing', () => {
  expect(leftOf([], [later])).toEqual([]);
  expect(leftOf([], [before])).toEqual(ALL);
});

test('its own record tells that it was confirmed', () => {
  expect(standingOf(confirmation, { facts: [], erasedAt: [] }).recorded).toBe(false);
  const own = fact('email_marketing', 'given', later, '*', 'c1');
  expect(standingOf(confirmation, { facts: [own], erasedAt: [] }).recorded).toBe(true);
});
