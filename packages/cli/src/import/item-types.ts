import type { ImportKind } from '@filrouge/wire/import';

/** Types of item that an NDJSON file of this kind may hold; undefined = whatever has no file of its own. */
const TYPE_OF: Readonly<Record<Exclude<ImportKind, 'consents'>, string | undefined>> = {
  customers: 'customer',
  orders: 'order',
  tickets: 'ticket',
  events: undefined,
  products: 'product',
  stores: 'store',
  campaigns: 'campaign',
};

/** Whether an item of this type belongs into a file of this kind. Decisions have no type. */
export function belongs(kind: ImportKind, type: unknown): boolean {
  if (kind === 'consents') return type === undefined;
  const wanted = TYPE_OF[kind];
  return wanted === undefined ? !Object.values(TYPE_OF).some((other) => other === type) : type === wanted;
}
