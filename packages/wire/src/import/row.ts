import type { ProblemCode } from '../problem/catalogue.ts';
import { PROBLEMS } from '../problem/catalogue.ts';

/** One record of a file as the reader of bytes hands it over: cells in the order of the first line. */
export type FileRow = {
  /** Line of the file on which the record begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
};

/** One line of `errors.csv`: what is wrong, where, how to mend it. Never repeats the cell. */
export type RowProblem = {
  readonly line: number;
  readonly column: string;
  readonly code: ProblemCode;
  readonly message: string;
  readonly mend: string;
  readonly detail?: string;
};

export function rowProblem(line: number, column: string, code: ProblemCode, detail?: string): RowProblem {
  const { en } = PROBLEMS[code];
  const problem = { line, column, code, message: en.message, mend: en.mend };
  return detail === undefined ? problem : { ...problem, detail };
}

/** The cells of a row by column name; an absent or empty cell is undefined. */
export type NamedRow = {
  readonly line: number;
  readonly cell: (column: string) => string | undefined;
  /** Columns whose cell holds something that could not be read, and was told: it is undefined, yet not missing. */
  readonly spoilt?: ReadonlySet<string>;
};

/** What columns a file may and must have; of each list in `oneOf` at least one. */
export type Columns = {
  readonly required: readonly string[];
  readonly oneOf?: readonly (readonly string[])[];
  readonly optional: readonly string[];
};

export type Header =
  | {
      readonly ok: true;
      readonly read: (row: FileRow) => NamedRow | RowProblem;
      /** The cells of a row that `read` refused, as far as they go: only good for telling what it belongs to. */
      readonly glance: (row: FileRow) => NamedRow;
    }
  | { readonly ok: false; readonly problems: readonly RowProblem[] };

/** Checks the first line against the fixed column names; order is free, names are exact after trimming. */
export function readHeader(first: FileRow, columns: Columns): Header {
  const names = first.cells.map((cell) => cell.trim());
  const oneOf = columns.oneOf ?? [];
  const known = new Set([...columns.required, ...oneOf.flat(), ...columns.optional]);
  const problems = [
    ...columns.required
      .filter((name) => !names.includes(name))
      .map((name) => rowProblem(first.line, name, 'column-missing')),
    ...oneOf
      .filter((each) => !each.some((name) => names.includes(name)))
      .map((each) => rowProblem(first.line, each[0] ?? '', 'column-missing', each.join(', '))),
    ...names.filter((name) => !known.has(name)).map((name) => rowProblem(first.line, name, 'column-unknown')),
    ...names
      .filter((name, place) => names.indexOf(name) !== place)
      .map((name) => rowProblem(first.line, name, 'column-repeated')),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const places = new Map(names.map((name, place) => [name, place]));
  const glance = (row: FileRow): NamedRow => ({ line: row.line, cell: (column) => cellAt(row, places.get(column)) });
  return {
    ok: true,
    glance,
    read: (row) => {
      if (row.cells.length < names.length) return rowProblem(row.line, '', 'row-too-short', `${names.length} columns`);
      if (row.cells.length > names.length) return rowProblem(row.line, '', 'row-too-long', `${names.length} columns`);
      return glance(row);
    },
  };
}

function cellAt(row: FileRow, place: number | undefined): string | undefined {
  const text = place === undefined ? undefined : row.cells[place]?.trim();
  return text === undefined || text === '' ? undefined : text;
}

export function isRowProblem(value: NamedRow | RowProblem): value is RowProblem {
  return 'code' in value;
}
