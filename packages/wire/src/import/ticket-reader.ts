import { hash } from 'node:crypto';
import type { JsonObject } from '@filrouge/domain/base';
import {
  amountCell,
  type CellReader,
  cellReader,
  currencyCell,
  identifierCell,
  present,
  quantityCell,
  rateCell,
  requiredCell,
  textCell,
  timeCell,
  wordCell,
} from './cell.ts';
import type { Columns, NamedRow, RowProblem } from './row.ts';
import { rowProblem } from './row.ts';

/** One item made of one or several rows, in the form that the collect routes take, with the line it begins on. */
export type ImportItem = { readonly line: number; readonly json: JsonObject };

/** What a row, or the end of the file, brought to an end. */
export type ImportStep = { readonly items: readonly ImportItem[]; readonly problems: readonly RowProblem[] };

export const TICKET_COLUMNS: Columns = {
  required: ['ticket_id', 'occurred_at', 'store_id', 'currency', 'ticket_total', 'line_sku', 'line_amount'],
  optional: [
    'type',
    'refers_to',
    'till_id',
    'customer_id',
    'loyalty_card',
    'email',
    'phone',
    'ticket_vat',
    'coupon',
    'line_name',
    'line_category',
    'line_quantity',
    'line_vat_rate',
  ],
};

/** Columns that describe the ticket and stand the same on each of its rows. */
const TICKET_LEVEL = [
  'type',
  'refers_to',
  'occurred_at',
  'till_id',
  'currency',
  'customer_id',
  'loyalty_card',
  'email',
  'phone',
  'ticket_total',
  'ticket_vat',
  'coupon',
];
const TYPES = ['sale', 'refund', 'cancellation'] as const;
/** Tickets remembered to notice rows that stand apart; a till's file of a day is smaller. */
const REMEMBERED_MAX = 1_000_000;

type OpenTicket = {
  readonly key: string;
  readonly first: NamedRow;
  readonly head: JsonObject;
  readonly receipt: JsonObject;
  readonly lines: JsonObject[];
  readonly rowLines: number[];
  broken: boolean;
};

/** Turns rows of `tickets.csv` (one line item each, rows of one ticket adjacent) into tickets, as they come. */
export type TicketReader = {
  readonly push: (row: NamedRow) => ImportStep;
  /**
   * A row that cannot be read, as far as its cells go; its own problem is told by the caller. The ticket that it names is
   * refused with it; where it names none, the tickets on both sides are.
   */
  readonly spoil: (row: NamedRow) => void;
  readonly end: () => ImportStep;
};

/**
 * A ticket with one bad row gives no item: half a ticket would be a wrong revenue. Each bad row is told with its own
 * problem, the good rows of that ticket with `ticket-row-refused`. The messageId is made of store, till, ticket, day and type, so
 * that importing a file twice keeps each ticket once.
 *
 * @param country of the source, for telephone numbers without country code
 */
export function createTicketReader(country: string): TicketReader {
  let open: OpenTicket | undefined;
  const seen = new Set<string>();
  /** What an unreadable row after the open ticket may belong to: a ticket by its key, or whichever comes next. */
  let spoilt: { readonly key: string | undefined } | undefined;

  function close(): ImportStep {
    const ticket = open;
    open = undefined;
    if (ticket === undefined) return { items: [], problems: [] };
    if (ticket.broken) {
      const problems = ticket.rowLines.map((line) => rowProblem(line, 'ticket_id', 'ticket-row-refused'));
      return { items: [], problems };
    }
    return { items: [{ line: ticket.first.line, json: ticketJson(ticket) }], problems: [] };
  }

  function push(row: NamedRow): ImportStep {
    const key = keyOf(row);
    const before = open !== undefined && open.key !== key ? close() : { items: [], problems: [] };
    const reader = cellReader(row);
    const line = lineJson(reader);
    if (open === undefined) {
      // Tills begin their numbers anew, so the day belongs to what makes a ticket one.
      const dated = `${key}\u001F${dayOf(row)}`;
      if (seen.has(dated)) reader.problems.push(rowProblem(row.line, 'ticket_id', 'ticket-rows-apart'));
      if (seen.size < REMEMBERED_MAX) seen.add(dated);
      open = { key, first: row, ...headJson(reader, country), lines: [], rowLines: [], broken: false };
      open.broken = spoilt !== undefined && (spoilt.key === undefined || spoilt.key === key);
    } else {
      for (const column of TICKET_LEVEL) {
        if (row.cell(column) !== open.first.cell(column)) {
          reader.problems.push(rowProblem(row.line, column, 'ticket-rows-differ'));
        }
      }
    }
    spoilt = undefined;
    if (reader.problems.length > 0) open.broken = true;
    else {
      open.lines.push(line);
      open.rowLines.push(row.line);
    }
    return { items: before.items, problems: [...before.problems, ...reader.problems] };
  }

  function spoil(row: NamedRow): void {
    const key = row.cell('ticket_id') === undefined ? undefined : keyOf(row);
    spoilt = { key };
    if (open !== undefined && (key === undefined || key === open.key)) open.broken = true;
  }

  return { push, spoil, end: close };
}

