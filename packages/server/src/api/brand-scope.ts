import type { BrandId, Deployment } from '@filrouge/domain/deployment';
import type { Bearer } from '../access/api-tokens.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';

/**
 * The brand of a request: the credential's own where it is bound to one, else the one that is named (S1). Throws 403
 * for another brand than the credential's, 400 where none is named or the name is no brand.
 */
export function brandFor(bearer: Bearer, deployment: Deployment, asked: string | undefined): BrandId {
  const brand = optionalBrandFor(bearer, deployment, asked);
  if (brand === undefined) throw new ProblemAnswer('field-missing', { pointer: '/brand' });
  return brand;
}

/** The same where a credential bound to no brand may leave it out, and means all of them. */
export function optionalBrandFor(
  bearer: Bearer,
  deployment: Deployment,
  asked: string | undefined,
): BrandId | undefined {
  const { brand: own } = bearer;
  if (own !== undefined && asked !== undefined && asked !== own) {
    throw new ProblemAnswer('brand-not-allowed', { pointer: '/brand' });
  }
  const brand = own ?? (asked as BrandId | undefined);
  if (brand !== undefined && !deployment.brands.has(brand)) {
    throw new ProblemAnswer('value-not-allowed', { pointer: '/brand', detail: oneOf(deployment.brands.keys()) });
  }
  return brand;
}

/** The names that a configuration knows, as a list to choose from. */
export function oneOf(names: Iterable<string>): string {
  return `one of ${[...names].sort().join(', ')}`;
}

/** Whether a credential may touch what belongs to a brand. */
export function mayTouch({ brand }: Bearer, of: string | undefined): boolean {
  return brand === undefined || brand === of;
}
