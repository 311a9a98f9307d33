import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, rm, truncate } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { PROBLEMS, type RowProblem } from '@filrouge/wire';
import { csvCell, detailWords, mendWords } from '@filrouge/wire/import';
import type { Language } from '../words/figures.ts';

/** First line of every `errors.csv`. */
export const ERRORS_HEADER = 'line,column,code,reason,mend,import';

/** In which the first line of a list is found: its texts are those of the catalogue. */
const BEGINNING_BYTES_MAX = 64 * 1024;

/** How far a list had come, and the hash of it up to there. */
export type ErrorsMark = { readonly bytes: number; readonly lines: number; readonly sha256: string };

/**
 * The file of refused lines, made at the first of them. Its last column names the import, so that several lists can be
 * told apart. One that the same import left earlier is replaced, or removed where nothing is refused any more: an old
 * list beside a good file would mislead.
 */
export class ErrorsFile {
  /** Undefined where none is kept: then its lines are counted alone. */
  readonly path: string | undefined;
  readonly #importName: string;
  readonly #language: Language;
  #stream: WriteStream | undefined;
  #lines = 0;
  #bytes = 0;
  /** Of all that was written: an interrupted import goes on with its own list and no other's. */
  readonly #hash = createHash('sha256');

  constructor(path: string | undefined, importName: string, language: Language) {
    this.path = path;
    this.#importName = importName;
    this.#language = language;
  }

  /** Lines written so far. */
  get lines(): number {
    return this.#lines;
  }

  /** How much was written so far, and what. */
  get mark(): ErrorsMark {
    return { bytes: this.#bytes, lines: this.#lines, sha256: this.#hash.copy().digest('hex') };
  }

  /** Goes on with the list of an interrupted import, as it stood at a mark. False: the file has become another. */
  async resume({ bytes, lines, sha256 }: ErrorsMark): Promise<boolean> {
    if (bytes === 0) return true;
    if (this.path === undefined) return false;
    const kept = await beginningOf(this.path, bytes);
    if (kept.length < bytes || createHash('sha256').update(kept).digest('hex') !== sha256) return false;
    await truncate(this.path, bytes);
    this.#stream = createWriteStream(this.path, { flags: 'a', mode: 0o600 });
    await once(this.#stream, 'open');
    this.#hash.update(kept);
    this.#bytes = bytes;
    this.#lines = lines;
    return true;
  }

  async write(problems: readonly RowProblem[]): Promise<void> {
    if (problems.length === 0) return;
    this.#lines += problems.length;
    if (this.path === undefined) return;
    this.#stream ??= await this.#begin(this.path);
    const text = problems.map((problem) => errorLine(problem, this.#importName, this.#language)).join('');
    this.#note(text);
    if (!this.#stream.write(text)) await once(this.#stream, 'drain');
  }

  /** Ends the file. Errors: those of the file system. */
  async close(): Promise<void> {
    if (this.#stream === undefined) return;
    this.#stream.end();
    await finished(this.#stream);
  }

  /** Once all is through: takes away a list that an earlier import left and nothing replaced. */
  async removeStale(): Promise<void> {
    if (this.#stream !== undefined || this.path === undefined) return;
    if (await listsErrorsOf(this.path, this.#importName)) await rm(this.path);
  }

  async #begin(path: string): Promise<WriteStream> {
    const stream = createWriteStream(path, { mode: 0o600 });
    await once(stream, 'open');
    stream.write(`${ERRORS_HEADER}\n`);
    this.#note(`${ERRORS_HEADER}\n`);
    return stream;
  }

  #note(text: string): void {
    this.#bytes += Buffer.byteLength(text);
    this.#hash.update(text);
  }
}

/** Up to so many bytes from the beginning of a file; none where there is no file. */
async function beginningOf(path: string, bytes: number): Promise<Buffer> {
  try {
    const handle = await open(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR') return Buffer.alloc(0);
    throw fault;
  }
}

/** Whether a file is a list that an earlier import wrote. */
export async function isErrorsFile(path: string): Promise<boolean> {
  return (await beginningOf(path, ERRORS_HEADER.length)).toString('utf8') === ERRORS_HEADER;
}

/** Whether a file is the list that an earlier import under this name wrote. */
export async function listsErrorsOf(path: string, importName: string): Promise<boolean> {
  if (!(await isErrorsFile(path))) return false;
  const text = (await beginningOf(path, BEGINNING_BYTES_MAX)).toString('utf8');
  const [, first = ''] = text.split('\n');
  return first.endsWith(`,${csvCell(importName)}`);
}

function errorLine(
  { line, column, code, detail, ...told }: RowProblem,
  importName: string,
  language: Language,
): string {
  // A newer server may refuse for a reason that this command does not know: then its own words stand.
  const { message, mend } = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code][language] : told;
  const mended = mendWords(code, detail, language) ?? mend;
  // The columns that could be filled stand in the mend.
  const more = detail === undefined || code === 'no-identifier' ? '' : ` (${detailWords(detail, language)})`;
  const reason = `${message}${more}`;
  return `${[String(line), column, code, reason, mended, importName].map(csvCell).join(',')}\n`;
}
