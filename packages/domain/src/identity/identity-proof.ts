import type { Proof } from './evidence-of.ts';
import type { Identifier } from './identifier.ts';

/** What proves whom an item or a decision speaks of (S11), and which of its identifiers: no others. */
export type IdentityProof = { readonly by: Proof['by']; readonly covers: readonly Identifier[] };

/**
 * The part of `claimed` that an item names: a proof of somebody else proves nothing about it, so it is undefined then.
 */
export function proofOf(
  by: IdentityProof['by'],
  claimed: readonly Identifier[],
  named: readonly Identifier[],
): IdentityProof | undefined {
  const covers = named.filter((identifier) => claimed.some((claim) => isSameIdentifier(claim, identifier)));
  return covers.length === 0 ? undefined : { by, covers };
}

/** Whether a proof covers this identifier. */
export function isCovered(proof: IdentityProof | undefined, identifier: Identifier): boolean {
  return proof?.covers.some((covered) => isSameIdentifier(covered, identifier)) === true;
}

function isSameIdentifier(a: Identifier, b: Identifier): boolean {
  return a.namespace === b.namespace && a.value === b.value;
}
