import type { Identifier } from '@filrouge/domain/identity';
import { describe, expect, test } from 'vitest';
import { type Words, withoutErased } from './without-erased.ts';

const erased: readonly Identifier[] = [
  { namespace: 'email', value: 'zoe@example.com' },
  { namespace: 'user_id', value: 'U-17' },
];

const words: Words = {
  name: 'Account of u-17',
  traits: { email: 'zoe@example.com', city: 'Lyon' },
  properties: {
    title: 'Lamp',
    url: 'https://shop.example/?mail=zoe%40example.com',
    deep: [{ note: 'for ZOE@example.com', price: 3 }],
    'U-17': true,
  },
  context: { traits: { city: 'Lyon' }, externalIds: [{ id: 'x' }], page: { title: 'Lamp' }, ip: '203.0.113.7' },
  receipt: { kind: 'ticket', type: 'sale', number: 'T1', currency: 'EUR', amountMinor: 5, coupon: 'ZOE10', lines: [] },
};

describe('S14 what an item says without an erased person', () => {
  test('a sale of nobody keeps its receipt alone, without the coupon', () => {
    expect(withoutErased(words, erased, true)).toEqual({
      name: '•',
      traits: {},
      properties: {},
      context: {},
      receipt: { kind: 'ticket', type: 'sale', number: 'T1', currency: 'EUR', amountMinor: 5, lines: [] },
    });
  });

  test('what stays with somebody else loses traits and every text with an erased identifier, encoded ones too', () => {
    const left = withoutErased(words, erased, false);
    expect(left.traits).toEqual({});
    expect(left.properties).toEqual({ title: 'Lamp', url: '•', deep: [{ note: '•', price: 3 }] });
    expect(left.context).toEqual({ page: { title: 'Lamp' }, ip: '203.0.113.7' });
    expect(JSON.stringify(left).toLowerCase()).not.toMatch(/zoe|u-17|lyon/);
  });
});
