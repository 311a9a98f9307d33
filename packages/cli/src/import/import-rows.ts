import type { Readable } from 'node:stream';
import type { Result } from '@filrouge/domain/base';
import {
  COLLECT_LIMITS,
  createTicketReader,
  customerFromRow,
  eventFromRow,
  type Header,
  type ImportItem,
  type ImportStep,
  isRowProblem,
  itemFromLine,
  type NamedRow,
  type RowProblem,
  readHeader,
  rowProblem,
} from '@filrouge/wire';
import { byteLines } from './byte-lines.ts';
import { type CsvRow, csvRows } from './csv-rows.ts';
import { belongs, COLUMNS_OF, type ImportKind } from './import-kind.ts';

/** An item ready to be sent: its JSON text, and the line it begins on. */
export type ReadyItem = { readonly line: number; readonly json: string };

/** What one row, or the end of the file, came to. `unread`: the rest of the file could not be read. */
export type RowStep = {
  readonly rows: number;
  readonly items: readonly ReadyItem[];
  readonly problems: readonly RowProblem[];
  readonly unread?: true;
};

/** Rows of a CSV file as items, one step for each row. Memory does not grow with the file. Errors: those of the stream. */
export async function* itemsOfCsv(kind: ImportKind, bytes: Readable, country: string): AsyncGenerator<RowStep> {
  const reader = kind === 'tickets' ? createTicketReader(country) : rowReader(kind, country);
  let header: Extract<Header, { ok: true }> | undefined;
  for await (const each of csvRows(bytes)) {
    if (!('row' in each)) {
      reader.spoil({ line: each.problem.line, cell: () => undefined });
      yield { rows: 0, items: [], problems: [each.problem], unread: true };
      break;
    }
    if (header === undefined) {
      const first = headerOf(each, kind);
      if (!first.ok) {
        yield { rows: 0, items: [], problems: first.problems, unread: true };
        return;
      }
      header = first;
      continue;
    }
    const read = each.problem ?? header.read(each.row);
    if (isRowProblem(read)) reader.spoil(header.glance(each.row));
    yield isRowProblem(read) ? { rows: 1, items: [], problems: [read] } : ready(reader.push(read), 1);
  }
  if (header === undefined) yield { rows: 0, items: [], problems: [emptyFile(kind)], unread: true };
  yield ready(reader.end(), 0);
}

function headerOf({ row, problem }: CsvRow, kind: ImportKind): Header {
  if (problem !== undefined) return { ok: false, problems: [problem] };
  const header = readHeader(row, COLUMNS_OF[kind]);
  const [only] = row.cells;
  const other = row.cells.length === 1 ? /[;\t|]/.exec(only ?? '')?.[0] : undefined;
  if (header.ok || other === undefined) return header;
  return { ok: false, problems: [rowProblem(row.line, '', 'file-other-separator', other === '\t' ? 'TAB' : other)] };
}

function emptyFile(kind: ImportKind): RowProblem {
  return rowProblem(1, '', 'file-empty', COLUMNS_OF[kind].required.join(', '));
}

/** Customers and events: a row is an item. */
function rowReader(kind: 'customers' | 'events', country: string): ReturnType<typeof createTicketReader> {
  const itemOf: (row: NamedRow, country: string) => Result<ImportItem, readonly RowProblem[]> =
    kind === 'customers' ? customerFromRow : eventFromRow;
  const nothing: ImportStep = { items: [], problems: [] };
  return {
    push(row) {
      const item = itemOf(row, country);
      return item.ok ? { items: [item.value], problems: [] } : { items: [], problems: item.refusal };
    },
    spoil: () => undefined,
    end: () => nothing,
  };
}

function ready({ items, problems }: ImportStep, rows: number): RowStep {
  const fitting: ReadyItem[] = [];
  const large: RowProblem[] = [];
  for (const { line, json } of items) {
    const text = JSON.stringify(json);
    if (Buffer.byteLength(text) <= COLLECT_LIMITS.itemBytesMax) fitting.push({ line, json: text });
    else large.push(rowProblem(line, '', 'item-too-large'));
  }
  return { rows, items: fitting, problems: large.length === 0 ? problems : [...problems, ...large] };
}

/** Lines of an NDJSON file as items: each is sent as it stands, once the rules of the door have been read over it. */
export async function* itemsOfLines(kind: ImportKind, bytes: Readable): AsyncGenerator<RowStep> {
  for await (const { line, bytes: text, whole } of byteLines(bytes, COLLECT_LIMITS.itemBytesMax + 1)) {
    const problem = whole ? problemOfLine(kind, text, line) : rowProblem(line, '', 'item-too-large');
    yield problem === undefined
      ? { rows: 1, items: [{ line, json: text.toString('utf8') }], problems: [] }
      : { rows: 1, items: [], problems: [problem] };
  }
}

function problemOfLine(kind: ImportKind, text: Buffer, line: number): RowProblem | undefined {
  const parsed = itemFromLine(text, line);
  if (!parsed.ok) return parsed.refusal;
  const { json } = parsed.value;
  return belongs(kind, json['type']) ? undefined : rowProblem(line, '/type', 'item-of-other-file');
}
