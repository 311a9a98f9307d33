import { DEFAULT_PURPOSES } from '@filrouge/domain/consent';
import { describe, expect, test } from 'vitest';
import { RETAILER_CONFIG } from './retailer-config.ts';

describe('the configuration of the simulated retailer', () => {
  const { brands, properties, sources, stores, notices } = RETAILER_CONFIG;

  test('has two brands, fourteen sources and forty stores, each named once', () => {
    expect(brands.map((brand) => brand.id)).toEqual(['maison-aubrac', 'petit-large']);
    expect(sources).toHaveLength(14);
    expect(stores).toHaveLength(40);
    for (const list of [brands, properties, sources, stores, notices]) {
      expect(new Set(list.map((each) => each.id)).size).toBe(list.length);
    }
  });

  test('names only brands and properties that exist', () => {
    const brandIds = new Set<string>(brands.map((brand) => brand.id));
    for (const each of [...properties, ...sources, ...stores, ...notices]) expect(brandIds.has(each.brand)).toBe(true);
    const ids = new Set<string>(properties.map((property) => property.id));
    for (const source of sources) expect(ids.has(source.property)).toBe(true);
  });

  test('asks in its notices only for purposes that the product knows', () => {
    const known = new Set<string>(DEFAULT_PURPOSES.map(({ id }) => id));
    for (const notice of notices) for (const purpose of notice.purposes) expect(known.has(purpose)).toBe(true);
  });
});
