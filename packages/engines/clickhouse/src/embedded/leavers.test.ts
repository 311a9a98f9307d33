import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLeavers } from './leavers.ts';

/** An engine that knows a statement only from its second `kill` on, and fails the first one. */
function lateEngine(ended: (mark: string) => void): (marks: readonly string[]) => Promise<void> {
  const asked = new Map<string, number>();
  let calls = 0;
  return async (marks) => {
    calls += 1;
    if (calls === 1) throw new Error('busy');
    for (const mark of marks) {
      const times = (asked.get(mark) ?? 0) + 1;
      asked.set(mark, times);
      if (times === 2) ended(mark);
    }
  };
}

test('a statement that begins after its client left is stopped all the same', async () => {
  const over: string[] = [];
  const leavers = createLeavers(
    lateEngine((mark) => {
      over.push(mark);
      leavers.ended(mark);
    }),
  );
  leavers.left('a');
  leavers.left('b');
  await expect.poll(() => over.toSorted()).toEqual(['a', 'b']);
  leavers.left('c');
  await expect.poll(() => over.includes('c')).toBe(true);
});

test('once every statement has ended the engine is left in peace', async () => {
  let calls = 0;
  const leavers = createLeavers(async () => {
    calls += 1;
  });
  leavers.left('a');
  await expect.poll(() => calls).toBeGreaterThan(1);
  leavers.ended('a');
  await sleep(150);
  const before = calls;
  await sleep(300);
  expect(calls).toBe(before);
});
