import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { RowProblem } from '@filrouge/wire';
import { CommandFailure } from '../command-failure.ts';
import type { Language } from '../words/figures.ts';
import { type Batch, batchesOf } from './batches.ts';
import { ErrorsFile } from './errors-file.ts';
import type { ImportKind } from './import-kind.ts';
import { itemsOfCsv, itemsOfLines, type RowStep } from './import-rows.ts';

/** Takes one batch: answers what the door rejected of it. Errors: `CommandFailure`. */
export type SendBatch = (batch: Batch) => Promise<readonly RowProblem[]>;

export type ImportJob = {
  readonly kind: ImportKind;
  readonly file: string;
  readonly format: 'csv' | 'ndjson';
  /** For telephone numbers without country code. */
  readonly country: string;
  readonly errorsFile: string;
  /** In which the reasons of the errors file are written. */
  readonly language: Language;
  readonly send: SendBatch;
  readonly itemsMax: number;
  readonly requestsMax: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
};

/** Where an import stands: rows that are through, and how much of the file has been read. */
export type ImportProgress = { readonly rows: number; readonly share: number };

/** What came of a file. `rows` are read ones but the first line of a CSV, `items` are what they made. */
export type ImportSummary = {
  rows: number;
  /** Lines that made no item. */
  refused: number;
  items: number;
  /** Items that the door took: new ones, and those it had already. */
  accepted: number;
  /** Items that the door refused. */
  rejected: number;
  /** False: the rest of the file could not be read. */
  complete: boolean;
  /** Where the refused lines stand; null where there are none. */
  errors: string | null;
};

/**
 * Reads a file and hands it over in batches, some of them in flight together, with memory that does not grow with it.
 * Whatever is refused, here or by the door, is a line of the errors file, in the order of the batches.
 * Errors: `CommandFailure`, those of the file system, that of the signal.
 */
export async function importFile(job: ImportJob): Promise<ImportSummary> {
  const { size } = await statOf(job.file);
  const stream = createReadStream(job.file, { highWaterMark: 1 << 18, signal: job.signal });
  const errors = new ErrorsFile(job.errorsFile, job.language);
  const summary = { rows: 0, refused: 0, items: 0, accepted: 0, rejected: 0, complete: true, errors: null };
  try {
    await run(job, stepsOf(job, stream), {
      summary,
      errors,
      told: () => job.onProgress?.({ rows: summary.rows, share: size === 0 ? 1 : stream.bytesRead / size }),
    });
    await errors.removeStale();
  } finally {
    stream.destroy();
    await errors.close();
  }
  return { ...summary, errors: errors.lines === 0 ? null : job.errorsFile };
}

type Books = { readonly summary: ImportSummary; readonly errors: ErrorsFile; readonly told: () => void };

async function run(job: ImportJob, steps: AsyncIterable<RowStep>, books: Books): Promise<void> {
  const inFlight: { readonly batch: Batch; readonly rejected: Promise<readonly RowProblem[]> }[] = [];
  try {
    for await (const batch of batchesOf(steps, job.itemsMax)) {
      job.signal.throwIfAborted();
      const rejected = batch.lines.length === 0 ? Promise.resolve([]) : job.send(batch);
      // Seen when its turn comes; until then a refusal must not count as nobody's.
      rejected.catch(() => undefined);
      inFlight.push({ batch, rejected });
      if (inFlight.length >= job.requestsMax) await settleFirst(inFlight, books);
    }
    while (inFlight.length > 0) await settleFirst(inFlight, books);
  } finally {
    await Promise.allSettled(inFlight.map(({ rejected }) => rejected));
  }
}

async function settleFirst(
  inFlight: { readonly batch: Batch; readonly rejected: Promise<readonly RowProblem[]> }[],
  { summary, errors, told }: Books,
): Promise<void> {
  const first = inFlight.shift();
  if (first === undefined) return;
  const { batch } = first;
  const rejected = await first.rejected;
  summary.rows += batch.rows;
  summary.refused += batch.problems.length;
  summary.items += batch.lines.length;
  summary.rejected += new Set(rejected.map(({ line }) => line)).size;
  summary.accepted = summary.items - summary.rejected;
  summary.complete &&= !batch.unread;
  await errors.write([...batch.problems, ...rejected].sort((a, b) => a.line - b.line));
  told();
}

function stepsOf({ kind, format, country }: ImportJob, stream: Readable): AsyncGenerator<RowStep> {
  return format === 'csv' ? itemsOfCsv(kind, stream, country) : itemsOfLines(kind, stream);
}

async function statOf(file: string): Promise<{ readonly size: number }> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new CommandFailure(`${file} is no file`, 'Name a CSV or NDJSON file');
    return found;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault;
    throw new CommandFailure(`there is no file ${file}`, 'Check the name and the directory');
  }
}
