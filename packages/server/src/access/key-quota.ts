import type { Instant } from '@filrouge/domain/base';
import type { SourceKey } from './source-keys.ts';

/** A key may spend this many seconds of its quota at once. */
const BURST_SECONDS = 10;

type Bucket = { tokens: number; at: Instant };

/** Buckets kept before those that have filled up again are forgotten: API tokens come and go with every signing-in. */
const BUCKETS_MAX = 10_000;

/** One token bucket for each key: the flood of one never touches the others, of its own source neither (G18). */
export class KeyQuota {
  readonly #buckets = new Map<string, Bucket>();

  /** How many keys a bucket is kept for. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes `items` from the key's bucket, which its source sizes; otherwise the whole seconds to wait until they fit. */
  take(
    { id, source }: SourceKey,
    items: number,
    now: Instant,
  ): { readonly ok: true } | { readonly ok: false; readonly waitSeconds: number } {
    const { quotaPerSecond } = source;
    const capacity = quotaPerSecond * BURST_SECONDS;
    const bucket = this.#buckets.get(id) ?? { tokens: capacity, at: now };
    const elapsed = Math.max(0, now - bucket.at) / 1_000;
    const tokens = Math.min(capacity, bucket.tokens + elapsed * quotaPerSecond);
    // A batch larger than the bucket passes when the bucket is full: its debt is paid by those after it.
    const ok = tokens >= Math.min(items, capacity);
    if (this.#buckets.size >= BUCKETS_MAX) this.#forgetIdle(now);
    this.#buckets.set(id, { tokens: ok ? tokens - items : tokens, at: now });
    if (ok) return { ok: true };
    return { ok: false, waitSeconds: Math.max(1, Math.ceil((Math.min(items, capacity) - tokens) / quotaPerSecond)) };
  }

  /** A bucket that nobody took from for as long as it takes to fill is as good as none. */
  #forgetIdle(now: Instant): void {
    for (const [id, { tokens, at }] of this.#buckets) {
      if (tokens >= 0 && now - at >= BURST_SECONDS * 1_000) this.#buckets.delete(id);
    }
  }
}
