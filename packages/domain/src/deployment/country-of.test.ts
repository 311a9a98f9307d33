import { expect, test } from 'vitest';
import { countryOf } from './country-of.ts';
import type { BrandId, PropertyId, Source, SourceId } from './source.ts';

const sources = new Map(
  [
    ['paris', 'maison', 'site-fr', 'FR'],
    ['gand', 'maison', 'site-be', 'BE'],
    ['bern', 'atelier', 'site-ch', 'CH'],
  ].map(([id, brand, property, country]) => [id as SourceId, { id, brand, property, country } as unknown as Source]),
);
const asked = (brand?: string, property?: string): string =>
  countryOf({ sources }, brand as BrandId | undefined, property as PropertyId | undefined);

test('S13 the country is the property’s, else the brand’s, else France', () => {
  expect(asked('maison', 'site-be')).toBe('BE');
  expect(asked('maison')).toBe('FR');
  expect(asked('atelier', 'none')).toBe('CH');
  expect(asked('nobody', 'none')).toBe('FR');
});
