import type { NamedRow } from './row.ts';

/** The two receipts that files bring, and the columns in which they differ. */
export type ReceiptForm = {
  readonly kind: 'ticket' | 'order';
  readonly number: string;
  readonly total: string;
  readonly vat: string;
  /** What makes rows those of one receipt. */
  readonly key: readonly string[];
};

export const RECEIPT_FORMS: Readonly<Record<'tickets' | 'orders', ReceiptForm>> = {
  tickets: {
    kind: 'ticket',
    number: 'ticket_id',
    total: 'ticket_total',
    vat: 'ticket_vat',
    key: ['store_id', 'till_id', 'ticket_id', 'type'],
  },
  orders: { kind: 'order', number: 'order_id', total: 'order_total', vat: 'order_vat', key: ['order_id', 'type'] },
};

/** Receipts remembered to notice rows that stand apart; a till's file of a day is smaller. */
export const REMEMBERED_MAX = 1_000_000;

export function keyOf(row: NamedRow, form: ReceiptForm): string {
  return form.key.map((column) => row.cell(column) ?? '').join('\u001F');
}

/** Some exports fill the first row of a receipt only: the rows under it repeat its number and have no time. */
export function continues(row: NamedRow, first: NamedRow, form: ReceiptForm): boolean {
  if (row.cell('occurred_at') !== undefined || row.cell(form.number) !== first.cell(form.number)) return false;
  return form.key.every((column) => row.cell(column) === undefined || row.cell(column) === first.cell(column));
}

export function dayOf(row: NamedRow): string {
  return row.cell('occurred_at')?.slice(0, 10) ?? '';
}

/** Tills begin their numbers anew, so the day belongs to what makes a receipt one. */
export function datedKey(key: string, row: NamedRow): string {
  return `${key}\u001F${dayOf(row)}`;
}

/** Finds, in a reading before the one that counts, the receipts whose rows do not stand together. */
export type ApartFinder = {
  /** Each row, as far as it can be read. */
  readonly see: (row: NamedRow) => void;
  /** The receipts found, for the reader of tickets. */
  readonly found: () => ReadonlySet<string>;
};

/** Of the first million receipts; a later one that stands apart is noticed where it comes again. */
export function createApartFinder(kind: 'tickets' | 'orders'): ApartFinder {
  const form = RECEIPT_FORMS[kind];
  const seen = new Set<string>();
  const apart = new Set<string>();
  let open: { readonly key: string; readonly first: NamedRow } | undefined;
  return {
    found: () => apart,
    see(row) {
      if (row.cell(form.number) === undefined) return;
      const key = keyOf(row, form);
      if (open !== undefined && (open.key === key || continues(row, open.first, form))) return;
      open = { key, first: row };
      const dated = datedKey(key, row);
      if (seen.has(dated)) apart.add(dated);
      else if (seen.size < REMEMBERED_MAX) seen.add(dated);
    },
  };
}
