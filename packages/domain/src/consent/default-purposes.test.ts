import { expect, test } from 'vitest';
import { DEFAULT_PURPOSES } from './default-purposes.ts';
import { isDirectMarketing, type PurposeId, parsePurposeId } from './purpose.ts';

/** The table of purposes, as configured by default: basis, parts, and whether one may object to it as marketing (R31). */
const expected: Record<string, readonly [basis: string, parts: string, marketing: boolean]> = {
  order_fulfilment: ['contract', 'person', false],
  security: ['legitimate-interest', 'device person', false],
  audience_measurement: ['consent', 'device', false],
  personalisation: ['consent', 'device person', false],
  profiling: ['consent', 'person', true],
  advertising: ['consent', 'device person', true],
  email_marketing: ['consent', 'person', true],
  sms_marketing: ['consent', 'person', true],
  push_marketing: ['consent', 'person', true],
  phone_marketing: ['consent', 'person', true],
  postal_marketing: ['legitimate-interest', 'person', true],
  email_open_tracking: ['consent', 'person', false],
  store_measurement: ['consent', 'device person', false],
  geolocation_approximate: ['consent', 'device', false],
  geolocation_precise: ['consent', 'device', false],
  partner_sharing: ['consent', 'person', false],
  loyalty_programme: ['contract', 'person', false],
  receipt_delivery: ['contract', 'person', false],
  product_safety: ['legal-obligation', 'person', false],
  customer_service: ['legitimate-interest', 'person', false],
  legal_archive: ['legal-obligation', 'person', false],
};

test('the default purposes are those of the table', () => {
  const told = DEFAULT_PURPOSES.map(({ id, basis, scope }) => {
    const parts = [...(scope.device ? ['device'] : []), ...(scope.person ? ['person'] : [])].join(' ');
    return [id, [basis, parts, isDirectMarketing(id)]];
  });
  expect(Object.fromEntries(told)).toEqual(expected);
});

test("a retailer's own contact purpose is direct marketing by its name", () => {
  expect(isDirectMarketing('chat_marketing' as PurposeId)).toBe(true);
  expect(isDirectMarketing('marketing_research' as PurposeId)).toBe(false);
});

test('a purpose is named in lower-case words of at most 64 characters', () => {
  for (const id of Object.keys(expected)) expect(parsePurposeId(id)).toBe(id);
  for (const text of [
    '',
    'Profiling',
    'a-b',
    '_a',
    'a_',
    'a__b',
    '1a',
    ' a',
    'a\n',
    'é',
    `a${'b'.repeat(64)}`,
    1,
    null,
  ]) {
    expect(parsePurposeId(text)).toBeUndefined();
  }
  expect(parsePurposeId('a'.repeat(64))).toBe('a'.repeat(64));
});
