/**
 * What an item is, which decides the purposes it may serve (S12). The first six are Segment's calls; the others are
 * facts of retail that reach us as tracked events from a trusted key, or as rows of a file.
 */
export const ITEM_KINDS = [
  'page',
  'screen',
  'track',
  'identify',
  'alias',
  'group',
  'order',
  'ticket',
  'customer',
  'mail-open',
  'mail',
  'call',
  'location',
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];
