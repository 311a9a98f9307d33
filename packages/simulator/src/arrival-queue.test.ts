import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArrivalQueue } from './arrival-queue.ts';

test('what arrives comes out by time, and in the order of entry where times are equal', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(20), (times, cut) => {
      const queue = new ArrivalQueue<{ readonly at: number; readonly name: number }>();
      const items = times.map((at, name) => ({ at, name }));
      for (const item of items) queue.push(item);
      const sorted = [...items].sort((a, b) => a.at - b.at);
      expect([...queue.takeUntil(cut)]).toEqual(sorted.filter((item) => item.at < cut));
      expect(queue.nextAt).toBe(sorted.find((item) => item.at >= cut)?.at);
      expect([...queue.takeUntil(Number.POSITIVE_INFINITY)]).toEqual(sorted.filter((item) => item.at >= cut));
    }),
  );
});
