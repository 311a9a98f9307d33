import { ANY_VENDOR, type ConsentFact } from './consent-fact.ts';
import type { PurposeId } from './purpose.ts';

/**
 * The facts that decide on a purpose for a vendor: those about that vendor and those about all vendors. What was said
 * of one vendor says nothing about all of them.
 */
export function factsAbout(
  facts: readonly ConsentFact[],
  purpose: PurposeId,
  vendor: string = ANY_VENDOR,
): readonly ConsentFact[] {
  return facts.filter((fact) => fact.purpose === purpose && (fact.vendor === vendor || fact.vendor === ANY_VENDOR));
}
