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
  const seen = { works: 0, others: 0, faulty: false };
  const maintenance = runMaintenance(
    [
      {
        what: 'forget',
        async work() {
          seen.works += 1;
          if (seen.faulty) throw new Error('somebody’s transaction lasted too long');
          return undefined;
        },
      },
      {
        what: 'go on',
        async work() {
          seen.others += 1;
          return { said: 'went on', figures: {} };
        },
      },
    ],
    () => instant(Date.now()),
    pino({ level: 'silent' }),
  );
  return { seen, maintenance };
}

test('it works at the start, and then once on each day', async () => {
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

test('a fault is tried again an hour later, on the same day, and other chores do not wait for it', async () => {
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
  expect(seen.others).toBe(3);
  await maintenance.stop();
});

test('G4: while held nothing is begun, and what was put off is done within the hour', async () => {
  const { seen, maintenance } = observed();
  maintenance.hold(true);
  await vi.advanceTimersByTimeAsync(2 * DAY_MS);
  expect(seen.works).toBe(0);
  maintenance.hold(false);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(seen.works).toBe(1);
  await maintenance.stop();
});
