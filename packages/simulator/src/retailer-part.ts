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
