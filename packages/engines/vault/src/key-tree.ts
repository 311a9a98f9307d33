import sodium from 'sodium-native';
import { KEY_BYTES, secretBytes, wipe } from './secret-bytes.ts';

/** Levels below the root: a bucket has 2^16 keys. */
const DEPTH = 16;
export const KEYS_PER_BUCKET: number = 2 ** DEPTH;

/**
 * The key-encryption key of a bucket, as a tree after Goldreich, Goldwasser and Micali ("How to construct random
 * functions", 1986): a node's seed gives the seeds of its two children through a one-way function, and the leaves are
 * the data keys. Whoever holds some nodes can derive the leaves below them and no others. A whole bucket is its root;
 * destroying a key replaces what is held by the siblings along its path, from which that leaf cannot be computed, and
 * every other leaf can (a puncturable function: Boneh and Waters 2013; Green and Miers 2015).
 *
 * Sorted by `start`, the first leaf below the node; the ranges do not overlap. `seeds` holds 32 bytes per node.
 */
export type KeyTree = {
  readonly starts: readonly number[];
  readonly depths: readonly number[];
  readonly seeds: Buffer;
};

const CHILDREN = Buffer.from('filrouge/vault/key-tree/1');
/** Room for two pairs of children, used in turn, so that a hash never writes over the key it reads. */
const even = childPair();
const odd = childPair();

function childPair(): { readonly both: Buffer; readonly left: Buffer; readonly right: Buffer } {
  const both = secretBytes(2 * KEY_BYTES);
  return { both, left: both.subarray(0, KEY_BYTES), right: both.subarray(KEY_BYTES) };
}

/** The tree from whose root every leaf can be derived. Takes a copy of the seed. */
export function wholeTree(root: Uint8Array): KeyTree {
  const seeds = secretBytes(KEY_BYTES);
  seeds.set(root);
  return { starts: [0], depths: [0], seeds };
}

/** Whether the leaf can still be derived. */
export function holdsLeaf(tree: KeyTree, leaf: number): boolean {
  return nodeOver(tree, leaf) >= 0;
}

/** Writes the data key of a leaf into 32 bytes; false, and nothing written, when it was destroyed. */
export function deriveLeaf(tree: KeyTree, leaf: number, into: Uint8Array): boolean {
  const node = nodeOver(tree, leaf);
  if (node < 0) return false;
  let seed: Uint8Array = seedOf(tree, node);
  for (let depth = tree.depths[node] ?? 0; depth < DEPTH; depth += 1) {
    const pair = (depth & 1) === 0 ? even : odd;
    sodium.crypto_generichash(pair.both, CHILDREN, seed);
    seed = ((leaf >> (DEPTH - 1 - depth)) & 1) === 0 ? pair.left : pair.right;
  }
  into.set(seed);
  return true;
}

/** The tree without these leaves (others than them stay), or undefined when none of them was left in it. */
export function punctureTree(tree: KeyTree, leaves: Iterable<number>): KeyTree | undefined {
  const gone = [...new Set(leaves)].filter((leaf) => holdsLeaf(tree, leaf)).sort((a, b) => a - b);
  if (gone.length === 0) return undefined;
  const kept: Kept = { starts: [], depths: [], seeds: [] };
  for (let node = 0, next = 0; node < tree.starts.length; node += 1) {
    const start = tree.starts[node] ?? 0;
    const depth = tree.depths[node] ?? 0;
    const from = next;
    while (next < gone.length && (gone[next] ?? 0) < start + 2 ** (DEPTH - depth)) next += 1;
    keepAround(seedOf(tree, node), start, depth, gone.slice(from, next), kept);
  }
  const seeds = secretBytes(Math.max(1, kept.seeds.length) * KEY_BYTES);
  kept.seeds.forEach((seed, index) => {
    seeds.set(seed, index * KEY_BYTES);
    wipe(seed);
  });
  return { starts: kept.starts, depths: kept.depths, seeds };
}

type Kept = { readonly starts: number[]; readonly depths: number[]; readonly seeds: Uint8Array[] };

/** Collects, left to right, the highest nodes below this one that have none of the leaves `gone` under them. */
function keepAround(seed: Uint8Array, start: number, depth: number, gone: readonly number[], kept: Kept): void {
  const width = 2 ** (DEPTH - depth);
  if (gone.length === width) return;
  if (gone.length === 0) {
    kept.starts.push(start);
    kept.depths.push(depth);
    kept.seeds.push(Uint8Array.from(seed));
    return;
  }
  const children = new Uint8Array(2 * KEY_BYTES);
  sodium.crypto_generichash(children, CHILDREN, seed);
  const middle = start + width / 2;
  const left = gone.filter((leaf) => leaf < middle);
  keepAround(children.subarray(0, KEY_BYTES), start, depth + 1, left, kept);
  keepAround(children.subarray(KEY_BYTES), middle, depth + 1, gone.slice(left.length), kept);
  wipe(children);
}

function seedOf(tree: KeyTree, node: number): Buffer {
  return tree.seeds.subarray(node * KEY_BYTES, (node + 1) * KEY_BYTES);
}

/** Index of the node over a leaf, or -1: binary search for the last node that starts at or before it. */
function nodeOver(tree: KeyTree, leaf: number): number {
  let low = 0;
  let high = tree.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tree.starts[middle] ?? 0) <= leaf) low = middle;
    else high = middle - 1;
  }
  const start = tree.starts[low];
  if (start === undefined || leaf < start) return -1;
  return leaf < start + 2 ** (DEPTH - (tree.depths[low] ?? 0)) ? low : -1;
}

/** Bytes of a tree for its file: per node start (u16), depth (u8), seed. */
const NODE_BYTES = 3 + KEY_BYTES;

export function encodeTree(tree: KeyTree): Buffer {
  const bytes = Buffer.alloc(tree.starts.length * NODE_BYTES);
  tree.starts.forEach((start, node) => {
    const at = node * NODE_BYTES;
    bytes.writeUInt16LE(start, at);
    bytes.writeUInt8(tree.depths[node] ?? 0, at + 2);
    bytes.set(seedOf(tree, node), at + 3);
  });
  return bytes;
}

/** The tree that `encodeTree` wrote, or undefined when these bytes are no tree. */
export function decodeTree(bytes: Buffer): KeyTree | undefined {
  if (bytes.length % NODE_BYTES !== 0) return undefined;
  const nodes = bytes.length / NODE_BYTES;
  const tree = {
    starts: [] as number[],
    depths: [] as number[],
    seeds: secretBytes(Math.max(1, nodes) * KEY_BYTES),
  };
  let free = 0;
  for (let node = 0; node < nodes; node += 1) {
    const at = node * NODE_BYTES;
    const start = bytes.readUInt16LE(at);
    const depth = bytes.readUInt8(at + 2);
    const width = 2 ** (DEPTH - depth);
    if (depth > DEPTH || start < free || start % width !== 0) return undefined;
    free = start + width;
    tree.starts.push(start);
    tree.depths.push(depth);
    tree.seeds.set(bytes.subarray(at + 3, at + NODE_BYTES), node * KEY_BYTES);
  }
  return tree;
}
