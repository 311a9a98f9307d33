import type { KeyId } from '@filrouge/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OpenKeys } from './open-keys.ts';
import { RecentMap } from './recent-map.ts';

describe('the keys held open', () => {
  test('are the right ones in any order of use, however small the room', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.integer({ min: 1, max: 20 })), (capacity, uses) => {
        const keys = new OpenKeys(capacity, (id, into) => {
          into.fill(id);
          return id !== 13;
        });
        for (const id of uses) {
          const expected = id === 13 ? undefined : Buffer.alloc(32, id).toString('hex');
          expect(keys.get(id as KeyId)?.toString('hex')).toBe(expected);
          if (id % 5 === 0) keys.forget([id as KeyId, (id + 1) as KeyId]);
        }
      }),
    );
  });

  test('are derived once while they are in use, and again after they were forgotten', () => {
    const derived: number[] = [];
    const keys = new OpenKeys(8, (id, into) => {
      derived.push(id);
      into.fill(id);
      return true;
    });
    for (let round = 0; round < 10; round += 1) for (const id of [1, 2, 3]) keys.get(id as KeyId);
    expect(derived).toEqual([1, 2, 3]);
    keys.forget([2 as KeyId]);
    keys.get(2 as KeyId);
    keys.close();
    keys.get(1 as KeyId);
    expect(derived).toEqual([1, 2, 3, 2, 1]);
  });
});

describe('the recent map', () => {
  test('keeps the half used last and never more than its capacity', () => {
    const map = new RecentMap<number, number>(10);
    for (let key = 0; key < 100; key += 1) {
      map.set(key, -key);
      expect(map.get(0)).toBe(-0); // used every time
    }
    const kept = Array.from({ length: 100 }, (_, age) => 99 - age).filter((key) => map.get(key) !== undefined);
    expect(kept.length).toBeLessThanOrEqual(10);
    expect(kept).toEqual(expect.arrayContaining([0, 96, 97, 98, 99]));
  });

  test('forgets by value in both halves', () => {
    const map = new RecentMap<string, number>(4);
    for (const [key, value] of Object.entries({ a: 1, b: 2, c: 3, d: 1 })) map.set(key, value);
    map.deleteValues(new Set([1, 2]));
    expect(['a', 'b', 'c', 'd'].map((key) => map.get(key))).toEqual([undefined, undefined, 3, undefined]);
  });
});
