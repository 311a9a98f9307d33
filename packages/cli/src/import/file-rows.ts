import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { DECODER_LABELS, type Delimiter, detectDelimiter, type Encoding } from '@filrouge/wire/import';
import { type CsvEnd, type CsvForm, type CsvRow, csvRows } from './csv-rows.ts';
import type { InspectedFile } from './inspect-file.ts';
import { parquetRows } from './parquet-rows.ts';

/** Bytes of the beginning in which the delimiter is looked for. */
const HEAD_BYTES = 1 << 18;

/** A file that is read row by row from its first line, as often as somebody asks. */
export type RowFile = {
  /** The first row holds the names of the columns. Errors: those of the file system, that of the signal. */
  readonly rows: (signal: AbortSignal) => AsyncGenerator<CsvRow | CsvEnd>;
  /** How much of the file the latest reading has seen, from 0 to 1. */
  readonly share: () => number;
  /** What sets its cells apart; undefined where nothing does. */
  readonly delimiter?: Delimiter;
};

/** Rows of a CSV or Parquet file. Errors: those of the file system. */
export async function openRowFile(file: InspectedFile, told: { readonly delimiter?: Delimiter }): Promise<RowFile> {
  let seen = 0;
  const share = (): number => (file.size === 0 ? 1 : seen);
  if (file.format === 'parquet') {
    return { rows: () => parquetRows(file.path, (part) => { seen = part; }), share }; // biome-ignore format: one line
  }
  const form = formOf(await headOf(file), told.delimiter);
  return {
    share,
    delimiter: form.delimiter,
    async *rows(signal) {
      const stream = createReadStream(file.path, { highWaterMark: 1 << 18, signal });
      try {
        for await (const row of csvRows(asUtf8(stream, file.encoding), form)) {
          seen = stream.bytesRead / file.size;
          yield row;
        }
      } finally {
        stream.destroy();
      }
    },
  };
}

function formOf(head: string, told: Delimiter | undefined): CsvForm {
  const found = detectDelimiter(head);
  return told === undefined ? found : { delimiter: told, told: found.told };
}

async function headOf(file: InspectedFile): Promise<string> {
  const handle = await open(file.path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return new TextDecoder(DECODER_LABELS[file.encoding]).decode(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** The bytes of a text in UTF-8, whatever it is written in. */
export function asUtf8(stream: Readable, encoding: Encoding): Readable {
  return encoding === 'utf-8' ? stream : Readable.from(decoded(stream, encoding), { objectMode: false });
}

async function* decoded(stream: Readable, encoding: Encoding): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(DECODER_LABELS[encoding]);
  for await (const chunk of stream as AsyncIterable<Buffer>) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  const rest = decoder.decode();
  if (rest !== '') yield Buffer.from(rest);
}
