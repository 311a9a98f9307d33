import type { Columns } from '@filrouge/wire';
import { CUSTOMER_COLUMNS, EVENT_COLUMNS, TICKET_COLUMNS } from '@filrouge/wire';

/** What a file brings. */
export const IMPORT_KINDS = ['customers', 'tickets', 'events'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** The fixed columns of each kind of CSV file. */
export const COLUMNS_OF: Readonly<Record<ImportKind, Columns>> = {
  customers: CUSTOMER_COLUMNS,
  tickets: TICKET_COLUMNS,
  events: EVENT_COLUMNS,
};

/** Types of item that an NDJSON file of this kind may hold; undefined = whatever has no file of its own. */
const TYPE_OF: Readonly<Record<ImportKind, string | undefined>> = {
  customers: 'customer',
  tickets: 'ticket',
  events: undefined,
};

/** Whether an item of this type belongs into a file of this kind. */
export function belongs(kind: ImportKind, type: unknown): boolean {
  const wanted = TYPE_OF[kind];
  return wanted === undefined ? !Object.values(TYPE_OF).some((other) => other === type) : type === wanted;
}
