import { earlier, type Instant, later } from '../base/instant.ts';
import type { SourceKind } from '../deployment/source.ts';
import type { ItemKind } from '../event/item-kind.ts';
import type { ConsentFact } from './consent-fact.ts';

/** What remains of an erased identifier (S14). `liftedAt`: from when on it is somebody's again. */
export type Tombstone = { readonly erasedAt: Instant; readonly liftedAt?: Instant };

/** Whether an identifier with this tombstone is to be taken out of an item of time t. */
export function isErasedAt(tombstone: Tombstone | undefined, t: Instant): boolean {
  return tombstone !== undefined && (tombstone.liftedAt === undefined || t < tombstone.liftedAt);
}

export type ErasureOutcome<N> =
  /** No identifier of the item is erased. */
  | { readonly kind: 'untouched'; readonly left: readonly N[] }
  /** Goes on with the identifiers left, none where a ticket or order stays as a sale of nobody; mark `erased`. */
  | { readonly kind: 'stripped'; readonly left: readonly N[] }
  /** Nothing is left to tie it to: withheld, reason `erased`. */
  | { readonly kind: 'withheld'; readonly left: readonly [] };

/**
 * What is left of an item's identifiers under the tombstones of its brand (S14, example 14). An item loses its erased
 * identifiers whatever its time, until a registration lifts the tombstone; one from before the lift loses them also
 * afterwards, so that nothing earlier comes back.
 */
export function withoutErased<N>(
  identifiers: readonly N[],
  tombstoneOf: (identifier: N) => Tombstone | undefined,
  item: { readonly kind: ItemKind; readonly t: Instant },
): ErasureOutcome<N> {
  const left = identifiers.filter((identifier) => !isErasedAt(tombstoneOf(identifier), item.t));
  if (left.length === identifiers.length) return { kind: 'untouched', left };
  if (left.length > 0 || item.kind === 'ticket' || item.kind === 'order') return { kind: 'stripped', left };
  return { kind: 'withheld', left: [] };
}

/** Names of the events by which a person registers anew. Source: Segment's B2B and e-commerce specifications. */
export const REGISTRATION_EVENTS: readonly string[] = ['Account Created', 'Signed Up', 'User Signed Up'];

/** An item as far as it may be a registration. */
export type RegisteringItem = {
  readonly kind: ItemKind;
  readonly name: string;
  readonly t: Instant;
  readonly imported: boolean;
  readonly sourceKind: SourceKind;
  /** Whether a proof covers the identifier in question (S11). */
  readonly proven?: boolean;
};

/**
 * Whether an item is a new registration through a verified channel, which lifts the tombstone of its identifiers: live,
 * tracked with a server key or with a proof of the identifier, after the erasure. A row of a file and a customer row never are: they are what the
 * retailer's other systems still remember.
 */
export function isRegistration(item: RegisteringItem, tombstone: Tombstone): boolean {
  return (
    item.kind === 'track' &&
    REGISTRATION_EVENTS.includes(item.name) &&
    (item.sourceKind === 'server' || item.proven === true) &&
    !item.imported &&
    item.t > tombstone.erasedAt
  );
}

/**
 * Whether a consent fact lifts the tombstone of its identifier: a given through a verified channel, decided after the
 * erasure. One that was keyed in or imported late was decided before.
 */
export function isRegisteringConsent(
  fact: Pick<ConsentFact, 'status' | 'verified' | 'standing' | 'indicatedAt' | 'receivedAt'>,
  tombstone: Tombstone,
): boolean {
  return (
    fact.status === 'given' &&
    fact.verified &&
    fact.standing === 'own' &&
    earlier(fact.indicatedAt, fact.receivedAt) > tombstone.erasedAt
  );
}

/**
 * Whether a fact of an identifier went with an erasure: whatever had been received by then but an objection, which
 * outlives it (S7, R31). Who registers anew stands on what comes after, though the identifier is the same.
 */
export function isForgotten(
  fact: Pick<ConsentFact, 'status' | 'receivedAt'>,
  tombstone: Pick<Tombstone, 'erasedAt'> | undefined,
): boolean {
  return tombstone !== undefined && fact.status !== 'objected' && fact.receivedAt <= tombstone.erasedAt;
}

/** The tombstone after an erasure: a later one closes again what a registration had opened. */
export function erased(before: Tombstone | undefined, erasedAt: Instant): Tombstone {
  if (before === undefined) return { erasedAt };
  const at = later(before.erasedAt, erasedAt);
  return before.liftedAt !== undefined && before.liftedAt > at ? { ...before, erasedAt: at } : { erasedAt: at };
}

/** The tombstone after a registration at `registeredAt`; the first one after the erasure counts. */
export function lifted(before: Tombstone, registeredAt: Instant): Tombstone {
  if (registeredAt <= before.erasedAt) return before;
  const liftedAt = before.liftedAt === undefined ? registeredAt : earlier(before.liftedAt, registeredAt);
  return { erasedAt: before.erasedAt, liftedAt };
}
