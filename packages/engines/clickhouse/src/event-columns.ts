import { type Instant, instant } from '@filrouge/domain/base';
import type { EventReceipt, EventRow } from '@filrouge/ports';

/** Columns of `event` as rows are written and read, in this order. Times travel as milliseconds. */
export const EVENT_COLUMNS = [
  'event_id',
  'brand',
  'thread',
  'device',
  't',
  'r',
  'c',
  'kind',
  'name',
  'channel',
  'source',
  'property',
  'store',
  'purposes',
  'bot',
  'imported',
  'terminal',
  'receipt_type',
  'receipt_number',
  'currency',
  'amount',
  'vat',
  'researched',
  'skus',
  'categories',
  'line_amounts',
  'clear',
  'sealed',
  'key_id',
  'position',
  'item',
  'run',
] as const;
type Column = (typeof EVENT_COLUMNS)[number];

/** One line of JSONCompactEachRow. 64-bit numbers are sent as text: a JavaScript number would round them. */
export function eventLine(row: EventRow): string {
  const { receipt, lines } = row;
  return JSON.stringify([
    row.eventId,
    row.brand,
    row.thread,
    row.device,
    row.t,
    row.r,
    row.c,
    row.kind,
    row.name,
    row.channel,
    row.source,
    row.property,
    row.store,
    row.purposes.toString(),
    row.bot,
    row.imported,
    row.terminal,
    receipt?.type ?? '',
    receipt?.number ?? '',
    receipt?.currency ?? '',
    receipt?.amountMinor ?? 0,
    receipt?.vatMinor ?? 0,
    receipt?.researchedOnline === undefined ? '' : receipt.researchedOnline ? 'yes' : 'no',
    lines.map(({ sku }) => sku),
    lines.map(({ category }) => category),
    lines.map(({ amountMinor }) => amountMinor),
    row.clear,
    row.sealed,
    row.key,
    row.position,
    row.item,
    row.run ?? 0,
  ]);
}

/** How the columns are selected so that `readEvent` understands them: instants in milliseconds. */
export function selectEvent(alias: string): string {
  return EVENT_COLUMNS.map((column) =>
    column === 't' || column === 'r' || column === 'c'
      ? `toUnixTimestamp64Milli(${alias}.${column}) AS ${column}_ms`
      : `${alias}.${column} AS ${column}`,
  ).join(', ');
}

type Stored = { readonly [column in Exclude<Column, 't' | 'r' | 'c'>]: unknown } & {
  readonly t_ms: string;
  readonly r_ms: string;
  readonly c_ms: string;
};

/** A row of JSONEachRow, back in the words of the port. The columns were written by `eventLine`. */
export function readEvent(stored: Stored): EventRow {
  const skus = stored.skus as readonly string[];
  const categories = stored.categories as readonly string[];
  const amounts = stored.line_amounts as readonly string[];
  return {
    eventId: stored.event_id as string,
    brand: stored.brand as EventRow['brand'],
    thread: stored.thread as EventRow['thread'],
    device: stored.device as EventRow['device'],
    t: at(stored.t_ms),
    r: at(stored.r_ms),
    c: at(stored.c_ms),
    kind: stored.kind as EventRow['kind'],
    name: stored.name as string,
    channel: stored.channel as EventRow['channel'],
    source: stored.source as EventRow['source'],
    property: stored.property as EventRow['property'],
    store: stored.store as string,
    purposes: BigInt(stored.purposes as string),
    bot: stored.bot as boolean,
    imported: stored.imported as boolean,
    terminal: stored.terminal as boolean,
    ...receiptOf(stored),
    lines: skus.map((sku, n) => ({ sku, category: categories[n] ?? '', amountMinor: Number(amounts[n] ?? 0) })),
    clear: stored.clear as Readonly<Record<string, string>>,
    sealed: stored.sealed as string,
    key: Number(stored.key_id) as EventRow['key'],
    position: Number(stored.position),
    item: Number(stored.item),
    ...(Number(stored.run) === 0 ? {} : { run: Number(stored.run) }),
  };
}

function at(milliseconds: string): Instant {
  return instant(Number(milliseconds));
}

function receiptOf(stored: Stored): { readonly receipt?: EventReceipt } {
  if (stored.receipt_type === '') return {};
  return {
    receipt: {
      type: stored.receipt_type as EventReceipt['type'],
      number: stored.receipt_number as string,
      currency: stored.currency as string,
      amountMinor: Number(stored.amount),
      vatMinor: Number(stored.vat),
      ...(stored.researched === '' ? {} : { researchedOnline: stored.researched === 'yes' }),
    },
  };
}
