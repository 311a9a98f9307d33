import type { RowProblem } from '@filrouge/wire';
import type { RepairNote } from '@filrouge/wire/import';
import type { Language } from '../words/figures.ts';
import { type Batch, batchesOf } from './batches.ts';
import { ErrorsFile } from './errors-file.ts';
import type { RowStep } from './import-rows.ts';
import { ImportUndone } from './import-undone.ts';
import { type NoteCounts, withNotes } from './note-tally.ts';
import { type RefusalReason, withReasons } from './refusal-tally.ts';
import type { ResumeFile } from './resume-state.ts';

/** What the door says of a batch: what it rejected, and how many items of a time to come it took as of their receipt. */
export type SentBatch = {
  readonly rejected: readonly RowProblem[];
  readonly datedAhead: number;
  /** Of those that were not rejected; undefined where the door does not say. */
  readonly outcome?: Outcome | undefined;
};

/** How many were new to the door, there already, withheld for want of permission, and put aside as not processable. */
export type Outcome = {
  readonly new: number;
  readonly duplicates: number;
  readonly withheld: number;
  readonly quarantined: number;
};

/** Takes one batch. Errors: `CommandFailure`. */
export type SendBatch = (batch: Batch) => Promise<SentBatch>;

const NOTHING: Outcome = { new: 0, duplicates: 0, withheld: 0, quarantined: 0 };
const NOTHING_SENT: SentBatch = { rejected: [], datedAhead: 0, outcome: NOTHING };

export type ImportJob = {
  /** Named in every request, so that what a file brought can be told from the rest. */
  readonly importId: string;
  /** What the file comes to, from its first line; the same at every call. */
  readonly steps: () => AsyncIterable<RowStep>;
  /** How much of the file the steps have seen, from 0 to 1. */
  readonly share: () => number;
  /** Undefined: what is refused is told, and no list of it kept. */
  readonly errorsFile: string | undefined;
  /** How the import is named in it. */
  readonly importName: string;
  /** In which the reasons of the errors file are written. */
  readonly language: Language;
  readonly send: SendBatch;
  /** The file's own name of a column that the door speaks of. */
  readonly nameOf: (column: string) => string;
  readonly itemsMax: number;
  readonly requestsMax: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Where it is noted how far the import came; without it an interrupted import begins anew. */
  readonly resume?: ResumeFile;
  /** The run of the import that took what was sent, and the way to go on with one. */
  readonly run?: { readonly now: () => number | undefined; readonly goOnWith: (run: number) => void };
};

/** Where an import stands: rows that are through, and how much of the file has been read. */
export type ImportProgress = { readonly rows: number; readonly share: number };

/** What came of a file. `rows` are read ones but the first line of a CSV, `items` are what they made. */
export type ImportSummary = {
  rows: number;
  /** Rows that made no item: they could not be read, or another of the same ticket could not. */
  refused: number;
  items: number;
  /** Items that the door took: new ones, and those it had already. */
  accepted: number;
  /** What became of the accepted ones; null where the door did not say it of all. */
  outcome: Outcome | null;
  /** Items that the door refused. */
  rejected: number;
  /** Items of a time to come, which the door dated to their receipt (S4). */
  datedAhead: number;
  /** Cells that were repaired beyond their notation, by what was done. */
  repairs: Partial<Record<RepairNote, number>>;
  /** What is to be known of rows that were taken, by note. */
  notes: NoteCounts;
  /** Rows that an earlier, interrupted run had sent. */
  resumed: number;
  /** Why lines were refused, here and by the door. */
  reasons: readonly RefusalReason[];
  /** False: the rest of the file could not be read, or all of it. */
  complete: boolean;
  /** Where the refused lines stand; null where there are none, or no list of them could be kept. */
  errors: string | null;
};

/** How often it is noted how far an import came. A crash costs that much work, which is sent again and recognised. */
const NOTED_EVERY_MS = 1_000;

/**
 * Reads a file and hands it over in batches, some of them in flight together, with memory that does not grow with it. One
 * that was interrupted goes on after the last batch that is known to be through. Whatever is refused, here or by the door,
 * is a line of the errors file, in the order of the batches.
 * Errors: `CommandFailure`, those of the file system, that of the signal.
 */
