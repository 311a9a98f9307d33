import { DAY_MS, type Instant } from '@filrouge/domain/base';
import { expect, test } from 'vitest';
import type { SeenKey } from '../append-store.ts';
import { aSeenKey, day, NOON, type OpenStores, type StoresUnderTest } from './stores-under-test.ts';

/** Days between what an item states and its first receipt: at once, late but usual, a device that was off, an import. */
const LATENESS = [-1, 0, 6, 7, 8, 20, 34, 35, 36, 400];

/** What deduplication forgets, and when (S16). */
export function describeExpiry(open: OpenStores): void {
  test('S16: however late an item came, it is known for 35 days from its first receipt', async () => {
    const stores = await open();
    const all = [aSeenKey({ day: undefined }), ...LATENESS.map((late) => aSeenKey({ day: day(-late) }))];
    expect(await claim(stores, all)).toEqual(all.map(() => 'new'));
    for (const days of [0, 1, 8, 20, 35]) {
      after(stores, days);
      await stores.append.expire();
      expect(await claim(stores, all), `after ${days} days`).toEqual(all.map(() => 'duplicate'));
      expect(await claim(stores, all.map(otherBody)), `after ${days} days`).toEqual(all.map(() => 'other-body'));
    }
    await stores.close();
  });

  test('S16: what need not be known any more is forgotten, whole days at a time where it is filed by day', async () => {
    const stores = await open();
    const [dated, undated, old] = [aSeenKey(), aSeenKey({ day: undefined }), aSeenKey({ day: day(-400) })];
    expect(await claim(stores, [dated, undated, old])).toEqual(['new', 'new', 'new']);
    after(stores, 36);
    expect((await stores.append.expire()).ids).toBe(0);
    after(stores, 37);
    expect((await stores.append.expire()).ids).toBe(2);
    expect(await claim(stores, [undated, old])).toEqual(['new', 'new']);
    after(stores, 43);
    expect((await stores.append.expire()).days).not.toContain(day(0));
    expect(await claim(stores, [dated])).toEqual(['duplicate']);
    after(stores, 44);
    expect((await stores.append.expire()).days).toContain(day(0));
    expect(await stores.append.expire()).toEqual({ days: [], ids: 0 });
    await stores.close();
  });

  test.each([
    ['in 2038', 365 * 11],
    ['ten days back', -10],
  ])('S16: what was received while the clock was %s is known when it is right again', async (_what, days) => {
    const stores = await open();
    const [before, meanwhile] = [aSeenKey(), aSeenKey()];
    expect(await claim(stores, [before])).toEqual(['new']);
    after(stores, days);
    expect(await claim(stores, [before, meanwhile])).toEqual(['duplicate', 'new']);
    after(stores, 0);
    expect(await claim(stores, [before, meanwhile])).toEqual(['duplicate', 'duplicate']);
    expect(await claim(stores, [otherBody(meanwhile)])).toEqual(['other-body']);
    await stores.close();
  });
}

function after(stores: StoresUnderTest, days: number): void {
  stores.setNow((NOON + days * DAY_MS) as Instant);
}

function claim(stores: StoresUnderTest, keys: readonly SeenKey[]): Promise<readonly unknown[]> {
  return stores.append.append((transaction) => transaction.claim(keys));
}

function otherBody(key: SeenKey): SeenKey {
  return { ...key, body: aSeenKey().body };
}
