/** The two invented brands of the simulated group. Each is a controller of its own (S1): no identifier crosses. */
export type BrandKey = 'aubrac' | 'petit-large';

export type Brand = {
  readonly key: BrandKey;
  /** The brand's id in the configuration. */
  readonly id: string;
  readonly name: string;
  /** First letters of its own numbers: SKUs, users, orders, stores. */
  readonly prefix: string;
  readonly domain: string;
};

export const BRANDS: readonly Brand[] = [
  { key: 'aubrac', id: 'maison-aubrac', name: 'Maison Aubrac', prefix: 'MA', domain: 'maison-aubrac.example' },
  { key: 'petit-large', id: 'petit-large', name: 'Petit Large', prefix: 'PL', domain: 'petit-large.example' },
];

export function brandOf(key: BrandKey): Brand {
  return BRANDS.find((brand) => brand.key === key) as Brand;
}

export type SourceRole = 'web' | 'app' | 'server' | 'till' | 'kiosk' | 'mail' | 'care';

/** `aubrac-web`, `petit-large-till`, … */
export function sourceId(brand: BrandKey, role: SourceRole): string {
  return `${brand}-${role}`;
}
