import { basename } from 'node:path';
import type { ImportKind, Mapping } from '@filrouge/wire/import';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { count, duration } from '../words/figures.ts';
import { textTable } from '../words/text-table.ts';
import type { ImportSummary } from './import-file.ts';
import { mappingText } from './mapping-file.ts';

/** Items that --dry-run shows as they would be sent. */
const SHOWN_MAX = 3;

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
  const { refused, rejected, complete, errors } = told.summary;
  if (context.json) context.data(JSON.stringify(asJson(context, told)));
  else for (const line of asText(context, told)) context.data(line);
  if (!complete) {
    throw new CommandFailure(
      'the file, or the rest of it, could not be read',
      `See ${errors}, mend it and import it again`,
    );
  }
  return refused + rejected > 0 ? EXIT.differences : EXIT.done;
}

function asJson({ dryRun }: CommandContext, told: ToldImport): object {
  const { what, file, source, importId, mapping, mappingFile, summary, ms, first } = told;
  const { accepted, ...counts } = summary;
  return {
    what,
    file,
    source,
    import: importId,
    dryRun,
    ...counts,
    accepted: dryRun ? 0 : accepted,
    seconds: Math.round(ms) / 1_000,
    ...(mappingFile === undefined ? {} : { mappingFile }),
    ...(dryRun ? { mapping, first: first.map((item) => JSON.parse(item) as unknown) } : {}),
  };
}

function asText({ dryRun }: CommandContext, told: ToldImport): readonly string[] {
  const { what, file, mapping, summary, ms, first } = told;
  const { rows, refused, items, accepted, rejected, repairs, resumed, errors } = summary;
  const repaired = Object.entries(repairs).map(([note, times]) => [note, count(times)]);
  return [
    ...(dryRun && mapping !== undefined ? [mappingText(basename(file), mapping)] : []),
    ...first.map((item) => `would send: ${item}`),
    `${count(rows)} rows read, ${count(items)} ${what} made of them, in ${duration(ms)}`,
    ...(resumed > 0 ? [`${count(resumed)} of the rows had been sent before it was interrupted`] : []),
    dryRun
      ? `${count(accepted)} would be sent; nothing was (--dry-run)`
      : `${count(accepted)} accepted by the server, duplicates included`,
    ...(repaired.length > 0 ? textTable(['repaired', 'cells'], repaired, new Set([1])) : []),
    ...(errors === null ? [] : [`${count(refused + rejected)} refused: see ${errors}`]),
  ];
}
