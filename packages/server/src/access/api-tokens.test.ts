import { DAY_MS, HOUR_MS, instant, MINUTE_MS } from '@filrouge/domain/base';
import { createMemoryAccessStore, MemoryDatabase } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { ApiTokens } from './api-tokens.ts';

const NOON = instant(Date.UTC(2026, 10, 22, 12));

test('a signing-in lasts an hour, and one that would last longer is over: the clock was ahead when it was made', async () => {
  let now = NOON;
  const tokens = new ApiTokens(createMemoryAccessStore(new MemoryDatabase()), () => now);
  const { secret } = await tokens.createSession('ada@example.com');
  const isGood = async (ms: number): Promise<boolean> => {
    now = instant(NOON + ms);
    return (await tokens.bearerOf(`Bearer ${secret}`)) !== undefined;
  };
  for (const ms of [0, HOUR_MS - 1, -4 * MINUTE_MS]) expect(await isGood(ms), `${ms}`).toBe(true);
  for (const ms of [HOUR_MS, DAY_MS, -6 * MINUTE_MS, -12 * 365 * DAY_MS]) expect(await isGood(ms), `${ms}`).toBe(false);
});
