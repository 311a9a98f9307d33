import { instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { Identifier } from '@filrouge/domain/identity';
import { describe, expect, test } from 'vitest';
import { tokenSource } from '../collect/consent-witness.ts';
import { PERSONS_MAX, PersonQuota } from './person-quota.ts';

const NOW = instant(Date.UTC(2026, 10, 22, 12));
const source: Source = { ...tokenSource('maison' as Source['brand']), personQuotaPerSecond: 0.01 };
const key = { id: 'web_1', source };
const ada: Identifier = { namespace: 'user_id', value: 'ada' };
const phone: Identifier = { namespace: 'anonymous_id', value: 'phone' };
const proof = { by: 'signed-token', covers: [ada] } as const;

/** Five at once, then one in a hundred seconds. */
function spent(named: Parameters<PersonQuota['takeItem']>[1]): PersonQuota {
  const quota = new PersonQuota();
  for (let n = 0; n < 5; n += 1) expect(quota.takeItem(key, named, NOW).ok).toBe(true);
  expect(quota.takeItem(key, named, NOW)).toEqual({ ok: false, waitSeconds: 100 });
  return quota;
}

describe('G18: so many items of a person at once, then as many a second', () => {
  test('the bucket fills again, and a refusal uses up nothing of it', () => {
    const quota = spent({ identifiers: [ada] });
    for (let n = 0; n < 100; n += 1) quota.takeItem(key, { identifiers: [ada] }, NOW);
    expect(quota.takeItem(key, { identifiers: [ada] }, instant(NOW + 100_000)).ok).toBe(true);
    expect(quota.takeItem(key, { identifiers: [ada] }, instant(NOW + 100_000)).ok).toBe(false);
  });

  test('whoever is refused for one of its identifiers uses up nothing of the others', () => {
    const quota = spent({ identifiers: [ada] });
    for (let n = 0; n < 10; n += 1) expect(quota.takeItem(key, { identifiers: [ada, phone] }, NOW).ok).toBe(false);
    expect(quota.takeItem(key, { identifiers: [phone] }, NOW).ok).toBe(true);
  });

  test('what another key brings, what is proven, and what is decided have buckets of their own', () => {
    const quota = spent({ identifiers: [ada] });
    expect(quota.takeItem({ ...key, id: 'server_1' }, { identifiers: [ada] }, NOW).ok).toBe(true);
    expect(quota.takeItem(key, { identifiers: [ada], proof }, NOW).ok).toBe(true);
    expect(quota.takeDecision(key, { identifiers: [ada] }, NOW).ok).toBe(true);
    expect(quota.takeItem(key, { identifiers: [ada, phone], proof }, NOW).ok, 'the terminal is not proven').toBe(true);
  });

  test('of decisions it is a twentieth at once, and then one where there were 1,200 items', () => {
    const quota = new PersonQuota();
    const usual = { ...key, source: { ...source, personQuotaPerSecond: 20 } };
    for (let n = 0; n < 500; n += 1) expect(quota.takeDecision(usual, { identifiers: [ada] }, NOW).ok).toBe(true);
    expect(quota.takeDecision(usual, { identifiers: [ada] }, NOW)).toEqual({ ok: false, waitSeconds: 60 });
  });

  test('an item that names nobody has no limit', () => {
    const quota = new PersonQuota();
    for (let n = 0; n < 1_000; n += 1) expect(quota.takeItem(key, { identifiers: [] }, NOW).ok).toBe(true);
    expect(quota.size).toBe(0);
  });

  test('however many are named, no more than so many are remembered, and the busy one is', () => {
    const quota = spent({ identifiers: [ada] });
    for (let n = 0; n < 3 * PERSONS_MAX; n += 1) {
      const long = `${n} ${'x'.repeat(240)}`;
      quota.takeItem(key, { identifiers: [{ namespace: 'user_id', value: long }] }, NOW);
      if (n % 1_000 === 0) quota.takeItem(key, { identifiers: [ada] }, NOW);
    }
    expect(quota.size).toBeLessThanOrEqual(PERSONS_MAX);
    expect(quota.takeItem(key, { identifiers: [ada] }, NOW).ok).toBe(false);
  });
});
