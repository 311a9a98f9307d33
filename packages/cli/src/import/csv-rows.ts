import type { Readable } from 'node:stream';
import type { FileRow, RowProblem } from '@filrouge/wire';
import { rowProblem } from '@filrouge/wire';
import type { Delimiter } from '@filrouge/wire/import';
import { type CsvError, parse } from 'csv-parse';

/** Characters of one record: beyond, a quote was opened and the file swallowed. */
const RECORD_CHARACTERS_MAX = 1 << 20;

/** A row as it stands, or one that cannot be trusted, with its cells as far as they go. */
export type CsvRow = { readonly row: FileRow; readonly problem?: RowProblem };

/** What ends the reading of a file: a quote that swallows what follows. */
export type CsvEnd = { readonly problem: RowProblem };

type ParsedRecord = { readonly record: readonly string[]; readonly info: { readonly empty_lines: number } };

/** How the cells of a file are set apart; `told`: its first line says so, and is no row. */
export type CsvForm = { readonly delimiter: Delimiter; readonly told: boolean };

const COMMAS: CsvForm = { delimiter: ',', told: false };

/**
 * Records of an RFC 4180 file in UTF-8, one at a time, each with the line on which it begins; empty lines are passed
 * over. A quote inside an unquoted cell is a character like another. Yields `CsvEnd`, last, where no further row can be
 * told apart. Errors: those of the stream.
 */
export async function* csvRows(bytes: Readable, form: CsvForm = COMMAS): AsyncGenerator<CsvRow | CsvEnd> {
  const parser = bytes.compose(
    parse({
      bom: true,
      delimiter: form.delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      max_record_size: RECORD_CHARACTERS_MAX,
    }),
  );
  // The parser's own count of lines takes a line end of two characters inside quotes for two.
  let next = 1;
  let blank = 0;
  let skip = form.told;
  try {
    for await (const { record, info } of parser as AsyncIterable<ParsedRecord>) {
      const row = { line: next + info.empty_lines - blank, cells: record };
      blank = info.empty_lines;
      next = row.line + 1 + newlinesIn(record);
      if (record.length === 1 && record[0]?.trim() === '') continue;
      if (skip) {
        skip = false;
        continue;
      }
      const problem = distrust(row);
      yield problem === undefined ? { row } : { row, problem };
    }
  } catch (fault) {
    if (!isCsvError(fault)) throw fault;
    yield { problem: rowProblem(next, '', 'file-cut-short') };
  }
}

function newlinesIn(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) if (/[\r\n]/.test(cell)) count += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
  return count;
}

function distrust({ line, cells }: FileRow): RowProblem | undefined {
  // An unclosed quote reads on to the next one, lines later, and leaves its own in the cell.
  if (cells.some((cell) => cell.startsWith('"') && /[\r\n]/.test(cell)))
    return rowProblem(line, '', 'quote-not-closed');
  if (cells.some((cell) => cell.includes('\uFFFD'))) return rowProblem(line, '', 'row-not-utf8');
  return undefined;
}

function isCsvError(fault: unknown): fault is CsvError {
  const { code } = fault as { readonly code?: unknown };
  return fault instanceof Error && (code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE');
}
