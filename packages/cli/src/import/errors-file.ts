import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, rm, truncate } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { PROBLEMS, type RowProblem } from '@filrouge/wire';
import type { Language } from '../words/figures.ts';

/** First line of every `errors.csv`. */
export const ERRORS_HEADER = 'line,column,code,reason,mend';

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

  constructor(path: string, language: Language) {
    this.path = path;
    this.#language = language;
  }

  /** Lines written so far. */
  get lines(): number {
    return this.#lines;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Goes on with the list of an interrupted import, of which so many bytes and lines are known to be right. */
  async resume(bytes: number, lines: number): Promise<void> {
    if (bytes === 0) return;
    await truncate(this.path, bytes);
    this.#stream = createWriteStream(this.path, { flags: 'a', mode: 0o600 });
    await once(this.#stream, 'open');
    this.#bytes = bytes;
    this.#lines = lines;
  }

  async write(problems: readonly RowProblem[]): Promise<void> {
    if (problems.length === 0) return;
    this.#stream ??= await this.#begin();
    this.#lines += problems.length;
    const text = problems.map((problem) => errorLine(problem, this.#language)).join('');
    this.#bytes += Buffer.byteLength(text);
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
    this.#bytes = ERRORS_HEADER.length + 1;
    return stream;
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
