import { basename, dirname } from 'node:path';
import { PROBLEMS, type ProblemCode } from '@filrouge/wire';
import type { ImportKind, Mapping, RowNote } from '@filrouge/wire/import';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { amount, count, duration, type Language } from '../words/figures.ts';
import { textTable } from '../words/text-table.ts';
import type { ImportSummary } from './import-file.ts';
import { mappingText } from './mapping-file.ts';
import type { NoteCounts } from './note-tally.ts';

/** Items that --dry-run shows as they would be sent. */
const SHOWN_MAX = 3;
/** Reasons that are told; the list of refused lines has them all. */
const REASONS_SHOWN_MAX = 5;

/** What an import was asked to do, and what came of it. */
export type ToldImport = {
  readonly what: ImportKind;
  readonly file: string;
  readonly source: string;
  readonly importId: string;
  readonly mapping?: Mapping;
  readonly mappingFile?: string;
  readonly summary: ImportSummary;
  readonly ms: number;
  /** Of the reasons. */
  readonly language: Language;
  /** The first items, as JSON; of a dry run. */
  readonly first: readonly string[];
};

/** Keeps the first items of a run that sends nothing. */
export function showsFirst(first: string[], lines: number, body: Buffer): void {
  if (first.length >= SHOWN_MAX || lines === 0) return;
  const { batch } = JSON.parse(body.toString('utf8')) as { readonly batch: readonly unknown[] };
  for (const item of batch.slice(0, SHOWN_MAX - first.length)) first.push(JSON.stringify(item));
}

/** Says what came of a file. Errors: `CommandFailure` where the rest of it could not be read. */
export function tellImport(context: CommandContext, told: ToldImport): ExitCode {
  const { rows, refused, rejected, complete, errors } = told.summary;
  if (rows === 0 && complete) context.warn(`${told.file} holds no rows: nothing to import`);
  if (context.json) context.data(JSON.stringify(asJson(context, told)));
  else for (const line of asText(context, told)) context.data(line);
  if (!complete) {
    throw new CommandFailure(
      rows === 0 ? 'nothing of the file could be read' : 'the rest of the file could not be read',
      errors === null ? 'Mend it and import it again' : `See ${errors}, mend it and import it again`,
    );
  }
  return refused + rejected > 0 ? EXIT.differences : EXIT.done;
}

function asJson({ dryRun }: CommandContext, told: ToldImport): object {
  const { what, file, source, importId, mapping, mappingFile, summary, ms, first } = told;
  const { accepted, outcome, notes, ...counts } = summary;
  return {
    what,
    file,
    source,
    import: importId,
    dryRun,
    ...counts,
    keptBack: keptBack(summary),
    accepted: dryRun ? 0 : accepted,
    outcome: dryRun ? null : outcome,
    notes,
    ...(what === 'consents' ? { toConfirm: notes['to-confirm']?.times ?? 0, toConfirmReasons: missingIn(notes) } : {}),
    seconds: Math.round(ms) / 1_000,
    ...(mappingFile === undefined ? {} : { mappingFile }),
    ...(dryRun ? { mapping, first: first.map((item) => JSON.parse(item) as unknown) } : {}),
  };
}

function asText({ dryRun }: CommandContext, told: ToldImport): readonly string[] {
  const { what, file, mapping, summary, ms, first } = told;
  const { rows, items, accepted, datedAhead, repairs, resumed, complete, errors } = summary;
  const where =
    errors === null
      ? `no list of them was kept: ${dirname(file)} cannot be written to; --errors names another place`
      : `each with its mend: ${errors}`;
  const reasons = summary.reasons.length === 0 ? [] : [...reasonsText(summary, told.language), where];
  // Nothing of such a file was read: counts would say less than why.
  if (rows === 0 && !complete) return reasons;
  const repaired = Object.entries(repairs).map(([note, times]) => [note, count(times)]);
  return [
    ...(dryRun && mapping !== undefined ? [mappingText(basename(file), mapping)] : []),
    ...first.map((item) => `would send: ${item}`),
    `${amount(rows, 'row')} read in ${duration(ms)}: ${rowsText(summary, amount(items, what.replace(/s$/, '')))}`,
    ...(resumed > 0 ? [`${count(resumed)} of the rows had been sent before it was interrupted`] : []),
    dryRun ? `${count(accepted)} would be sent; nothing was (--dry-run)` : sentText(summary),
    ...(datedAhead > 0 ? [`${count(datedAhead)} dated ahead: ${dryRun ? 'to be ' : ''}taken as of their receipt`] : []),
    ...notesText(summary.notes),
    ...(repaired.length > 0 ? textTable(['repaired', 'cells'], repaired, new Set([1])) : []),
    ...reasons,
  ];
}

