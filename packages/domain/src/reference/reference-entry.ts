/** What the retailer knows of its own things: no person is in it. Kept by brand, by the retailer's own id. */

/** An article as tickets and events name it. */
export type Product = {
  readonly sku: string;
  readonly name: string;
  /** From the widest to the narrowest; empty where nobody said. */
  readonly category: readonly string[];
  readonly brand?: string;
  /** Integer minor units of `currency`, tax included. */
  readonly priceMinor?: number;
  /** ISO 4217. */
  readonly currency?: string;
  /** 8 to 14 digits. */
  readonly ean?: string;
  readonly active: boolean;
};

export type Store = {
  readonly id: string;
  readonly name: string;
  readonly address?: string;
  readonly postalCode?: string;
  readonly city?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** Degrees, WGS 84. */
  readonly lat?: number;
  readonly lon?: number;
  /** As the retailer writes them. */
  readonly openingHours?: string;
};

export type Campaign = {
  readonly id: string;
  readonly name: string;
  readonly channel?: string;
  /** Calendar days, `2026-11-21`, both of them part of it. */
  readonly startsOn?: string;
  readonly endsOn?: string;
  /** Integer minor units of `currency`. */
  readonly spendMinor?: number;
  /** ISO 4217. */
  readonly currency?: string;
  readonly brand?: string;
  readonly utm?: { readonly source?: string; readonly medium?: string; readonly campaign?: string };
};

export const REFERENCE_KINDS = ['products', 'stores', 'campaigns'] as const;
export type ReferenceKind = (typeof REFERENCE_KINDS)[number];

/** A thing by its id, as it was last told. */
export type ReferenceEntry =
  | { readonly kind: 'products'; readonly id: string; readonly content: Product }
  | { readonly kind: 'stores'; readonly id: string; readonly content: Store }
  | { readonly kind: 'campaigns'; readonly id: string; readonly content: Campaign };
