import { hash } from 'node:crypto';
import type { Instant } from '@filrouge/domain/base';
import { type Identifier, type IdentityProof, isCovered } from '@filrouge/domain/identity';
import type { SourceKey } from './source-keys.ts';
import { type BucketSize, type QuotaTaken, TokenBuckets } from './token-buckets.ts';

/**
 * A person may spend this many seconds of its quota at once: what an app kept for days comes in one go, and so do the
 * days of a history that is played.
 */
const BURST_SECONDS = 500;

/** Of decisions a person has this part of it: nobody changes their mind so often, and all that was decided is read again. */
const DECISIONS_SHARE = 1 / 20;
const DECISIONS_PACE = 1 / 1_200;

/** Identifiers a bucket is kept for at once, of those that were named in the last minutes. */
export const PERSONS_MAX = 50_000;

/** Longer names are kept as their hash, so that what is remembered of each has a size. */
const NAME_LENGTH_MAX = 80;

/** Whom something names, and what of that is proven. */
export type Named = { readonly identifiers: readonly Identifier[]; readonly proof?: IdentityProof };

/**
 * One token bucket for each identifier that a key names: whoever has very many events costs no one else their place
 * (G18). The buckets are the key's own, and what is proven has others than what is merely said: a page that floods
 * somebody's user id keeps neither that one's orders out, which another key brings, nor what they do signed in.
 */
export class PersonQuota {
  readonly #buckets = new TokenBuckets(PERSONS_MAX);

  /** How many identifiers a bucket is kept for. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one item from the bucket of each identifier that it names, or from none; it needs one in all of them. */
  takeItem(key: SourceKey, named: Named, now: Instant): QuotaTaken {
    return this.#buckets.take(namesOf(key, 'item', named), 1, sizeOf(key), now);
  }

  /** The same for a decision: events use nothing of it up. */
  takeDecision(key: SourceKey, named: Named, now: Instant): QuotaTaken {
    const { perSecond, capacity } = sizeOf(key);
    const size = { perSecond: perSecond * DECISIONS_PACE, capacity: Math.max(1, capacity * DECISIONS_SHARE) };
    return this.#buckets.take(namesOf(key, 'decision', named), 1, size, now);
  }
}

function sizeOf({ source }: SourceKey): BucketSize {
  const perSecond = source.personQuotaPerSecond;
  return { perSecond, capacity: perSecond * BURST_SECONDS };
}

function namesOf({ id }: SourceKey, what: 'item' | 'decision', { identifiers, proof }: Named): readonly string[] {
  return identifiers.map((identifier) => {
    const standing = isCovered(proof, identifier) ? 'proven' : 'said';
    const name = `${id} ${what} ${standing} ${identifier.namespace} ${identifier.value}`;
    return name.length > NAME_LENGTH_MAX ? hash('sha256', name, 'base64') : name;
  });
}
