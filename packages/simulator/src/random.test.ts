import { describe, expect, test } from 'vitest';
import { Random, streamOf } from './random.ts';

describe('the generator', () => {
  test('gives the same numbers for the same key, today and next year', () => {
    const random = new Random(7, streamOf('test'), 3, 2);
    expect([random.uint32(), random.uint32(), random.uint32()]).toEqual([1774532096, 641512301, 2233179471]);
  });

  test('keys that differ in one part give unrelated streams', () => {
    const keys: readonly (readonly [number, number, number, number])[] = [
      [1, 1, 1, 1],
      [2, 1, 1, 1],
      [1 + 2 ** 32, 1, 1, 1],
      [1, 2, 1, 1],
      [1, 1, 2, 1],
      [1, 1, 1, 2],
    ];
    expect(new Set(keys.map((key) => new Random(...key).uuid())).size).toBe(keys.length);
  });

  test('the first draws of neighbouring keys are uniform: chi-square of 64 bins over 64,000 keys', () => {
    const bins = Array.from({ length: 64 }, () => 0);
    for (let index = 0; index < 64_000; index++) {
      const bin = Math.floor(new Random(1, 5, index).next() * 64);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const chi = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 63 degrees of freedom: 99.9 % lie below 104.
    expect(chi).toBeLessThan(104);
    expect(chi).toBeGreaterThan(30);
  });

  test('Poisson has its mean, and weights their shares', () => {
    const random = new Random(1, 1);
    let sum = 0;
    let heads = 0;
    for (let i = 0; i < 20_000; i++) {
      sum += random.poisson(3.5);
      heads += random.weighted({ heads: 3, tails: 1 }) === 'heads' ? 1 : 0;
    }
    expect(sum / 20_000).toBeCloseTo(3.5, 1);
    expect(heads / 20_000).toBeCloseTo(0.75, 1);
  });

  test('a UUID is a version 4 UUID in form', () => {
    expect(new Random(1, 1).uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
