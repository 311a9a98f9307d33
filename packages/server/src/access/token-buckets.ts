import type { Instant } from '@filrouge/domain/base';

/** How a bucket fills, and what it holds. */
export type BucketSize = { readonly perSecond: number; readonly capacity: number };

export type QuotaTaken = { readonly ok: true } | { readonly ok: false; readonly waitSeconds: number };

/** `isDry`: something was refused by it, and it holds less than one second brings. */
type Bucket = { tokens: number; at: Instant; size: BucketSize; isBusy: boolean; isDry: boolean };

/**
 * Token buckets by name. A hand goes round them, a few steps a call, so that no call pays for all: one that is full again
 * is as good as none and is forgotten, and beyond `bucketsMax` one that nobody asked for since the hand was there last.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #bucketsMax: number;
  /** Goes on where it was: a map that is begun anew each time skips all that was taken out of it before. */
  #hand = this.#buckets.entries();

  constructor(bucketsMax: number) {
    this.#bucketsMax = bucketsMax;
  }

  /** How many buckets are held. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes `items` from each of these, or from none of them: then the whole seconds until they fit into all. */
  take(names: readonly string[], items: number, size: BucketSize, now: Instant): QuotaTaken {
    // A batch larger than the bucket passes when the bucket is full: its debt is paid by those after it.
    const needed = Math.min(items, size.capacity);
    const buckets = names.map((name) => this.#bucketOf(name, size, now));
    const least = leastOf(buckets, size);
    const ok = least >= needed;
    for (const bucket of buckets) {
      if (ok) bucket.tokens -= items;
      else bucket.isDry = bucket.tokens < aSecondOf(size);
    }
    this.#forget(names.length + 1, now);
    return ok ? { ok } : refusal(needed - least, size);
  }

  /**
   * Whether anything may be let through, and takes nothing. Where something was refused nothing is, until what one second
   * brings is there again: a bucket that is never empty for longer than an instant would let everything be read.
   */
  look(names: readonly string[], size: BucketSize, now: Instant): QuotaTaken {
    const buckets = names.map((name) => this.#bucketOf(name, size, now));
    const needed = buckets.some(({ isDry }) => isDry) ? aSecondOf(size) : 1;
    const least = leastOf(buckets, size);
    this.#forget(names.length + 1, now);
    return least >= needed ? { ok: true } : refusal(needed - least, size);
  }

  #bucketOf(name: string, size: BucketSize, now: Instant): Bucket {
    const known = this.#buckets.get(name);
    if (known === undefined) {
      const bucket = { tokens: size.capacity, at: now, size, isBusy: false, isDry: false };
      this.#buckets.set(name, bucket);
      return bucket;
    }
    known.tokens = filled(known, size, now);
    known.at = now;
    known.size = size;
    known.isBusy = true;
    known.isDry &&= known.tokens < aSecondOf(size);
    return known;
  }

  /** Looks at more of them than one call may have added, and at as many as it takes to be within the limit. */
  #forget(looks: number, now: Instant): void {
    for (let looked = 0; looked < looks || this.#buckets.size > this.#bucketsMax; looked += 1) {
      const { value, done } = this.#hand.next();
      if (done === true) {
        this.#hand = this.#buckets.entries();
        continue;
      }
      const [name, bucket] = value;
      const isFull = filled(bucket, bucket.size, now) >= bucket.size.capacity;
      if (isFull || (this.#buckets.size > this.#bucketsMax && !bucket.isBusy)) this.#buckets.delete(name);
      bucket.isBusy = false;
    }
  }
}

function leastOf(buckets: readonly Bucket[], { capacity }: BucketSize): number {
  return buckets.reduce((fewest, { tokens }) => Math.min(fewest, tokens), capacity);
}

function aSecondOf({ perSecond, capacity }: BucketSize): number {
  return Math.min(capacity, Math.max(1, perSecond));
}

function refusal(missing: number, { perSecond }: BucketSize): QuotaTaken {
  return { ok: false, waitSeconds: Math.max(1, Math.ceil(missing / perSecond)) };
}

function filled({ tokens, at }: Bucket, { perSecond, capacity }: BucketSize, now: Instant): number {
  return Math.min(capacity, tokens + (Math.max(0, now - at) / 1_000) * perSecond);
}
