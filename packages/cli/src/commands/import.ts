import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Source, SourceId } from '@filrouge/domain/deployment';
import { ITEM_KINDS } from '@filrouge/domain/event';
import { COLLECT_LIMITS } from '@filrouge/wire';
import { Argument, Option } from 'commander';
import { filled, serverAddress } from '../api/server-address.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { findDeployment } from '../config/configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { isErrorsFile } from '../import/errors-file.ts';
import { type ImportSummary, importFile, type SendBatch } from '../import/import-file.ts';
import { COLUMNS_OF, IMPORT_KINDS, type ImportKind } from '../import/import-kind.ts';
import { createProgressTeller } from '../import/import-progress.ts';
import { createRehearsal } from '../import/rehearse-batch.ts';
import { createBatchSender } from '../import/send-batch.ts';
import { count, duration, languageOf } from '../words/figures.ts';

type ImportOptions = {
  readonly source: string;
  readonly url?: string;
  readonly key?: string;
  readonly errors?: string;
  readonly format?: 'csv' | 'ndjson';
  readonly country?: string;
};

/** Requests under way at a time: the door commits what comes together in one write. */
const REQUESTS_MAX = 4;

/** `filrouge import customers|tickets|events FILE`: a file through the door of a running server. */
export const registerImport: Register = (program, perform) => {
  program
    .command('import')
    .description('send a file of customers, tickets or events to a running server')
    .addArgument(new Argument('<what>', 'what the rows are').choices(IMPORT_KINDS))
    .argument('<file>', 'CSV (first line: the column names) or NDJSON, in UTF-8')
    .requiredOption('--source <id>', 'the source the rows come from, of kind server or store')
    .option('--url <address>', 'the server (default: FILROUGE_URL, or this machine’s)')
    .option('--key <key>', 'the write key of the source (better: FILROUGE_KEY, which no process list shows)')
    .option('--errors <file>', 'where to write refused lines (default: errors.csv beside the file)')
    .option('--country <code>', 'for telephone numbers without country code (default: the source’s, or FR)')
    .addOption(new Option('--format <format>', 'default: by the name of the file').choices(['csv', 'ndjson']))
    .addHelpText(
      'after',
      `
Lines that cannot be read go to errors.csv with their line, column, reason and mend; mend them and import the file
again: what is in already is recognised. With --dry-run everything is read and nothing is sent.
Exit code: 0 all lines went in, 3 some were refused, 1 failed.

Columns, in any order (the first line names them; required ones before the bar):
${IMPORT_KINDS.map(columnsText).join('\n')}
A ticket is one row for each line of the receipt, its rows together; times are ISO 8601 with offset; amounts have a
decimal point. In NDJSON a line is an item as POST /v1/import takes it.`,
    )
    .action(perform<ImportOptions, [what: ImportKind, file: string]>(importCommand));
};

function columnsText(kind: ImportKind): string {
  const { required, optional } = COLUMNS_OF[kind];
  return `  ${kind}: ${required.join(' ')} | ${optional.join(' ')}`;
}

async function importCommand(
  context: CommandContext,
  options: ImportOptions,
  kind: ImportKind,
  named: string,
): Promise<ExitCode> {
  const file = resolve(context.directory, named);
  const errorsFile = resolve(context.directory, options.errors ?? join(dirname(file), 'errors.csv'));
  if (errorsFile === file || (basename(file) === 'errors.csv' && (await isErrorsFile(file)))) {
    throw new CommandFailure(
      `${named} is the list of refused lines itself`,
      'Mend the lines in the file they came from',
      EXIT.usage,
    );
  }
  const source = await sourceNamed(context, options);
  const country = options.country?.toUpperCase() ?? source?.country ?? 'FR';
  if (!/^[A-Z]{2}$/.test(country)) {
    throw new CommandFailure(`--country ${country} is no country`, 'Write two letters, e.g. FR', EXIT.usage);
  }
  const begun = performance.now();
  const sender = senderOf(context, options, source ?? assumedSource(options.source, country));
  try {
    const summary = await importFile({
      kind,
      file,
      format: options.format ?? formatOf(file),
      country,
      errorsFile,
      language: languageOf(context.environment),
      send: sender.send,
      itemsMax: COLLECT_LIMITS.itemsMax,
      requestsMax: REQUESTS_MAX,
      signal: context.stop,
      onProgress: createProgressTeller(context.progress, () => performance.now()),
    });
    return tell(context, { what: kind, file, source: options.source }, summary, performance.now() - begun);
  } finally {
    sender.close();
  }
}

