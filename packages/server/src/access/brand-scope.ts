import type { BrandId, Deployment } from '@filrouge/domain/deployment';
import { ProblemAnswer } from '../http/problem-answer.ts';

/** A credential as far as brands go: a token bound to one or to none, or the key of a source. */
type BoundTo = { readonly brand?: BrandId };

/**
 * The brand of a request: the credential's own where it is bound to one, else the one that is named, else the only one
 * that there is (S1). Throws 403
 * for another brand than the credential's, 400 where none is named or the name is no brand.
 *
 * @param place where the request names it
 */
export function brandFor(
  bearer: BoundTo,
  deployment: Deployment,
  asked: string | undefined,
  place: 'query' | 'body' = 'query',
): BrandId {
  const brand = optionalBrandFor(bearer, deployment, asked);
  if (brand !== undefined) return brand;
  const choices = [...deployment.brands.keys()].sort();
  const [only] = choices;
  if (only !== undefined && choices.length === 1) return only;
  const names = oneOf(choices);
  const detail = place === 'query' ? `Add ?brand= to the address, with ${names}.` : `Name ${names}.`;
  throw new ProblemAnswer('field-missing', { pointer: '/brand', detail, extra: { choices } });
}

/** The same where a credential bound to no brand may leave it out, and means all of them. */
export function optionalBrandFor(
  { brand: own }: BoundTo,
  deployment: Deployment,
  asked: string | undefined,
): BrandId | undefined {
  const brand = (asked as BrandId | undefined) ?? own;
  if (brand !== undefined && !deployment.brands.has(brand)) {
    const gone = 'The brand of this credential is not configured any more.';
    // Who is bound to one brand is not told the others.
    const detail = brand === own ? gone : oneOf(own === undefined ? deployment.brands.keys() : [own]);
    throw new ProblemAnswer('value-not-allowed', { pointer: '/brand', detail });
  }
  if (own !== undefined && brand !== own) {
    throw new ProblemAnswer('brand-not-allowed', { pointer: '/brand', detail: `This one speaks for ${own} only.` });
  }
  return brand;
}

/** The names that a configuration knows, as a list to choose from. */
export function oneOf(names: Iterable<string>): string {
  const sorted = [...names].sort();
  return sorted.length > 1 ? `one of ${sorted.join(', ')}` : (sorted[0] ?? 'none is configured');
}

/** Whether a credential may touch what belongs to a brand. */
export function mayTouch({ brand }: BoundTo, of: string | undefined): boolean {
  return brand === undefined || brand === of;
}
