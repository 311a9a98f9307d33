import { expect, test } from 'vitest';
import type { Identifier } from './identifier.ts';
import { isCovered, proofOf } from './identity-proof.ts';

const ada: Identifier = { namespace: 'user_id', value: 'ada' };
const address: Identifier = { namespace: 'email', value: 'ada@example.com' };
const device: Identifier = { namespace: 'anonymous_id', value: 'a-1' };

test('S11 a proof covers what both it and the item name, and nothing else', () => {
  expect(proofOf('oidc', [ada, address], [ada, device])).toEqual({ by: 'oidc', covers: [ada] });
  expect(proofOf('signed-token', [ada, address], [device, address, ada])?.covers).toEqual([address, ada]);
  const proof = proofOf('oidc', [ada], [ada, address]);
  expect([ada, address, device].map((identifier) => isCovered(proof, identifier))).toEqual([true, false, false]);
});

test('S11 a proof of another person proves nothing: the same value elsewhere is another identifier', () => {
  expect(proofOf('oidc', [{ ...ada, value: 'eve' }], [ada, device])).toBeUndefined();
  expect(proofOf('oidc', [{ namespace: 'loyalty_card', value: 'ada' }], [ada])).toBeUndefined();
  expect(isCovered(undefined, ada)).toBe(false);
});