function keyOf(row: NamedRow): string {
  return ['store_id', 'till_id', 'ticket_id', 'type'].map((column) => row.cell(column) ?? '').join('\u001F');
}

function dayOf(row: NamedRow): string {
  return row.cell('occurred_at')?.slice(0, 10) ?? '';
}

/** The same ticket has the same id in every export of the till. */
function ticketMessageId(row: NamedRow, type: string): string {
  const parts = ['store_id', 'till_id', 'ticket_id'].map((column) => row.cell(column) ?? '');
  const id = ['ticket', ...parts, dayOf(row), type].join(':');
  return id.length <= 200 ? id : `ticket:${hash('sha256', id, 'hex')}`;
}

function headJson(reader: CellReader, country: string): { readonly head: JsonObject; readonly receipt: JsonObject } {
  const currency = currencyCell(reader, 'currency');
  const occurredAt = timeCell(reader, 'occurred_at');
  if (occurredAt === undefined) requiredCell(reader, 'occurred_at');
  const total = amountCell(reader, 'ticket_total', currency);
  if (total === undefined) requiredCell(reader, 'ticket_total');
  const identifiers = present({
    userId: identifierCell(reader, 'customer_id', 'user_id', country),
    loyaltyCard: identifierCell(reader, 'loyalty_card', 'loyalty_card', country),
    email: identifierCell(reader, 'email', 'email', country),
    phone: identifierCell(reader, 'phone', 'phone', country),
  });
  const type = wordCell(reader, 'type', TYPES, 'sale');
  const number = requiredCell(reader, 'ticket_id');
  const store = requiredCell(reader, 'store_id');
  return {
    head: present({
      type: 'ticket',
      messageId: ticketMessageId(reader.row, type),
      timestamp: occurredAt,
      identifiers,
    }),
    receipt: present({
      kind: 'ticket',
      type,
      number,
      refersTo: textCell(reader, 'refers_to'),
      currency,
      amountMinor: total,
      vatMinor: amountCell(reader, 'ticket_vat', currency),
      store,
      till: textCell(reader, 'till_id'),
      coupon: textCell(reader, 'coupon'),
      localTime: occurredAt,
    }),
  };
}

function lineJson(reader: CellReader): JsonObject {
  const currency = currencyCell(cellReader(reader.row), 'currency');
  const amount = amountCell(reader, 'line_amount', currency);
  if (amount === undefined) requiredCell(reader, 'line_amount');
  return present({
    sku: requiredCell(reader, 'line_sku'),
    name: textCell(reader, 'line_name'),
    category: textCell(reader, 'line_category'),
    ...quantityCell(reader, 'line_quantity'),
    amountMinor: amount,
    vatRate: rateCell(reader, 'line_vat_rate'),
  });
}

function ticketJson(ticket: OpenTicket): JsonObject {
  return { ...ticket.head, receipt: { ...ticket.receipt, lines: ticket.lines } };
}
