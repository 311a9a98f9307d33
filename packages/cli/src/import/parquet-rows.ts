import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaElement,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { CommandFailure } from '../command-failure.ts';
import type { CsvRow } from './csv-rows.ts';

/** Rows that are decoded at a time. */
const ROWS_MAX = 20_000;

/**
 * Rows of a Parquet file, the names of its columns first. Values become the texts that a CSV file would hold: instants in
 * ISO 8601 (of UTC with its Z, of a wall clock without), decimals with a point, what is nested as JSON. A row's line is its number, from 1.
 * Errors: `CommandFailure` where the file is damaged.
 */
export async function* parquetRows(path: string, seen: (share: number) => void): AsyncGenerator<CsvRow> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((fault: unknown) => {
    throw damaged(path, fault);
  });
  const columns = parquetSchema(metadata).children.map(({ element }) => ({
    name: element.name,
    clock: clockOf(element),
  }));
  const names = columns.map(({ name }) => name);
  yield { row: { line: 0, cells: names } };
  const total = Number(metadata.num_rows);
  let begin = 0;
  for (const group of metadata.row_groups) {
    const end = begin + Number(group.num_rows);
    for (let rowStart = begin; rowStart < end; rowStart += ROWS_MAX) {
      const rowEnd = Math.min(rowStart + ROWS_MAX, end);
      const rows = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd }).catch(
        (fault: unknown) => {
          throw damaged(path, fault);
        },
      );
      for (const [at, row] of rows.entries()) {
        yield { row: { line: rowStart + at + 1, cells: columns.map(({ name, clock }) => textOf(row[name], clock)) } };
      }
      seen(total === 0 ? 1 : rowEnd / total);
    }
    begin = end;
  }
}

/** What a column's instants are: of UTC, of a wall clock whose zone the file does not say, or days. */
type Clock = 'utc' | 'wall' | 'day';

function clockOf({ converted_type, logical_type }: SchemaElement): Clock {
  if (converted_type === 'DATE' || logical_type?.type === 'DATE') return 'day';
  return logical_type?.type === 'TIMESTAMP' && !logical_type.isAdjustedToUTC ? 'wall' : 'utc';
}

function instantText(value: Date, clock: Clock): string {
  const text = value.toISOString();
  return clock === 'day' ? text.slice(0, 10) : clock === 'wall' ? text.slice(0, 19) : text;
}

function textOf(value: unknown, clock: Clock): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return instantText(value, clock);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? Number(each) : each));
}

function damaged(path: string, fault: unknown): CommandFailure {
  const why = fault instanceof Error ? fault.message : String(fault);
  return new CommandFailure(`${path} is no Parquet file that can be read: ${why}`, 'Write it again and import that');
}
