/** What can be written; `truth` needs all of it to be made and is therefore as slow as everything. */
export const RETAILER_PARTS = [
  'calls',
  'consents',
  'tickets',
  'customers',
  'products',
  'stores',
  'campaigns',
  'truth',
] as const;
export type RetailerPart = (typeof RETAILER_PARTS)[number];

/** Those that are tables. */
export const TABLE_PARTS: readonly RetailerPart[] = [
  'customers',
  'tickets',
  'consents',
  'products',
  'stores',
  'campaigns',
];
