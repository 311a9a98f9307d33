import { hash } from 'node:crypto';
import type { JsonObject } from '@filrouge/domain/base';
import {
  amountCell,
  answerCell,
  type CellReader,
  cellReader,
  currencyCell,
  identifierCell,
  isSpoilt,
  present,
  pricedAmountCell,
  quantityCell,
  rateCell,
  requiredCell,
  textCell,
  timeCell,
  wordCell,
} from './cell.ts';
import { continues, datedKey, dayOf, keyOf, RECEIPT_FORMS, REMEMBERED_MAX, type ReceiptForm } from './receipt-key.ts';
import type { Columns, NamedRow, RowProblem } from './row.ts';
import { rowProblem } from './row.ts';
import type { NotedRow } from './row-note.ts';

/** One item made of one or several rows, in the form that the collect routes take, with the line it begins on. */
export type ImportItem = { readonly line: number; readonly json: JsonObject };

/** What a row, or the end of the file, brought to an end. */
export type ImportStep = {
  readonly items: readonly ImportItem[];
  readonly problems: readonly RowProblem[];
  /** On rows that were taken. */
  readonly noted?: readonly NotedRow[];
};

/** A line's amount, or what one piece costs and what was taken off the line. */
const AMOUNTS = ['line_amount', 'line_price'];
const IDENTIFIERS = ['customer_id', 'loyalty_card', 'email', 'phone'];
const LINE_LEVEL = ['line_name', 'line_category', 'line_quantity', 'line_discount', 'line_vat_rate'];

export const TICKET_COLUMNS: Columns = {
  required: ['ticket_id', 'occurred_at', 'store_id', 'currency', 'ticket_total', 'line_sku'],
  oneOf: [AMOUNTS],
  optional: [
    'type',
    'refers_to',
    'till_id',
    ...IDENTIFIERS,
    'ticket_vat',
    'coupon',
    'researched_online',
    ...LINE_LEVEL,
  ],
};

export const ORDER_COLUMNS: Columns = {
  required: ['order_id', 'occurred_at', 'currency', 'order_total', 'line_sku'],
  oneOf: [AMOUNTS],
  optional: ['type', 'refers_to', 'store_id', ...IDENTIFIERS, 'order_vat', 'coupon', ...LINE_LEVEL],
};

/** Columns that describe the receipt: each of its rows says the same, or leaves the cell empty. */
function receiptLevel(form: ReceiptForm): readonly string[] {
  const rest = ['type', 'refers_to', 'occurred_at', 'store_id', 'till_id', 'currency', ...IDENTIFIERS, 'coupon'];
  return [...rest, form.total, form.vat, 'researched_online'];
}

const TYPES = ['sale', 'refund', 'cancellation'] as const;
type OpenTicket = {
  readonly key: string;
  readonly first: NamedRow;
  readonly head: JsonObject;
  readonly receipt: JsonObject;
  readonly lines: JsonObject[];
  readonly rowLines: number[];
  broken: boolean;
};

/** Turns rows of tickets or orders (one line item each, rows of one receipt adjacent) into receipts, as they come. */
export type TicketReader = {
  readonly push: (row: NamedRow) => ImportStep;
  /** What else is wrong with a row of which some cells could not be read; it is for `spoil` all the same. */
  readonly faults: (row: NamedRow) => readonly RowProblem[];
  /**
   * A row that cannot be read, as far as its cells go; its own problem is told by the caller. The ticket that it names is
   * refused with it; where it names none, the tickets on both sides are.
   */
  readonly spoil: (row: NamedRow) => void;
  readonly end: () => ImportStep;
};

/**
 * A ticket with one bad row gives no item: half a ticket would be a wrong revenue. Each bad row is told with its own
 * problem, the good rows of that ticket with `ticket-row-refused`. The messageId is made of store, till, ticket, day and type
 * (of an order: number and type), so that importing a file twice keeps each once.
 *
 * @param country of the source, for telephone numbers without country code
 * @param apart receipts whose rows do not stand together, as an `ApartFinder` found them: refused from their first row on
 */