export async function importFile(job: ImportJob): Promise<ImportSummary> {
  const errors = new ErrorsFile(job.errorsFile, job.importName, job.language);
  const noted = await job.resume?.read();
  // A list that another import has written over since cannot be gone on with: then all is sent again, and recognised.
  const state = noted !== undefined && (await errors.resume(noted.errors)) ? noted : undefined;
  if (state?.run !== undefined) job.run?.goOnWith(state.run);
  const summary: ImportSummary = {
    ...(state?.summary ?? {
      rows: 0,
      refused: 0,
      items: 0,
      accepted: 0,
      outcome: NOTHING,
      rejected: 0,
      datedAhead: 0,
      repairs: {},
      notes: {},
      reasons: [],
    }),
    resumed: state?.summary.rows ?? 0,
    complete: true,
    errors: null,
  };
  const books: Books = { summary, errors, through: state?.batches ?? 0, notedAt: performance.now() };
  try {
    await run(job, books);
    // What only looks takes nothing away.
    if (job.resume !== undefined) await errors.removeStale();
    await job.resume?.remove();
  } catch (fault) {
    // Of an import that was undone nothing is through: the next begins at the first line.
    if (fault instanceof ImportUndone) await job.resume?.remove();
    else await note(job, books);
    throw fault;
  } finally {
    await errors.close();
  }
  return { ...summary, errors: errors.lines === 0 ? null : (job.errorsFile ?? null) };
}

type Books = {
  readonly summary: ImportSummary;
  readonly errors: ErrorsFile;
  /** Batches that are through, counted from the first line of the file. */
  through: number;
  notedAt: number;
};

type InFlight = { readonly batch: Batch; readonly sent: Promise<SentBatch> };

async function run(job: ImportJob, books: Books): Promise<void> {
  const inFlight: InFlight[] = [];
  let before = books.through;
  let told = false;
  try {
    for await (const batch of batchesOf(job.steps(), job.itemsMax, job.importId)) {
      job.signal.throwIfAborted();
      if (before > 0) {
        before -= 1;
        continue;
      }
      if (!told) job.onProgress?.({ rows: books.summary.rows, share: job.share() });
      told = true;
      const sent = batch.lines.length === 0 ? Promise.resolve(NOTHING_SENT) : job.send(batch);
      // Seen when its turn comes; until then a refusal must not count as nobody's.
      sent.catch(() => undefined);
      inFlight.push({ batch, sent });
      if (inFlight.length >= job.requestsMax) await settleFirst(inFlight, job, books);
    }
    while (inFlight.length > 0) await settleFirst(inFlight, job, books);
  } finally {
    await Promise.allSettled(inFlight.map(({ sent }) => sent));
  }
}

async function settleFirst(inFlight: InFlight[], job: ImportJob, books: Books): Promise<void> {
  const first = inFlight.shift();
  if (first === undefined) return;
  const { batch } = first;
  const { summary, errors } = books;
  const sent = await first.sent;
  const rejected = sent.rejected.map((each) => ({ ...each, column: job.nameOf(each.column) }));
  summary.rows += batch.rows;
  // A first line that says nothing is no row: with it nothing was read at all.
  const headless = batch.unread && batch.rows === 0;
  if (!headless) summary.refused += new Set(batch.problems.map(({ line }) => line)).size;
  summary.items += batch.lines.length;
  summary.rejected += new Set(rejected.map(({ line }) => line)).size;
  summary.accepted = summary.items - summary.rejected;
  summary.outcome = together(summary.outcome, sent.outcome);
  summary.datedAhead += sent.datedAhead;
  summary.notes = withNotes(summary.notes, batch.noted);
  summary.complete &&= !batch.unread;
  const problems = [...batch.problems, ...rejected].sort((a, b) => a.line - b.line);
  const outside = new Set(problems.map(({ line }) => line));
  // What was repaired of a row that is refused all the same went nowhere.
  for (const { line, note: done } of batch.notes) {
    if (!outside.has(line)) summary.repairs[done] = (summary.repairs[done] ?? 0) + 1;
  }
  summary.reasons = withReasons(summary.reasons, problems);
  await errors.write(problems);
  books.through += 1;
  job.onProgress?.({ rows: summary.rows, share: job.share() });
  if (performance.now() - books.notedAt >= NOTED_EVERY_MS) await note(job, books);
}

function together(before: Outcome | null, more: Outcome | undefined): Outcome | null {
  if (before === null || more === undefined) return null;
  const sum = (name: keyof Outcome): number => before[name] + more[name];
  return { new: sum('new'), duplicates: sum('duplicates'), withheld: sum('withheld'), quarantined: sum('quarantined') };
}

async function note(job: ImportJob, books: Books): Promise<void> {
  if (job.resume === undefined || books.through === 0) return;
  const { resumed: _, complete: __, errors: ___, ...summary } = books.summary;
  const run = job.run?.now();
  const under = run === undefined ? {} : { run };
  await job.resume.save({ batches: books.through, ...under, errors: books.errors.mark, summary });
  books.notedAt = performance.now();
}
