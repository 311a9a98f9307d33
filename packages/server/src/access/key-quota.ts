import type { Instant } from '@filrouge/domain/base';
import type { Source, SourceId } from '@filrouge/domain/deployment';

/** A key may spend this many seconds of its quota at once. */
const BURST_SECONDS = 10;

type Bucket = { tokens: number; at: Instant };

/** One token bucket for each source: the flood of one key never touches the others (G18). */
export class KeyQuota {
  readonly #buckets = new Map<SourceId, Bucket>();

  /** Takes `items` from the source's bucket; otherwise the whole seconds to wait until they fit. */
  take(
    source: Source,
    items: number,
    now: Instant,
  ): { readonly ok: true } | { readonly ok: false; readonly waitSeconds: number } {
    const { quotaPerSecond } = source;
    const capacity = quotaPerSecond * BURST_SECONDS;
    const bucket = this.#buckets.get(source.id) ?? { tokens: capacity, at: now };
    const elapsed = Math.max(0, now - bucket.at) / 1_000;
    const tokens = Math.min(capacity, bucket.tokens + elapsed * quotaPerSecond);
    // A batch larger than the bucket passes when the bucket is full: its debt is paid by those after it.
    const ok = tokens >= Math.min(items, capacity);
    this.#buckets.set(source.id, { tokens: ok ? tokens - items : tokens, at: now });
    if (ok) return { ok: true };
    return { ok: false, waitSeconds: Math.max(1, Math.ceil((Math.min(items, capacity) - tokens) / quotaPerSecond)) };
  }
}
