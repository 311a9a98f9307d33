import { DAY_MS, instant } from '@filrouge/domain/base';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runMaintenance } from './maintenance.ts';

const HOUR_MS = 60 * 60 * 1_000;
const NOON = Date.UTC(2026, 10, 20, 12);

beforeEach(() => vi.useFakeTimers({ now: NOON }));
afterEach(() => vi.useRealTimers());

/** How often it worked, with a clock that moves; `faulty` while it fails. */
function observed() {
  const seen = { works: 0, faulty: false };
  const maintenance = runMaintenance(
    {
      now: () => instant(Date.now()),
      async expire() {
        seen.works += 1;
        if (seen.faulty) throw new Error('somebody’s transaction lasted too long');
        return { days: [], ids: 0 };
      },
    },
    pino({ level: 'silent' }),
  );
  return { seen, maintenance };
}

test('S16: it works at the start, and then once on each day', async () => {
  const { seen, maintenance } = observed();
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(seen.works).toBe(1);
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(seen.works).toBe(2);
  await vi.advanceTimersByTimeAsync(3 * DAY_MS);
  expect(seen.works).toBe(5);
  await maintenance.stop();
  await vi.advanceTimersByTimeAsync(2 * DAY_MS);
  expect(seen.works).toBe(5);
});

test('a fault is tried again an hour later, on the same day', async () => {
  const { seen, maintenance } = observed();
  await vi.advanceTimersByTimeAsync(DAY_MS);
  const before = seen.works;
  seen.faulty = true;
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(seen.works).toBeGreaterThan(before + 5);
  seen.faulty = false;
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  const mended = seen.works;
  await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
  expect(seen.works).toBe(mended);
  await maintenance.stop();
});
