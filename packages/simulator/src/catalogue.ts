import { type BrandKey, brandOf } from './brands.ts';
import { Random, streamOf } from './random.ts';

export type Product = {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly priceMinor: number;
  /** Hundredths of a per cent, as in the domain: 2000 is 20 %. */
  readonly vatRate: number;
};

export type Catalogue = {
  readonly categories: readonly Category[];
  readonly products: readonly Product[];
  readonly byCategory: ReadonlyMap<string, readonly Product[]>;
};

export type Category = {
  readonly name: string;
  readonly vatRate: number;
  readonly priceMinor: readonly [number, number];
  /** Multiplies a segment's propensity to research online before buying in store: a sofa is looked up, a candle is not. */
  readonly researchFactor: number;
  readonly nouns: readonly string[];
};

const CATEGORIES: Readonly<Record<BrandKey, readonly Category[]>> = {
  aubrac: [
    category('canapes', 2000, [39900, 189900], 1.6, ['Canapé', 'Fauteuil', 'Pouf']),
    category('luminaires', 2000, [2990, 24900], 1.3, ['Lampe', 'Suspension', 'Applique']),
    category('linge', 2000, [1290, 15900], 1.0, ['Drap', 'Plaid', 'Housse', 'Serviette']),
    category('vaisselle', 2000, [390, 8900], 0.8, ['Assiette', 'Bol', 'Carafe']),
    category('cuisine', 2000, [990, 19900], 1.1, ['Cocotte', 'Couteau', 'Moule']),
    category('bougies', 2000, [690, 3990], 0.4, ['Bougie', 'Diffuseur']),
    category('livres', 550, [990, 3990], 0.6, ['Livre', 'Carnet']),
    category('epicerie', 550, [290, 2490], 0.3, ['Confiture', 'Thé', 'Miel']),
  ],
  'petit-large': [
    category('bebe', 2000, [790, 4990], 1.1, ['Body', 'Gigoteuse', 'Brassière']),
    category('fille', 2000, [990, 5990], 1.0, ['Robe', 'Gilet', 'Jupe']),
    category('garcon', 2000, [990, 5990], 0.9, ['Chemise', 'Pantalon', 'Pull']),
    category('chaussures', 2000, [1990, 7990], 1.4, ['Bottine', 'Sandale', 'Basket']),
    category('manteaux', 2000, [3990, 12990], 1.5, ['Manteau', 'Ciré', 'Parka']),
    category('jouets', 2000, [590, 8990], 1.2, ['Puzzle', 'Peluche', 'Bateau']),
    category('livres', 550, [490, 1990], 0.6, ['Album', 'Imagier']),
    category('gouter', 550, [190, 1290], 0.3, ['Biscuit', 'Compote']),
  ],
};

function category(
  name: string,
  vatRate: number,
  priceMinor: readonly [number, number],
  researchFactor: number,
  nouns: readonly string[],
): Category {
  return { name, vatRate, priceMinor, researchFactor, nouns };
}

/** Some names carry a comma or a quotation mark, so that every reader of the CSV meets them. */
const QUALIFIERS = [
  'Ardoise',
  'Brume',
  'Écume',
  'Lande',
  'Genêt',
  'Nacre',
  'Sable, lot de 2',
  'Tilleul',
  'Aulne',
  '"Nuit"',
  'Corail',
  'Givre',
];

const PRODUCTS_PER_CATEGORY = 30;
const CATALOGUE_STREAM = streamOf('catalogue');
const catalogues = new Map<BrandKey, Catalogue>();

/** The catalogue of a brand: the same for every seed, 8 categories of 30 products. */
export function catalogueOf(brand: BrandKey): Catalogue {
  const known = catalogues.get(brand);
  if (known !== undefined) return known;
  const byCategory = new Map<string, readonly Product[]>();
  for (const [rank, each] of CATEGORIES[brand].entries()) {
    byCategory.set(each.name, productsOf(brand, each, rank));
  }
  const made = { categories: CATEGORIES[brand], products: [...byCategory.values()].flat(), byCategory };
  catalogues.set(brand, made);
  return made;
}

function productsOf(brand: BrandKey, category: Category, rank: number): readonly Product[] {
  const random = new Random(1, CATALOGUE_STREAM, rank, brand === 'aubrac' ? 1 : 2);
  return Array.from({ length: PRODUCTS_PER_CATEGORY }, (_, number) => ({
    sku: `${brandOf(brand).prefix}-${category.name.slice(0, 3).toUpperCase()}-${String(number + 1).padStart(4, '0')}`,
    name: `${random.pick(category.nouns)} ${random.pick(QUALIFIERS)}`,
    category: category.name,
    priceMinor: roundPrice(
      category.priceMinor[0] + random.next() ** 2 * (category.priceMinor[1] - category.priceMinor[0]),
    ),
    vatRate: category.vatRate,
  }));
}

/** Prices end in 90 cents. */
function roundPrice(minor: number): number {
  return Math.max(90, Math.round(minor / 100) * 100 - 10);
}
