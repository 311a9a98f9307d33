import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, readFile, rm, truncate } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { PROBLEMS, type RowProblem } from '@filrouge/wire';
import type { Language } from '../words/figures.ts';

/** First line of every `errors.csv`. */
export const ERRORS_HEADER = 'line,column,code,reason,mend';

/** How far a list had come, and the hash of it up to there. */
export type ErrorsMark = { readonly bytes: number; readonly lines: number; readonly sha256: string };

/**
 * The file of refused lines, made at the first of them. One left by an earlier import under the same name is replaced,
 * or removed where nothing is refused any more: an old list beside a good file would mislead.
 */
export class ErrorsFile {
  readonly path: string;
  readonly #language: Language;
  #stream: WriteStream | undefined;
  #lines = 0;
  #bytes = 0;
  /** Of all that was written: an interrupted import goes on with its own list and no other's. */
  readonly #hash = createHash('sha256');

  constructor(path: string, language: Language) {
    this.path = path;
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
    const kept = await beginningOf(this.path, bytes);
    if (kept === undefined || createHash('sha256').update(kept).digest('hex') !== sha256) return false;
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
    this.#stream ??= await this.#begin();
    this.#lines += problems.length;
    const text = problems.map((problem) => errorLine(problem, this.#language)).join('');
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
    if (this.#stream === undefined && (await isErrorsFile(this.path))) await rm(this.path);
  }

  async #begin(): Promise<WriteStream> {
    const stream = createWriteStream(this.path, { mode: 0o600 });
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

/** The first bytes of a file; undefined where it has fewer, or is not there. */
async function beginningOf(path: string, bytes: number): Promise<Buffer | undefined> {
  try {
    const content = await readFile(path);
    return content.length < bytes ? undefined : content.subarray(0, bytes);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fault;
  }
}

/** Whether a file is a list that an earlier import wrote. */
export async function isErrorsFile(path: string): Promise<boolean> {
  try {
    const handle = await open(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(ERRORS_HEADER.length), 0, ERRORS_HEADER.length, 0);
      return buffer.toString('utf8', 0, bytesRead) === ERRORS_HEADER;
    } finally {
      await handle.close();
    }
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fault;
  }
}

function errorLine({ line, column, code, detail, ...told }: RowProblem, language: Language): string {
  // A newer server may refuse for a reason that this command does not know: then its own words stand.
  const { message, mend } = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code][language] : told;
  const reason = detail === undefined ? message : `${message} (${detail})`;
  return `${[String(line), column, code, reason, mend].map(csvCell).join(',')}\n`;
}

/**
 * A text as a cell that a spreadsheet takes as text: what would be read as a formula gets an apostrophe (OWASP, CSV
 * injection), what holds a comma, a quote or a line's end is quoted.
 */
export function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) && !/^-?\d+([.]\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
