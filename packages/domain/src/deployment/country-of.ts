import type { Deployment } from './deployment.ts';
import type { BrandId, PropertyId } from './source.ts';

/** Where nothing says in which country a brand is. ISO 3166-1. */
const COUNTRY_DEFAULT = 'FR';

/**
 * The country by which telephone numbers without country code are read where no source's key says it: of the property's
 * first source, else of the brand's. ISO 3166-1.
 */
export function countryOf(
  { sources }: Pick<Deployment, 'sources'>,
  brand: BrandId | undefined,
  property?: PropertyId,
): string {
  const all = [...sources.values()];
  const there = all.find((source) => source.property === property) ?? all.find((source) => source.brand === brand);
  return there?.country ?? COUNTRY_DEFAULT;
}
