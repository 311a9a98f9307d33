import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { JsonObject } from '@filrouge/domain/base';
import { EXPORT_COLUMNS, type ExportedKind, exportRows } from '@filrouge/wire/export';
import { csvCell } from '@filrouge/wire/import';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';

export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Rows of a Parquet file that are written together, and can be read apart. */
const GROUP_ROWS = 20_000;
/** Without it Excel takes UTF-8 for the alphabet of its machine. */
const BYTE_ORDER_MARK = '\uFEFF';

/** A file that is written line by line. Errors: those of the file system. */
export type RowWriter = {
  /** One line of the server's NDJSON, without its end. */
  readonly write: (line: string) => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Opens a file for nobody but its owner. `bom`: a CSV begins with the mark by which Excel knows it to be UTF-8. */
export async function openRowWriter(
  path: string,
  kind: ExportedKind,
  { format, bom }: { readonly format: ExportFormat; readonly bom: boolean },
): Promise<RowWriter> {
  if (format === 'parquet') return openParquet(path, kind);
  const stream = createWriteStream(path, { mode: 0o600, highWaterMark: 1 << 18 });
  await once(stream, 'open');
  const put = async (text: string): Promise<void> => {
    if (!stream.write(text)) await once(stream, 'drain');
  };
  const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;
  if (format === 'csv') await put(`${bom ? BYTE_ORDER_MARK : ''}${csvLine(EXPORT_COLUMNS[kind])}`);
  return {
    write: (line) =>
      put(
        format === 'ndjson'
          ? `${line}\n`
          : exportRows(kind, JSON.parse(line) as JsonObject)
              .map(csvLine)
              .join(''),
      ),
    async end() {
      stream.end();
      await finished(stream);
    },
  };
}

/** The columns of the CSV, as texts that need no mark: no spreadsheet takes a typed text for a formula. */
async function openParquet(path: string, kind: ExportedKind): Promise<RowWriter> {
  const names = EXPORT_COLUMNS[kind];
  // The library would make a file that everybody may read; one that is there keeps its rights.
  await writeFile(path, '', { mode: 0o600 });
  const file = new ParquetWriter({
    writer: fileWriter(path),
    schema: [
      { name: 'root', num_children: names.length },
      ...names.map((name) => ({
        name,
        type: 'BYTE_ARRAY' as const,
        converted_type: 'UTF8' as const,
        repetition_type: 'OPTIONAL' as const,
      })),
    ],
    createdBy: 'filrouge',
    // Bounds of a column are values of somebody's.
    statistics: false,
  });
  let columns: (string | null)[][] = names.map(() => []);
  const flush = async (): Promise<void> => {
    if (columns[0]?.length === 0) return;
    await file.write({ columnData: names.map((name, at) => ({ name, data: columns[at] ?? [] })) });
    columns = names.map(() => []);
  };
  return {
    async write(line) {
      for (const row of exportRows(kind, JSON.parse(line) as JsonObject)) {
        for (const [at, cell] of row.entries()) columns[at]?.push(cell === '' ? null : cell);
      }
      if ((columns[0]?.length ?? 0) >= GROUP_ROWS) await flush();
    },
    async end() {
      await flush();
      await file.finish();
    },
  };
}
