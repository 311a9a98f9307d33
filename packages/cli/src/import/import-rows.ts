import type { Readable } from 'node:stream';
import type { Result } from '@filrouge/domain/base';
import {
  COLLECT_LIMITS,
  createTicketReader,
  customerFromRow,
  eventFromRow,
  type ImportItem,
  type ImportStep,
  itemFromLine,
  type NamedRow,
  type RowProblem,
  rowProblem,
  type TicketReader,
} from '@filrouge/wire';
import {
  COLUMNS_OF,
  campaignFromRow,
  consentFromRow,
  type ImportKind,
  type MappedRow,
  type Mapping,
  mapFile,
  type NotedRow,
  productFromRow,
  type RepairNote,
  storeFromRow,
} from '@filrouge/wire/import';
import { byteLines } from './byte-lines.ts';
import type { CsvEnd, CsvRow } from './csv-rows.ts';
import { belongs } from './item-types.ts';

/** An item ready to be sent: its JSON text, and the line it begins on. */
export type ReadyItem = { readonly line: number; readonly json: string };

/** A cell that was repaired beyond its notation: the line of its row, and what was done. */
export type RepairedCell = { readonly line: number; readonly note: RepairNote };

/** What one row, or the end of the file, came to. `unread`: the rest of the file could not be read. */
export type RowStep = {
  readonly rows: number;
  readonly items: readonly ReadyItem[];
  readonly problems: readonly RowProblem[];
  readonly notes?: readonly RepairedCell[];
  readonly noted?: readonly NotedRow[];
  readonly unread?: true;
};

/** What an earlier look at a file found. */
export type RowsKnown = {
  /** Empty cells that every row has beyond the first line. */
  readonly surplus?: number;
  /** Receipts whose rows do not stand together. */
  readonly apart?: ReadonlySet<string>;
};

/**
 * Rows of a file as items, one step for each row, read through a mapping. Memory does not grow with the file. Errors: those
 * of the rows.
 */
export async function* itemsOfRows(
  rows: AsyncIterable<CsvRow | CsvEnd>,
  mapping: Mapping,
  country: string,
  { surplus = 0, apart }: RowsKnown = {},
): AsyncGenerator<RowStep> {
  const reader = readerOf(mapping.kind, country, apart);
  let file: Exclude<ReturnType<typeof mapFile>, readonly RowProblem[]> | undefined;
  for await (const each of rows) {
    if (!('row' in each)) {
      reader.spoil({ line: each.problem.line, cell: () => undefined });
      // A record that does not end is a row all the same; what stands behind it is not known.
      yield { ...unread([each.problem]), rows: file === undefined ? 0 : 1 };
      break;
    }
    if (file === undefined) {
      const bound = each.problem === undefined ? mapFile(mapping, each.row, surplus) : [each.problem];
      if (!('read' in bound)) {
        yield unread(bound);
        return;
      }
      file = bound;
      continue;
    }
    const read = each.problem === undefined ? file.read(each.row) : [each.problem];
    if ('rows' in read && (read.problems === undefined || mapping.kind === 'consents')) {
      const pushed = pushAll(reader, read.rows, read.problems ?? []);
      const { line } = each.row;
      const notes = read.notes.map((note) => ({ line, note }));
      yield told(ready(pushed, 1), mapping, file.nameOf, notes);
    } else {
      yield refusedRow(reader, read, mapping, file.nameOf);
      reader.spoil(file.glance(each.row));
    }
  }
  if (file === undefined) yield unread([emptyFile(mapping.kind)]);
  else yield told(ready(reader.end(), 0), mapping, file.nameOf);
}

/** All that is wrong with a row, so that it is mended once: what its cells cannot be, and what is missing or wrong beside them. */
function refusedRow(
  reader: RowReader,
  read: MappedRow | readonly RowProblem[],
  mapping: Mapping,
  nameOf: (column: string) => string,
): RowStep {
  if (!('rows' in read)) return { rows: 1, items: [], problems: read };
  const more = told({ rows: 1, items: [], problems: read.rows.flatMap(reader.faults) }, mapping, nameOf);
  return { ...more, problems: [...(read.problems ?? []), ...more.problems] };
}

function unread(problems: readonly RowProblem[]): RowStep {
  return { rows: 0, items: [], problems, unread: true };
}