export function createTicketReader(
  country: string,
  kind: 'tickets' | 'orders' = 'tickets',
  apart: ReadonlySet<string> = new Set(),
): TicketReader {
  const form = RECEIPT_FORMS[kind];
  const level = receiptLevel(form);
  let open: OpenTicket | undefined;
  const seen = new Set<string>();
  /** What an unreadable row after the open ticket may belong to: a ticket by its key, or whichever comes next. */
  let spoilt: { readonly key: string | undefined; readonly row: NamedRow } | undefined;

  function close(): ImportStep {
    const ticket = open;
    open = undefined;
    return ticket === undefined ? { items: [], problems: [] } : closed(ticket, form);
  }

  /** Rows under a first one that could not be read may leave out what it says. */
  function isUnderSpoilt(row: NamedRow): boolean {
    return spoilt?.key !== undefined && continues(row, spoilt.row, form);
  }

  function begin(reader: CellReader, key: string): OpenTicket {
    const { row } = reader;
    if (spoilt?.key !== undefined && isUnderSpoilt(row)) return headless(spoilt.row, spoilt.key);
    const dated = datedKey(key, row);
    if (apart.has(dated) || seen.has(dated))
      reader.problems.push(rowProblem(row.line, form.number, 'ticket-rows-apart'));
    if (seen.size < REMEMBERED_MAX) seen.add(dated);
    const broken = spoilt !== undefined && (spoilt.key === undefined || spoilt.key === key);
    return { key, first: row, ...headJson(reader, country, form), lines: [], rowLines: [], broken };
  }

  function push(row: NamedRow): ImportStep {
    const key = open !== undefined && continues(row, open.first, form) ? open.key : keyOf(row, form);
    const before: ImportStep = open !== undefined && open.key !== key ? close() : { items: [], problems: [] };
    const reader = cellReader(row);
    const line = lineJson(reader, open?.first ?? row);
    if (open === undefined) open = begin(reader, key);
    else reader.problems.push(...differences(row, open.first, level));
    spoilt = undefined;
    if (reader.problems.length > 0) open.broken = true;
    else {
      open.lines.push(line);
      open.rowLines.push(row.line);
    }
    return { ...before, problems: [...before.problems, ...reader.problems] };
  }

  function faults(row: NamedRow): readonly RowProblem[] {
    const reader = cellReader(row);
    const first = open !== undefined && isOf(reader, open.first, form) ? open.first : undefined;
    lineJson(reader, first ?? row);
    if (first !== undefined) reader.problems.push(...differences(row, first, level));
    else if (isSpoilt(reader, 'occurred_at') || !isUnderSpoilt(row)) headJson(reader, country, form);
    return reader.problems;
  }

  function spoil(row: NamedRow): void {
    const key = row.cell(form.number) === undefined ? undefined : keyOf(row, form);
    // Of several that stand together the first is the one that says what those under it leave out.
    spoilt = spoilt !== undefined && isUnderSpoilt(row) ? spoilt : { key, row };
    if (open !== undefined && (key === undefined || key === open.key)) open.broken = true;
  }

  return { push, faults, spoil, end: close };
}

/** A receipt of whose first row only the key is known: there are rows to be told as refused with it. */
function headless(first: NamedRow, key: string): OpenTicket {
  return { key, first, head: {}, receipt: {}, lines: [], rowLines: [], broken: true };
}

/** What a receipt came to whose last row was read. */
function closed(ticket: OpenTicket, form: ReceiptForm): ImportStep {
  if (ticket.broken) {
    return { items: [], problems: ticket.rowLines.map((line) => rowProblem(line, form.number, 'ticket-row-refused')) };
  }
  const { line } = ticket.first;
  const item = { line, json: ticketJson(ticket) };
  // An order may carry shipping, which is no line of it.
  const noted = form.kind === 'ticket' && totalDiffers(ticket) ? [{ line, note: 'total-differs' as const }] : [];
  return { items: [item], problems: [], ...(noted.length === 0 ? {} : { noted }) };
}

function differences(row: NamedRow, first: NamedRow, level: readonly string[]): readonly RowProblem[] {
  return level.flatMap((column) => {
    const text = row.cell(column);
    const differs = text !== undefined && text !== first.cell(column);
    return differs ? [rowProblem(row.line, column, 'ticket-rows-differ')] : [];
  });
}

