import { DAY_MS, type Instant } from '@filrouge/domain/base';
import { expect, test } from 'vitest';
import type { SeenKey } from '../append-store.ts';
import { aSeenKey, day, NOON, type OpenStores } from './stores-under-test.ts';

/** What deduplication forgets, and when (S16). */
export function describeExpiry(open: OpenStores): void {
  test('S16: an id is known for 36 days from the day it states, or from its receipt, and forgotten after', async () => {
    const stores = await open();
    const { append } = stores;
    const claim = (keys: readonly SeenKey[]) => append.append((transaction) => transaction.claim(keys));
    const after = (days: number): void => stores.setNow((NOON + days * DAY_MS) as Instant);
    const [dated, late, undated, old] = [
      aSeenKey(),
      aSeenKey({ day: day(-20) }),
      aSeenKey({ day: undefined }),
      aSeenKey({ day: day(-400) }),
    ];
    const all = [dated, late, undated, old];
    const known = ['duplicate', 'duplicate', 'duplicate', 'duplicate'];
    expect(await claim(all)).toEqual(['new', 'new', 'new', 'new']);
    const { days } = await append.expire();
    expect(
      days.filter((one) => one >= day(-36)),
      'nothing that is kept',
    ).toEqual([]);
    expect(await claim(all)).toEqual(known);

    after(16);
    await append.expire();
    expect(await claim(all), '36 days after the day of the eldest').toEqual(known);
    after(17);
    expect((await append.expire()).days).toContain(day(-20));
    expect(await claim([dated, undated, old])).toEqual(known.slice(1));
    after(36);
    expect((await append.expire()).ids).toBe(0);
    expect(await claim([dated, undated, old])).toEqual(known.slice(1));

    after(37);
    const gone = await append.expire();
    expect([gone.days.includes(day(0)), gone.ids]).toEqual([true, 2]);
    expect(await claim([undated, old])).toEqual(['new', 'new']);
    expect(await append.expire()).toEqual({ days: [], ids: 0 });
    await stores.close();
  });
}