/** Problems of our columns at the names of the file's: whoever mends the file looks for those. */
function told(
  step: RowStep,
  { columns }: Mapping,
  nameOf: (column: string) => string,
  notes: readonly RepairedCell[] = [],
): RowStep {
  const held = new Set(columns.map(({ to }) => to));
  const problems = step.problems.map((problem) => ({
    ...problem,
    column: nameOf(problem.column),
    // Its detail is the columns that could name somebody: those of them that the file has.
    ...(problem.code === 'no-identifier' && problem.detail !== undefined
      ? { detail: theirs(problem.detail, held, nameOf) }
      : {}),
    ...(problem.detail?.startsWith(BEFORE) === true
      ? { detail: `${BEFORE}${nameOf(problem.detail.slice(BEFORE.length))}` }
      : {}),
  }));
  return { ...step, problems, ...(notes.length === 0 ? {} : { notes }) };
}

/** How a detail begins that names another column of the row. */
const BEFORE = 'not before ';

function theirs(columns: string, held: ReadonlySet<string>, nameOf: (column: string) => string): string {
  const known = columns.split(', ').filter((column) => held.has(column));
  return known.map(nameOf).join(', ');
}

function emptyFile(kind: ImportKind): RowProblem {
  const { required, oneOf = [] } = COLUMNS_OF[kind];
  return rowProblem(1, '', 'file-empty', [...required, ...oneOf.flat()].join(', '));
}

/** A fault of a cell stands once in the list, however many decisions its row makes. */
function pushAll(reader: RowReader, rows: readonly NamedRow[], spoiled: readonly RowProblem[]): ImportStep {
  const steps = rows.map((row) => reader.push(row, spoiled));
  const [only] = steps;
  if (steps.length === 1 && only !== undefined) return only;
  const problems = steps.flatMap((step) => step.problems);
  const once = new Map(
    problems.map((problem) => [`${problem.column} ${problem.code} ${problem.detail ?? ''}`, problem]),
  );
  return {
    items: steps.flatMap(({ items }) => items),
    noted: steps.flatMap(({ noted }) => noted ?? []),
    problems: spoiled.length === 0 ? problems : steps.length === 0 ? spoiled : [...once.values()],
  };
}

type RowToItem = (row: NamedRow, country: string) => Result<ImportItem, readonly RowProblem[]>;
/** `spoiled`: what was wrong with cells that are left out of the row. */
type RowReader = Omit<TicketReader, 'push'> & {
  readonly push: (row: NamedRow, spoiled: readonly RowProblem[]) => ImportStep;
};
const ITEM_OF: Readonly<Record<Exclude<ImportKind, 'orders' | 'tickets' | 'consents'>, RowToItem>> = {
  customers: customerFromRow,
  events: eventFromRow,
  products: productFromRow,
  stores: storeFromRow,
  campaigns: campaignFromRow,
};

function readerOf(kind: ImportKind, country: string, apart?: ReadonlySet<string>): RowReader {
  if (kind === 'tickets' || kind === 'orders') return createTicketReader(country, kind, apart);
  const nothing: ImportStep = { items: [], problems: [] };
  const rest = { spoil: () => undefined, end: () => nothing };
  if (kind === 'consents') {
    return { ...rest, faults: () => [], push: (row, spoiled) => consentFromRow(row, country, spoiled) };
  }
  const itemOf = ITEM_OF[kind];
  return {
    ...rest,
    faults(row) {
      const item = itemOf(row, country);
      return item.ok ? [] : item.refusal;
    },
    push(row) {
      const item = itemOf(row, country);
      return item.ok ? { items: [item.value], problems: [] } : { items: [], problems: item.refusal };
    },
  };
}

function ready({ items, problems, noted }: ImportStep, rows: number): RowStep {
  const fitting: ReadyItem[] = [];
  const large: RowProblem[] = [];
  for (const { line, json } of items) {
    const text = JSON.stringify(json);
    if (Buffer.byteLength(text) <= COLLECT_LIMITS.itemBytesMax) fitting.push({ line, json: text });
    else large.push(rowProblem(line, '', 'item-too-large'));
  }
  const step = { rows, items: fitting, problems: large.length === 0 ? problems : [...problems, ...large] };
  return noted === undefined ? step : { ...step, noted };
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