function senderOf(
  context: CommandContext,
  options: ImportOptions,
  source: Source,
): { readonly send: SendBatch; readonly close: () => void } {
  if (context.dryRun) return { send: createRehearsal(source), close: () => undefined };
  const writeKey = filled(options.key) ?? filled(context.environment['FILROUGE_KEY']);
  if (writeKey === undefined) {
    throw new CommandFailure(
      'no write key given',
      `Put a key of ${options.source} into FILROUGE_KEY; filrouge key create ${options.source} makes one`,
      EXIT.usage,
    );
  }
  const url = serverAddress(options.url, context.environment);
  return createBatchSender({ url, writeKey }, REQUESTS_MAX, context.stop);
}

/** The source as the configuration has it, where there is a configuration here. */
async function sourceNamed(context: CommandContext, { source: id }: ImportOptions): Promise<Source | undefined> {
  const deployment = await findDeployment(context);
  if (deployment === undefined) return undefined;
  const source = deployment.sources.get(id as SourceId);
  const fit = [...deployment.sources.values()].filter(({ kind }) => kind === 'server' || kind === 'store');
  const names = fit.map((each) => each.id).join(', ');
  if (source === undefined) {
    throw new CommandFailure(`the configuration has no source ${id}`, `Name one of: ${names}`, EXIT.usage);
  }
  if (!fit.includes(source)) {
    throw new CommandFailure(
      `${id} is a source of kind ${source.kind}, which takes no files`,
      `Name one of: ${names}`,
      EXIT.usage,
    );
  }
  return source;
}

/** Without a configuration the rows are read as those of a server source. */
function assumedSource(id: string, country: string): Source {
  return {
    id: id as SourceId,
    brand: 'any' as Source['brand'],
    property: 'any' as Source['property'],
    kind: 'server',
    channel: 'server',
    country,
    allowedKinds: ITEM_KINDS,
    allowedOrigins: [],
    quotaPerSecond: 1,
    serves: {},
    kiosk: false,
  };
}

function formatOf(file: string): 'csv' | 'ndjson' {
  return ['.ndjson', '.jsonl', '.json'].includes(extname(file).toLowerCase()) ? 'ndjson' : 'csv';
}

function tell(
  context: CommandContext,
  named: { readonly what: ImportKind; readonly file: string; readonly source: string },
  summary: ImportSummary,
  ms: number,
): ExitCode {
  const { rows, refused, items, accepted, rejected, complete, errors } = summary;
  const { dryRun } = context;
  if (context.json) {
    const sent = dryRun ? 0 : accepted;
    context.data(
      JSON.stringify({
        ...named,
        dryRun,
        rows,
        refused,
        items,
        accepted: sent,
        rejected,
        complete,
        errors,
        seconds: Math.round(ms) / 1_000,
      }),
    );
  } else {
    context.data(`${count(rows)} rows read, ${count(items)} ${named.what} made of them, in ${duration(ms)}`);
    context.data(
      dryRun
        ? `${count(accepted)} would be sent; nothing was (--dry-run)`
        : `${count(accepted)} accepted by the server, duplicates included`,
    );
    if (errors !== null) context.data(`${count(refused + rejected)} refused: see ${errors}`);
  }
  if (!complete)
    throw new CommandFailure(
      'the rest of the file could not be read',
      `See ${errors}, mend the file and import it again`,
    );
  return refused + rejected > 0 ? EXIT.differences : EXIT.done;
}
