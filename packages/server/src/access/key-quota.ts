import type { Instant } from '@filrouge/domain/base';
import type { SourceKey } from './source-keys.ts';
import { type BucketSize, type QuotaTaken, TokenBuckets } from './token-buckets.ts';

/** A key may spend this many seconds of its quota at once. */
const BURST_SECONDS = 10;

/** Keys a bucket is kept for at once: API tokens come and go with every signing-in. */
export const KEYS_MAX = 10_000;

/** One token bucket for each key: the flood of one never touches the others, of its own source neither (G18). */
export class KeyQuota {
  readonly #buckets = new TokenBuckets(KEYS_MAX);

  /** How many keys a bucket is kept for. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes `items` from the key's bucket, which its source sizes; otherwise the whole seconds to wait until they fit. */
  take(key: SourceKey, items: number, now: Instant): QuotaTaken {
    return this.#buckets.take([key.id], items, sizeOf(key), now);
  }

  /** Whether anything of it is worth reading: see `TokenBuckets.look`. */
  look(key: SourceKey, now: Instant): QuotaTaken {
    return this.#buckets.look([key.id], sizeOf(key), now);
  }
}

function sizeOf({ source: { quotaPerSecond } }: SourceKey): BucketSize {
  return { perSecond: quotaPerSecond, capacity: quotaPerSecond * BURST_SECONDS };
}