/** Each row once: `2 refused, 1 kept back with a refused row of its ticket, 5 made 3 tickets`. */
function rowsText(summary: ImportSummary, made: string): string {
  const kept = keptBack(summary);
  const parts = [
    ...(summary.refused - kept > 0 ? [`${count(summary.refused - kept)} refused`] : []),
    ...(kept > 0 ? [`${count(kept)} kept back with a refused row of the same ticket`] : []),
    `${count(summary.rows - summary.refused)} made ${made}`,
  ];
  return parts.join(', ');
}

/** Rows that nothing is wrong with but another one of their ticket or order. */
function keptBack({ reasons, refused }: ImportSummary): number {
  const code: ProblemCode = 'ticket-row-refused';
  const lines = reasons.filter((each) => each.code === code).reduce((sum, each) => sum + each.lines, 0);
  return Math.min(lines, refused);
}

/** What the server made of what was sent, each item once. */
function sentText({ accepted, rejected, outcome }: ImportSummary): string {
  if (outcome === null)
    return `${count(accepted)} accepted by the server, duplicates included; ${count(rejected)} refused by it`;
  const counted = (number: number, words: string): readonly string[] =>
    number === 0 ? [] : [`${count(number)} ${words}`];
  const parts = [
    `${count(outcome.new)} new`,
    ...counted(outcome.duplicates, 'there already'),
    ...counted(outcome.withheld, 'withheld for want of permission'),
    ...counted(outcome.quarantined, 'in quarantine'),
    ...counted(rejected, 'refused'),
  ];
  return `of these the server says: ${parts.join(', ')}`;
}

/** What a yes needs, by the note that says it has it not. */
const PROOF = {
  'no-date-of-decision': 'indicated_at',
  'no-channel': 'channel',
  'no-text-shown': 'notice_text (or notice_id and notice_version)',
} as const satisfies Partial<Record<RowNote, string>>;

/** How many yeses lack which of our columns. */
function missingIn(notes: NoteCounts): Readonly<Record<string, number>> {
  return Object.fromEntries(
    (['no-date-of-decision', 'no-channel', 'no-text-shown'] as const).flatMap((note) => {
      const { times } = notes[note] ?? {};
      return times === undefined ? [] : [[PROOF[note], times]];
    }),
  );
}

function notesText(notes: NoteCounts): readonly string[] {
  const { 'total-differs': differs, 'to-confirm': confirm, 'dated-to-receipt': undated } = notes;
  const why = Object.entries(missingIn(notes)).map(([column, times]) => `${count(times)} without ${column}`);
  return [
    ...(differs === undefined
      ? []
      : [
          `${amount(differs.times, 'ticket')} taken with a total that is not the sum of the lines, the first on line ${count(differs.line)}: a discount may explain it`,
        ]),
    ...(confirm === undefined
      ? []
      : [`${count(confirm.times)} of the yeses to be confirmed, not given: ${why.join(', ')}`]),
    ...(undated === undefined
      ? []
      : [`${amount(undated.times, 'decision')} without a date, taken as of their receipt`]),
  ];
}

/** The reasons that cost most lines, first. */
function reasonsText({ reasons }: ImportSummary, language: Language): readonly string[] {
  const most = [...reasons].sort((a, b) => b.lines - a.lines || a.line - b.line);
  const rest = most.slice(REASONS_SHOWN_MAX).reduce((sum, { lines }) => sum + lines, 0);
  return [
    ...textTable(
      ['refused', 'first line', 'column', 'why'],
      most
        .slice(0, REASONS_SHOWN_MAX)
        .map(({ code, column, lines, line }) => [count(lines), count(line), column, reasonOf(code, language)]),
      new Set([0, 1]),
    ),
    ...(rest === 0 ? [] : [`${count(rest)} for other reasons`]),
  ];
}

function reasonOf(code: string, language: Language): string {
  return Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemCode][language].message : code;
}
