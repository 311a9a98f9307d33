import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { createEncodingWitness, type Encoding } from '@filrouge/wire/import';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';
import { noSuchFile } from '../file-fault.ts';

export const FILE_FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** What a first reading of all bytes of a file says: its content by hash, and the encoding of its text. */
export type InspectedFile = {
  readonly path: string;
  readonly size: number;
  readonly format: FileFormat;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly encoding: Encoding;
};

/** Formats that are no rows yet, by their first bytes, and what to do with them. */
const FOREIGN: readonly (readonly [first: string, what: string, mend: string])[] = [
  [
    '504b0304',
    'a spreadsheet or a compressed archive',
    'Save the sheet as CSV, or unpack the archive, and import that',
  ],
  ['d0cf11e0', 'a spreadsheet of an old program', 'Save the sheet as CSV and import that'],
  ['1f8b', 'compressed', 'Unpack it with gzip -d and import that'],
  ['25504446', 'a PDF document', 'Export the data as CSV and import that'],
];

/** Share of control characters from which bytes are no text; a broken row here and there stays below. */
const CONTROL_SHARE = 0.01;

/** Reads a file once from end to end. Errors: `CommandFailure`, those of the file system, that of the signal. */
export async function inspectFile(
  path: string,
  told: { readonly format?: FileFormat; readonly encoding?: Encoding },
  signal: AbortSignal,
): Promise<InspectedFile> {
  const size = await sizeOf(path);
  const hash = createHash('sha256');
  const witness = createEncodingWitness();
  let first: Buffer | undefined;
  let controls = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }) as AsyncIterable<Buffer>) {
    if (first === undefined) {
      first = chunk.subarray(0, 8);
      controls = controlShare(chunk);
    }
    hash.update(chunk);
    witness.push(chunk);
  }
  const format = told.format ?? formatOf(path, first);
  refuseForeign(path, first);
  const encoding = told.encoding ?? witness.verdict();
  if (format !== 'parquet' && !encoding.startsWith('utf-16') && controls >= CONTROL_SHARE) throw noText(path);
  return { path, size, format, sha256: hash.digest('hex'), encoding };
}

/** Share of bytes that no text in UTF-8 or cp1252 holds: below the blank, but ends of lines and pages, tab, and the old mark of an end. */
function controlShare(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1a) count += 1;
  return bytes.length === 0 ? 0 : count / bytes.length;
}

function noText(path: string): CommandFailure {
  return new CommandFailure(
    `${path} is no text file`,
    'Export the data as CSV and import that; where it is text in UTF-16, say so with --encoding utf-16le or utf-16be',
  );
}

function formatOf(path: string, first: Buffer | undefined): FileFormat {
  if (first?.toString('latin1', 0, 4) === 'PAR1') return 'parquet';
  return ['.ndjson', '.jsonl', '.json'].includes(extname(path).toLowerCase()) ? 'ndjson' : 'csv';
}

function refuseForeign(path: string, first: Buffer | undefined): void {
  const begin = first?.toString('hex') ?? '';
  const [, what, mend] = FOREIGN.find(([bytes]) => begin.startsWith(bytes)) ?? [];
  if (what !== undefined && mend !== undefined) throw new CommandFailure(`${path} is ${what}`, mend);
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (!found.isFile()) {
      const mend = 'Name a CSV, NDJSON or Parquet file';
      throw new CommandFailure(`${file} is no file`, mend, EXIT.usage, { code: 'no-such-file' });
    }
    return found.size;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault;
    throw noSuchFile(file);
  }
}
