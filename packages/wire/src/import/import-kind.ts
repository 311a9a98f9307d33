import { CONSENT_COLUMNS } from './consent-row.ts';
import { CUSTOMER_COLUMNS } from './customer-row.ts';
import { EVENT_COLUMNS } from './event-row.ts';
import { CAMPAIGN_COLUMNS, PRODUCT_COLUMNS, STORE_COLUMNS } from './reference-row.ts';
import type { Columns } from './row.ts';
import { ORDER_COLUMNS, TICKET_COLUMNS } from './ticket-reader.ts';

/** What a file brings. */
export const IMPORT_KINDS = [
  'customers',
  'orders',
  'tickets',
  'events',
  'consents',
  'products',
  'stores',
  'campaigns',
] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** Our columns of each kind of file. */
export const COLUMNS_OF: Readonly<Record<ImportKind, Columns>> = {
  customers: CUSTOMER_COLUMNS,
  orders: ORDER_COLUMNS,
  tickets: TICKET_COLUMNS,
  events: EVENT_COLUMNS,
  consents: CONSENT_COLUMNS,
  products: PRODUCT_COLUMNS,
  stores: STORE_COLUMNS,
  campaigns: CAMPAIGN_COLUMNS,
};

/** All our columns of a kind, the required ones first. */
export function columnsOf(kind: ImportKind): readonly string[] {
  const { required, oneOf = [], optional } = COLUMNS_OF[kind];
  return [...new Set([...required, ...oneOf.flat(), ...optional])];
}
