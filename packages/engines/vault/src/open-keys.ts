import type { KeyId } from '@filrouge/ports';
import { KEY_BYTES, secretBytes, wipe } from './secret-bytes.ts';

const KEY_WORDS = KEY_BYTES / 4;

/** Half of the cache: keys side by side in one piece of secret memory, and where each of them lies. */
type Slab = { readonly slots: Map<KeyId, number>; readonly bytes: Buffer; readonly words: Uint32Array; used: number };

/**
 * The data keys in use, so that one is derived once and not for each item: 32 bytes each in two slabs, the older of
 * which is wiped when the younger is full. A key found in the old slab is copied to the young one.
 */
export class OpenKeys {
  readonly #half: number;
  readonly #derive: (id: KeyId, into: Uint8Array) => boolean;
  readonly #key = secretBytes(KEY_BYTES);
  readonly #keyWords = wordsOf(this.#key);
  #young: Slab;
  #old: Slab;

  /** `derive` writes the key and says whether it still exists. */
  constructor(capacity: number, derive: (id: KeyId, into: Uint8Array) => boolean) {
    this.#half = Math.max(1, Math.floor(capacity / 2));
    this.#derive = derive;
    this.#young = newSlab(this.#half);
    this.#old = newSlab(this.#half);
  }

  /** The key, in a buffer that the next call overwrites; undefined when it was destroyed. */
  get(id: KeyId): Buffer | undefined {
    const young = this.#young.slots.get(id);
    if (young !== undefined) {
      copyWords(this.#young.words, young * KEY_WORDS, this.#keyWords, 0);
      return this.#key;
    }
    const old = this.#old.slots.get(id);
    if (old !== undefined) copyWords(this.#old.words, old * KEY_WORDS, this.#keyWords, 0);
    else if (!this.#derive(id, this.#key)) return undefined;
    this.#keep(id);
    return this.#key;
  }

  forget(ids: Iterable<KeyId>): void {
    for (const id of ids) {
      for (const slab of [this.#young, this.#old]) {
        const slot = slab.slots.get(id);
        if (slot === undefined) continue;
        wipe(slab.bytes.subarray(slot * KEY_BYTES, (slot + 1) * KEY_BYTES));
        slab.slots.delete(id);
      }
    }
    wipe(this.#key);
  }

  close(): void {
    for (const slab of [this.#young, this.#old]) clear(slab);
    wipe(this.#key);
  }

  #keep(id: KeyId): void {
    if (this.#young.used === this.#half) {
      clear(this.#old);
      [this.#young, this.#old] = [this.#old, this.#young];
    }
    const slab = this.#young;
    copyWords(this.#keyWords, 0, slab.words, slab.used * KEY_WORDS);
    slab.slots.set(id, slab.used);
    slab.used += 1;
  }
}

function newSlab(capacity: number): Slab {
  const bytes = secretBytes(capacity * KEY_BYTES);
  return { slots: new Map(), bytes, words: wordsOf(bytes), used: 0 };
}

function clear(slab: Slab): void {
  wipe(slab.bytes.subarray(0, slab.used * KEY_BYTES));
  slab.slots.clear();
  slab.used = 0;
}

function wordsOf(bytes: Buffer): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Eight words: a call to `set` or `copy` would cost more than the copying. */
function copyWords(from: Uint32Array, fromWord: number, to: Uint32Array, toWord: number): void {
  for (let word = 0; word < KEY_WORDS; word += 1) to[toWord + word] = from[fromWord + word] ?? 0;
}