/** Whether a row belongs to a receipt, as far as its cells can be read. */
function isOf(reader: CellReader, first: NamedRow, form: ReceiptForm): boolean {
  const { row } = reader;
  const agrees = (column: string): boolean => isSpoilt(reader, column) || row.cell(column) === first.cell(column);
  return continues(row, first, form) || form.key.every(agrees);
}

/** The same receipt has the same id in every export. */
function receiptMessageId(row: NamedRow, type: string, form: ReceiptForm): string {
  const cells = (columns: readonly string[]): readonly string[] => columns.map((column) => row.cell(column) ?? '');
  const parts =
    form.kind === 'ticket' ? [...cells(['store_id', 'till_id', 'ticket_id']), dayOf(row)] : cells([form.number]);
  const id = [form.kind, ...parts, type].join(':');
  return id.length <= 200 ? id : `${form.kind}:${hash('sha256', id, 'hex')}`;
}

function headJson(
  reader: CellReader,
  country: string,
  form: ReceiptForm,
): { readonly head: JsonObject; readonly receipt: JsonObject } {
  const currency = currencyCell(reader, 'currency');
  const occurredAt = timeCell(reader, 'occurred_at');
  if (occurredAt === undefined) requiredCell(reader, 'occurred_at');
  const total = amountCell(reader, form.total, currency);
  if (total === undefined) requiredCell(reader, form.total);
  const identifiers = present({
    userId: identifierCell(reader, 'customer_id', 'user_id', country),
    loyaltyCard: identifierCell(reader, 'loyalty_card', 'loyalty_card', country),
    email: identifierCell(reader, 'email', 'email', country),
    phone: identifierCell(reader, 'phone', 'phone', country),
  });
  const negative = total !== undefined && total < 0;
  // Tills that write no type write a return with a minus.
  const type = wordCell(reader, 'type', TYPES, negative ? 'refund' : 'sale');
  if (negative && type === 'sale') reader.problems.push(rowProblem(reader.row.line, form.total, 'sale-negative'));
  const number = requiredCell(reader, form.number);
  const store = form.kind === 'ticket' ? requiredCell(reader, 'store_id') : textCell(reader, 'store_id');
  return {
    head: present({
      type: form.kind,
      messageId: receiptMessageId(reader.row, type, form),
      timestamp: occurredAt,
      identifiers,
    }),
    receipt: present({
      kind: form.kind,
      type,
      number,
      refersTo: textCell(reader, 'refers_to'),
      currency,
      amountMinor: total,
      vatMinor: amountCell(reader, form.vat, currency),
      store,
      till: textCell(reader, 'till_id'),
      coupon: textCell(reader, 'coupon'),
      localTime: form.kind === 'ticket' ? occurredAt : undefined,
      researchedOnline: form.kind === 'ticket' ? answerCell(reader, 'researched_online') : undefined,
    }),
  };
}

function lineJson(reader: CellReader, first: NamedRow): JsonObject {
  const currency = currencyCell(cellReader(reader.row.cell('currency') === undefined ? first : reader.row), 'currency');
  const priced = reader.row.cell('line_amount') === undefined && reader.row.cell('line_price') !== undefined;
  const amount = priced ? pricedAmountCell(reader, currency) : amountCell(reader, 'line_amount', currency);
  if (amount === undefined && !priced && !isSpoilt(reader, 'line_price')) requiredCell(reader, 'line_amount');
  return present({
    sku: requiredCell(reader, 'line_sku'),
    name: textCell(reader, 'line_name'),
    category: textCell(reader, 'line_category'),
    ...quantityCell(reader, 'line_quantity'),
    amountMinor: amount,
    vatRate: rateCell(reader, 'line_vat_rate'),
  });
}

/** By more than what rounding each line may come to: a minor unit a line. A refund may be written with or without its minus. */
function totalDiffers({ receipt, lines }: OpenTicket): boolean {
  const sum = lines.reduce((all, line) => all + Number(line['amountMinor'] ?? 0), 0);
  const total = Number(receipt['amountMinor'] ?? 0);
  const apart = receipt['type'] === 'sale' ? Math.abs(total - sum) : Math.abs(Math.abs(total) - Math.abs(sum));
  return apart > lines.length;
}

function ticketJson(ticket: OpenTicket): JsonObject {
  return { ...ticket.head, receipt: { ...ticket.receipt, lines: ticket.lines } };
}
