/**
 * The only source of chance in the simulator: sfc32 (Chris Doty-Humphrey's "small fast counting" generator, 128 bits of
 * state, passes PractRand) started from splitmix-style hashes of its key. A key such as (seed, stream, shopper, episode)
 * addresses a stream directly, so that shopper k is the same whoever else exists and in whatever order they are drawn.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: number, stream: number, index = 0, sub = 0) {
    let h = mix(seed | 0, Math.floor(seed / 4294967296) | 0);
    h = mix(h, stream);
    h = mix(h, index | 0);
    this.#a = mix(h, sub | 0);
    this.#b = mix(this.#a, 0x9e3779b9 ^ index);
    this.#c = mix(this.#b, 0x85ebca6b ^ sub);
    this.#counter = 1;
    for (let i = 0; i < 8; i++) this.uint32();
  }

  /** A generator of its own: two draws here, whatever is drawn there. */
  fork(): Random {
    return new Random(this.uint32(), FORK_STREAM, this.uint32());
  }

  /** A generator for a handful of draws, at the price of one here. */
  light(): LightRandom {
    return new LightRandom(this.uint32());
  }

  /** Uniform in 0..2^32-1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** Uniform in [0, 1), 32 bits. */
  next(): number {
    return this.uint32() / 4294967296;
  }

  /** A whole number in 0..bound-1. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** A whole number in from..to, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** One of the keys, with odds in proportion to its weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const keys = Object.keys(weights) as K[];
    let left = this.next() * keys.reduce((sum, key) => sum + weights[key], 0);
    for (const key of keys) {
      left -= weights[key];
      if (left < 0) return key;
    }
    return keys[keys.length - 1] as K;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Poisson by Knuth's product; means here stay below 50. */
  poisson(mean: number): number {
    if (mean <= 0) return 0;
    const floor = Math.exp(-mean);
    let product = this.next();
    let count = 0;
    while (product > floor) {
      count++;
      product *= this.next();
    }
    return count;
  }

  /** A random UUID (version 4 in form). */
  uuid(): string {
    const a = hex8(this.uint32());
    const b = hex8(this.uint32());
    const c = hex8(this.uint32());
    const d = hex8(this.uint32());
    return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
  }
}

/** Mulberry32 (Tommy Ettinger): 32 bits of state and no start-up, for trying a few times. */
class LightRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Uniform in [0, 1), 32 bits. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number in 0..bound-1. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }
}

/** A number for the name of a stream, computed once where the module loads. */
export function streamOf(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h | 0;
}

const FORK_STREAM = streamOf('fork');

function mix(h: number, part: number): number {
  let x = (h + 0x9e3779b9 + Math.imul(part, 0x85ebca6b)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

const HEX_BYTE: readonly string[] = Array.from({ length: 65536 }, (_, n) => n.toString(16).padStart(4, '0'));

function hex8(n: number): string {
  return (HEX_BYTE[n >>> 16] as string) + (HEX_BYTE[n & 0xffff] as string);
}
