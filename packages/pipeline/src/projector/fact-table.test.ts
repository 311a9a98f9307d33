import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FactKey, FactTable } from './fact-table.ts';

const word = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const key: fc.Arbitrary<FactKey> = fc.tuple(word, word, word, word);

describe('numbers by 128 bits', () => {
  test('what was set last is what stands, whatever shares its slot, and after it grew', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.integer()), { maxLength: 200 }), (told) => {
        const table = new FactTable();
        for (let n = 0; n < 2_000; n += 1) table.set([n, 0, 7, 0x7fff_fff0], n);
        for (const [each, value] of told) table.set(each, value);
        const meant = new Map(told.map(([each, value]) => [each.join(), value]));
        for (const [each] of told) expect(table.get(each)).toBe(meant.get(each.join()));
        for (let n = 0; n < 2_000; n += 1) {
          const known = meant.get([n, 0, 7, 0x7fff_fff0].join()) ?? n;
          expect(table.get([n, 0, 7, 0x7fff_fff0])).toBe(known);
        }
        expect(table.get([2_000, 0, 7, 0x7fff_fff0])).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test('the eldest give way, and of the latest as many are known as were said to be', () => {
    const table = new FactTable(10);
    for (let n = 0; n < 35; n += 1) table.set([n, 0, 0, 0], n);
    const known = Array.from({ length: 35 }, (_, n) => n).filter((n) => table.get([n, 0, 0, 0]) !== undefined);
    expect(known).toEqual(Array.from({ length: 15 }, (_, n) => 20 + n));
    table.clear();
    expect(table.get([34, 0, 0, 0])).toBeUndefined();
  });
});
