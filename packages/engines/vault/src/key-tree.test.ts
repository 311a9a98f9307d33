import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeTree,
  deriveLeaf,
  encodeTree,
  holdsLeaf,
  KEYS_PER_BUCKET,
  type KeyTree,
  punctureTree,
  wholeTree,
} from './key-tree.ts';

const seed = Buffer.alloc(32, 7);
const anyLeaf = fc.nat(KEYS_PER_BUCKET - 1);
/** Leaves near each other, so that siblings and whole subtrees go too. */
const anyLeaves = fc.oneof(
  fc.array(anyLeaf, { minLength: 1, maxLength: 20 }),
  fc.tuple(anyLeaf, fc.integer({ min: 1, max: 300 })).map(([from, count]) => range(from, count)),
);

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (from + index) % KEYS_PER_BUCKET);
}

function leafOf(tree: KeyTree, leaf: number): string | undefined {
  const key = Buffer.alloc(32);
  return deriveLeaf(tree, leaf, key) ? key.toString('hex') : undefined;
}

describe('the key tree of a bucket', () => {
  test('S14: whatever is destroyed, in whatever steps, the other keys stay what they were and it is gone', () => {
    const whole = wholeTree(seed);
    fc.assert(
      fc.property(fc.array(anyLeaves, { maxLength: 4 }), fc.array(anyLeaf, { maxLength: 30 }), (steps, others) => {
        const gone = new Set(steps.flat());
        const tree = steps.reduce<KeyTree>((before, leaves) => punctureTree(before, leaves) ?? before, whole);
        const near = [...gone].slice(0, 20).flatMap((leaf) => [leaf, (leaf + 1) % KEYS_PER_BUCKET, leaf ^ 1]);
        for (const leaf of [...near, ...others]) {
          expect(holdsLeaf(tree, leaf)).toBe(!gone.has(leaf));
          expect(leafOf(tree, leaf)).toBe(gone.has(leaf) ? undefined : leafOf(whole, leaf));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('S14: no seed that is kept lies above a destroyed key', () => {
    fc.assert(
      fc.property(anyLeaves, (leaves) => {
        const tree = punctureTree(wholeTree(seed), leaves);
        if (tree === undefined) throw new Error('a whole tree holds every leaf');
        const covered = new Set(leaves);
        tree.starts.forEach((start, node) => {
          const end = start + 2 ** (16 - (tree.depths[node] ?? 0));
          expect([...covered].filter((leaf) => start <= leaf && leaf < end)).toEqual([]);
        });
        const kept = tree.depths.reduce((sum, depth) => sum + 2 ** (16 - depth), 0);
        expect(kept).toBe(KEYS_PER_BUCKET - covered.size);
        expect(tree.seeds.includes(seed)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test('all keys of a bucket differ', () => {
    const tree = wholeTree(seed);
    expect(new Set(range(0, 4_096).map((leaf) => leafOf(tree, leaf * 16))).size).toBe(4_096);
  });

  test('destroying what is gone changes nothing, and destroying all leaves an empty tree', () => {
    const punctured = punctureTree(wholeTree(seed), [1, 2, 3]);
    expect(punctured && punctureTree(punctured, [3, 2])).toBeUndefined();
    const empty = punctureTree(wholeTree(seed), range(0, KEYS_PER_BUCKET));
    expect(empty && encodeTree(empty)).toHaveLength(0);
    expect(empty && [0, 1, 40_000, 65_535].map((leaf) => holdsLeaf(empty, leaf))).toEqual([false, false, false, false]);
  });

  test('a tree comes back from its file, and bytes that are no tree are refused', () => {
    const tree = punctureTree(wholeTree(seed), [0, 77, 65_535]) ?? wholeTree(seed);
    const bytes = encodeTree(tree);
    expect(decodeTree(bytes)).toEqual(tree);
    expect(decodeTree(bytes.subarray(1))).toBeUndefined();
    expect(decodeTree(Buffer.concat([bytes, bytes]))).toBeUndefined();
  });
});
