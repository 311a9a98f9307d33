import { type BrandKey, brandOf } from './brands.ts';

export type SimulatedStore = {
  readonly id: string;
  readonly brand: BrandKey;
  readonly name: string;
  readonly city: string;
  readonly postalCode: string;
  /** Degrees, one decimal: coarse on purpose. */
  readonly latitude: number;
  readonly longitude: number;
  /** A shop in a station, open day and night: its tills live through the nights on which the clocks change. */
  readonly openAllNight: boolean;
  /** Its till prints this address on every receipt that has none: planted, to be found by frequency and blocked. */
  readonly fixedEmail?: string;
};

type Place = readonly [city: string, postalCode: string, latitude: number, longitude: number];

const PLACES: readonly Place[] = [
  ['Paris', '75011', 48.9, 2.4],
  ['Lyon', '69002', 45.8, 4.8],
  ['Marseille', '13001', 43.3, 5.4],
  ['Toulouse', '31000', 43.6, 1.4],
  ['Nice', '06000', 43.7, 7.3],
  ['Nantes', '44000', 47.2, -1.6],
  ['Montpellier', '34000', 43.6, 3.9],
  ['Strasbourg', '67000', 48.6, 7.8],
  ['Bordeaux', '33000', 44.8, -0.6],
  ['Lille', '59000', 50.6, 3.1],
  ['Rennes', '35000', 48.1, -1.7],
  ['Reims', '51100', 49.3, 4.0],
  ['Toulon', '83000', 43.1, 5.9],
  ['Grenoble', '38000', 45.2, 5.7],
  ['Dijon', '21000', 47.3, 5.0],
  ['Angers', '49000', 47.5, -0.6],
  ['Brest', '29200', 48.4, -4.5],
  ['Clermont-Ferrand', '63000', 45.8, 3.1],
  ['Tours', '37000', 47.4, 0.7],
  ['Limoges', '87000', 45.8, 1.3],
];

/** 40 stores, 20 a brand, in 20 towns. Station shop: the first of each brand. Fixed till e-mail: the Lyon shop of Maison Aubrac. */
export const STORES: readonly SimulatedStore[] = (['aubrac', 'petit-large'] as const).flatMap((brand) =>
  PLACES.map((place, rank) => storeAt(brand, place, rank)),
);

function storeAt(brand: BrandKey, [city, postalCode, latitude, longitude]: Place, rank: number): SimulatedStore {
  const { prefix, name } = brandOf(brand);
  const openAllNight = rank === 0;
  const fixedEmail = brand === 'aubrac' && rank === 1 ? { fixedEmail: 'caisse.lyon@maison-aubrac.example' } : {};
  return {
    id: `${prefix}${String(rank + 1).padStart(2, '0')}`,
    brand,
    name: openAllNight ? `${name} ${city} Gare` : `${name} ${city}`,
    city,
    postalCode,
    latitude,
    longitude,
    openAllNight,
    ...fixedEmail,
  };
}

export function storesOf(brand: BrandKey): readonly SimulatedStore[] {
  return STORES_BY_BRAND[brand];
}

const STORES_BY_BRAND: Readonly<Record<BrandKey, readonly SimulatedStore[]>> = {
  aubrac: STORES.filter((store) => store.brand === 'aubrac'),
  'petit-large': STORES.filter((store) => store.brand === 'petit-large'),
};
