import pino from 'pino';
import { expect, test } from 'vitest';
import { keepReportsQuick } from './report-upkeep.ts';

const MINUTE = 60_000;

/** An upkeep whose merges end when the test says so. */
function upkeep() {
  const merges: PromiseWithResolvers<void>[] = [];
  const clock = { now: 0 };
  const settle = (): Promise<void> => {
    const merge = Promise.withResolvers<void>();
    merges.push(merge);
    return merge.promise;
  };
  const kept = keepReportsQuick({ settle }, () => clock.now, pino({ level: 'silent' }));
  const end = async (at: number, fault?: Error): Promise<void> => {
    if (fault === undefined) merges[at]?.resolve();
    else merges[at]?.reject(fault);
    await kept.stop();
  };
  return { kept, clock, merges: () => merges.length, end };
}

test('what reports read is merged at the first rest after much was projected, once', async () => {
  const { kept, merges, end } = upkeep();
  for (const worked of ['none', 'some', 'none', 'full', 'full', 'some'] as const) kept.after(worked);
  expect(merges()).toBe(0);
  kept.after('none');
  expect(merges()).toBe(1);
  await end(0);
  kept.after('none');
  expect(merges()).toBe(1);
});

test('a little at a time is merged every ten minutes, and nothing where nothing came', async () => {
  const { kept, clock, merges, end } = upkeep();
  clock.now = 10 * MINUTE;
  kept.after('none');
  expect(merges()).toBe(0);
  kept.after('some');
  expect(merges()).toBe(1);
  await end(0);
  clock.now = 19 * MINUTE;
  kept.after('some');
  kept.after('none');
  expect(merges()).toBe(1);
  clock.now = 20 * MINUTE;
  kept.after('none');
  expect(merges()).toBe(2);
});

test('one merge is under way at a time; one that fails is tried again when it is due', async () => {
  const { kept, clock, merges, end } = upkeep();
  kept.after('full');
  kept.after('none');
  kept.after('full');
  kept.after('none');
  expect(merges()).toBe(1);
  await end(0, new Error('no memory'));
  kept.after('none');
  expect(merges()).toBe(2);
  await end(1);
  clock.now = 60 * MINUTE;
  kept.after('standby');
  expect(merges()).toBe(2);
});
