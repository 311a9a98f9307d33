import { DAY_MS, type Instant } from '@filrouge/domain/base';
import { expect, test } from 'vitest';
import type { AppendTransaction } from '../append-store.ts';
import type { Current } from './describe-stores.ts';
import { aSeenKey, day, NOON } from './stores-under-test.ts';

/** How ids are claimed, each once (S16). */
export function describeClaims(current: Current): void {
  const claim = (keys: Parameters<AppendTransaction['claim']>[0]) =>
    current().append.append((transaction) => transaction.claim(keys));

  test('S16: what is claimed before the lock is answered alike, after whoever claimed it first has committed or not', async () => {
    const { append } = current();
    const claimedOf = ({ claimed }: AppendTransaction) => Promise.resolve(claimed);
    for (const commits of [true, false]) {
      const [key, other] = [aSeenKey(), aSeenKey()];
      const [entered, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const first = append.append(
        async ({ claimed }) => {
          entered.resolve();
          await gate.promise;
          if (!commits) throw new Error('given up');
          return claimed;
        },
        [key, other],
      );
      await entered.promise;
      const second = append.append(claimedOf, [key, { ...other, body: 'f'.repeat(32) }, aSeenKey()]);
      gate.resolve();
      const answers = await Promise.allSettled([first, second]);
      expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : 'lost'))).toEqual(
        commits
          ? [
              ['new', 'new'],
              ['duplicate', 'other-body', 'new'],
            ]
          : ['lost', ['new', 'new', 'new']],
      );
      expect(await append.append(claimedOf, [key])).toEqual(['duplicate']);
    }
    expect(await append.append(claimedOf)).toEqual([]);
  });

  test('S16: an id is new once, then a duplicate, or another body under the same id', async () => {
    const keys = [aSeenKey(), aSeenKey(), aSeenKey({ day: undefined })];
    expect(await claim(keys)).toEqual(['new', 'new', 'new']);
    expect(await claim(keys)).toEqual(['duplicate', 'duplicate', 'duplicate']);
    const other = keys.map((key) => ({ ...key, body: 'f'.repeat(32) }));
    expect(await claim([...other, aSeenKey()])).toEqual(['other-body', 'other-body', 'other-body', 'new']);
    expect(await claim(keys), 'first receipt wins').toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(await claim([])).toEqual([]);
  });

  test('S16: the day of the client’s time is part of the key', async () => {
    const key = aSeenKey({ day: day(-3) });
    expect(await claim([key])).toEqual(['new']);
    expect(await claim([{ ...key, day: day(-2) }, key])).toEqual(['new', 'duplicate']);
    const both = [aSeenKey({ id: key.id, day: day(-1) }), { ...key, day: day(-2), body: 'e'.repeat(32) }];
    expect(await claim(both), 'a new one and a known one of one id in one call').toEqual(['new', 'other-body']);
  });

  test('S16: an id without a day is found on whatever day it has', async () => {
    for (const on of [day(-35), day(-1), day(0), day(1)]) {
      const key = aSeenKey({ day: on });
      expect(await claim([key])).toEqual(['new']);
      expect(await claim([{ ...key, day: undefined }])).toEqual(['duplicate']);
      expect(await claim([{ ...key, day: undefined, body: 'd'.repeat(32) }])).toEqual(['other-body']);
    }
  });

  test('S16: a day that has left the window is still looked for on that day', async () => {
    const stores = current();
    const key = aSeenKey({ day: day(-35) });
    expect(await claim([key])).toEqual(['new']);
    stores.setNow((NOON + DAY_MS) as Instant);
    expect(await claim([key, { ...key, body: 'c'.repeat(32) }])).toEqual(['duplicate', 'other-body']);
    stores.setNow(NOON);
  });

  test('S16: ids with a day outside the 35 that are kept share one place', async () => {
    for (const on of [day(-36), day(-4_000), day(2), '2199-01-01']) {
      const key = aSeenKey({ day: on });
      expect(await claim([key])).toEqual(['new']);
      expect(await claim([key])).toEqual(['duplicate']);
      expect(await claim([{ ...key, day: undefined }])).toEqual(['duplicate']);
      expect(await claim([{ ...key, day: day(-37) }]), 'outside, the day is no part of the key').toEqual(['duplicate']);
      expect(await claim([{ ...key, body: 'c'.repeat(32) }])).toEqual(['other-body']);
    }
  });

  test('S16: the days that are kept move on with the clock', async () => {
    const stores = current();
    const key = aSeenKey({ day: day(20) });
    stores.setNow((NOON + 20 * DAY_MS) as Instant);
    expect(await claim([key])).toEqual(['new']);
    expect(await claim([key, { ...key, day: undefined }])).toEqual(['duplicate', 'duplicate']);
    stores.setNow(NOON);
    expect(await claim([{ ...key, day: undefined }])).toEqual(['duplicate']);
  });

  test('S16: of claims at once one is first', async () => {
    const key = aSeenKey();
    const answers = await Promise.all(Array.from({ length: 8 }, () => claim([key])));
    expect(answers.flat().sort()).toEqual([...Array.from({ length: 7 }, () => 'duplicate'), 'new']);
  });
}
