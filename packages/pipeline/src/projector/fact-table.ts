/** 128 bits that name what a fact is about, as four 32-bit integers. */
export type FactKey = readonly [number, number, number, number];

/** Facts of a generation; two are held, so that between this many and twice as many are known. Fills 2^17 slots. */
const GENERATION_MAX = 98_304;
const SLOTS_AT_FIRST = 16;
/** Slots that are taken at most, as a share. */
const FULL = 0.75;
/** Words and the number of one fact stand in 24 bytes; an object under a text takes some 300. */
const WORDS = 4;

/**
 * A number for each of the facts met last, by their key, outside the heap. The eldest half gives way as a whole, so that
 * none has to be taken out alone.
 */
export class FactTable {
  readonly #generationMax: number;
  /** Made when there is something to put there: most tables of a short life stay empty. */
  #young: Generation | undefined;
  #old: Generation | undefined;

  constructor(generationMax: number = GENERATION_MAX) {
    this.#generationMax = generationMax;
  }

  get(key: FactKey): number | undefined {
    return this.#young?.get(key) ?? this.#old?.get(key);
  }

  set(key: FactKey, value: number): void {
    this.#young ??= new Generation();
    this.#young.set(key, value);
    if (this.#young.size < this.#generationMax) return;
    this.#old = this.#young;
    this.#young = undefined;
  }

  clear(): void {
    this.#young = undefined;
    this.#old = undefined;
  }
}

/** Open addressing: a free slot is one without a number. Nothing is ever taken out. */
class Generation {
  size = 0;
  #slots = SLOTS_AT_FIRST;
  #words = new Int32Array(SLOTS_AT_FIRST * WORDS);
  #values = new Float64Array(SLOTS_AT_FIRST).fill(Number.NaN);

  get(key: FactKey): number | undefined {
    const value = this.#values[this.#slotOf(key)] as number;
    return Number.isNaN(value) ? undefined : value;
  }

  set(key: FactKey, value: number): void {
    if (this.size >= this.#slots * FULL) this.#grow();
    const slot = this.#slotOf(key);
    if (Number.isNaN(this.#values[slot])) this.size += 1;
    this.#words.set(key, slot * WORDS);
    this.#values[slot] = value;
  }

  /** Where the key stands, or the free slot where it would. */
  #slotOf([a, b, c, d]: FactKey): number {
    const words = this.#words;
    const last = this.#slots - 1;
    for (let slot = (a ^ b ^ c ^ d) & last; ; slot = (slot + 1) & last) {
      if (Number.isNaN(this.#values[slot])) return slot;
      const at = slot * WORDS;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return slot;
    }
  }

  #grow(): void {
    const [words, values] = [this.#words, this.#values];
    this.#slots *= 2;
    this.#words = new Int32Array(this.#slots * WORDS);
    this.#values = new Float64Array(this.#slots).fill(Number.NaN);
    for (const [slot, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      const key = words.subarray(slot * WORDS, (slot + 1) * WORDS);
      const to = this.#slotOf(key as unknown as FactKey);
      this.#words.set(key, to * WORDS);
      this.#values[to] = value;
    }
  }
}
