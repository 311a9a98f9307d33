import { instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import { expect, test } from 'vitest';
import { tokenSource } from '../collect/consent-witness.ts';
import { KEYS_MAX, KeyQuota } from './key-quota.ts';

const NOW = instant(Date.UTC(2026, 10, 22, 12));
const source: Source = { ...tokenSource('maison' as Source['brand']), quotaPerSecond: 2 };

test('G18: ten seconds of its quota at once, then as it fills, with the whole seconds to wait', () => {
  const quota = new KeyQuota();
  const key = { id: 'a', source };
  expect(quota.take(key, 20, NOW)).toEqual({ ok: true });
  expect(quota.take(key, 3, NOW)).toEqual({ ok: false, waitSeconds: 2 });
  expect(quota.take(key, 3, instant(NOW + 1_000))).toEqual({ ok: false, waitSeconds: 1 });
  expect(quota.take(key, 3, instant(NOW + 1_500))).toEqual({ ok: true });
});

test('G18: two keys of one source have a bucket each', () => {
  const quota = new KeyQuota();
  expect(quota.take({ id: 'a', source }, 20, NOW).ok).toBe(true);
  expect(quota.take({ id: 'a', source }, 1, NOW).ok).toBe(false);
  expect(quota.take({ id: 'b', source }, 20, NOW).ok).toBe(true);
});

test('a batch larger than the bucket passes when it is full, and those after it pay its debt', () => {
  const quota = new KeyQuota();
  const key = { id: 'a', source };
  expect(quota.take(key, 40, NOW).ok).toBe(true);
  expect(quota.take(key, 1, instant(NOW + 10_000)).ok).toBe(false);
  expect(quota.take(key, 1, instant(NOW + 10_500)).ok).toBe(true);
});

test('G18: whoever was refused is told so unread until a second of the quota is there again, and loses nothing by it', () => {
  const quota = new KeyQuota();
  const key = { id: 'a', source };
  expect(quota.take(key, 19, NOW).ok).toBe(true);
  expect(quota.look(key, NOW), 'one is left').toEqual({ ok: true });
  expect(quota.take(key, 2, NOW).ok).toBe(false);
  expect(quota.look(key, NOW)).toEqual({ ok: false, waitSeconds: 1 });
  expect(quota.look(key, instant(NOW + 499))).toEqual({ ok: false, waitSeconds: 1 });
  expect(quota.look(key, instant(NOW + 500)), 'two of them').toEqual({ ok: true });
  expect(quota.take(key, 2, instant(NOW + 500)).ok).toBe(true);
  expect(quota.look({ id: 'b', source }, NOW)).toEqual({ ok: true });
});

test('a batch that is too large for what is left keeps nobody out while more than a second of the quota is there', () => {
  const quota = new KeyQuota();
  const key = { id: 'a', source };
  expect(quota.take(key, 15, NOW).ok).toBe(true);
  expect(quota.take(key, 6, NOW).ok).toBe(false);
  expect(quota.look(key, NOW).ok).toBe(true);
});

test('keys that come and go do not stay for ever, and a debt is not forgotten with them', () => {
  const quota = new KeyQuota();
  const indebted = { id: 'indebted', source };
  quota.take(indebted, 400, NOW);
  for (let n = 0; n < 9_000; n += 1) quota.take({ id: `session ${n}`, source }, 1, NOW);
  const later = instant(NOW + 60_000);
  for (let n = 0; n < 9_000; n += 1) quota.take({ id: 'next', source }, 0, later);
  expect(quota.size).toBeLessThan(10);
  expect(quota.take(indebted, 1, later).ok).toBe(false);
});

test('G18: however many keys there are, no more than so many are remembered, and the busy one is', () => {
  const quota = new KeyQuota();
  const busy = { id: 'busy', source };
  quota.take(busy, 20, NOW);
  for (let n = 0; n < 3 * KEYS_MAX; n += 1) {
    quota.take({ id: `session ${n}`, source }, 1, NOW);
    if (n % 1_000 === 0) quota.take(busy, 1, NOW);
  }
  expect(quota.size).toBeLessThanOrEqual(KEYS_MAX);
  expect(quota.take(busy, 1, NOW).ok).toBe(false);
});
