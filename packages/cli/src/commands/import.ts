import { basename, resolve } from 'node:path';
import type { Deployment, Source, SourceId } from '@filrouge/domain/deployment';
import { ITEM_KINDS } from '@filrouge/domain/event';
import { COLLECT_LIMITS } from '@filrouge/wire';
import { COLUMNS_OF, IMPORT_KINDS, type ImportKind } from '@filrouge/wire/import';
import { Argument } from 'commander';
import { filled, serverAddress } from '../api/server-address.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { findDeployment } from '../config/configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { failureOfFile } from '../file-fault.ts';
import { isErrorsFile } from '../import/errors-file.ts';
import { claimErrorsPath, importNameOf } from '../import/errors-path.ts';
import { type ImportJob, importFile, type SendBatch } from '../import/import-file.ts';
import { addFileOptions, countryOf, type FileOptions } from '../import/import-options.ts';
import { createProgressTeller } from '../import/import-progress.ts';
import { type PreparedFile, prepareFile } from '../import/prepare-rows.ts';
import { createRehearsal, type RehearsedBy } from '../import/rehearse-batch.ts';
import { importKey, ResumeFile } from '../import/resume-state.ts';
import { createBatchSender, type ImportLabel, pathOf } from '../import/send-batch.ts';
import { showsFirst, tellImport } from '../import/tell-import.ts';
import { languageOf } from '../words/figures.ts';
import { registerImportList } from './import-list.ts';
import { registerImportUndo } from './import-undo.ts';

type GivenOptions = FileOptions & {
  readonly source?: string;
  readonly url?: string;
  readonly key?: string;
  readonly errors?: string;
};

type ImportOptions = GivenOptions & { readonly source: string };

/** Errors: `CommandFailure` where no source is named. The commands under this one need none, so that it is asked for here. */
function withSource(given: GivenOptions): ImportOptions {
  const { source } = given;
  if (source !== undefined) return { ...given, source };
  throw new CommandFailure('no source is named', 'Name the source the rows come from: --source ID', EXIT.usage);
}

/** Of a rehearsal of consents where the configuration is not: the server may still refuse what was found good. */
const NOT_CHECKED =
  'there is no configuration here: whether it has these purposes and notices was not checked; give the command in its directory, or set FILROUGE_CONFIG';

/** Requests under way at a time: the door commits what comes together in one write. */
const REQUESTS_MAX = 4;
/** Hexadecimal digits of the content's and mapping's hash that name an import. */
const ID_LENGTH = 26;

/** `filrouge import customers|orders|tickets|events|consents|products|stores|campaigns FILE`: a file through the door of a running server. */
export const registerImport: Register = (program, perform) => {
  const command = program
    .command('import')
    .description(
      'send a file of customers, orders, tickets, events, consents, products, stores or campaigns to a running server',
    )
    .addArgument(new Argument('<what>', 'what the rows are').choices(IMPORT_KINDS))
    .argument('<file>', 'CSV (first line: the column names), Parquet or NDJSON, as your programs write it')
    .option('--source <id>', 'the source the rows come from, of kind server or store (required)')
    .option('--url <address>', 'the server (default: FILROUGE_URL, or this machine’s)')
    .option('--key <key>', 'the write key of the source (better: FILROUGE_KEY, which no process list shows)')
    .option(
      '--errors <file>',
      'where to write refused lines (default: errors.csv beside the file; where another import has its own there, FILE’s name before it: june.errors.csv)',
    );
  addFileOptions(command)
    .addHelpText(
      'after',
      `
Encoding, delimiter, columns, dates and decimals are found in the file; what was concluded stands in FILE.mapping.yaml,
to be read and edited. --dry-run shows it with the first rows as they would be sent, and sends nothing.
Lines that cannot be read go to errors.csv with their line, column, reason and mend; mend them and import the file
again: what is in already is recognised. An import that was interrupted goes on where it stopped.
A whole import can be taken back: filrouge import undo FILE (--help says more); filrouge import list names all.

Examples:
  filrouge import customers clients.csv --source shop-server --dry-run
  filrouge import tickets june.csv --source tills --dates dmy --decimals comma
  filrouge import stores stores.csv --source shop-server
Exit code: 0 all lines went in, 1 failed, as where the first line says nothing, 2 wrong usage, 3 lines were refused, some
or all, 130 interrupted.

Our columns, under which yours are found by name and content (required ones before the bar, (a or b) = one of them):
${IMPORT_KINDS.map(columnsText).join('\n')}
A ticket or order is one row for each of its lines, its rows together. In NDJSON a line is an item as POST /v1/import
takes it.`,
    )
    .action(perform<GivenOptions, [what: ImportKind, file: string]>(importCommand));
  registerImportList(command, perform);
  registerImportUndo(command, perform);
};

function columnsText(kind: ImportKind): string {
  const { required, oneOf = [], optional } = COLUMNS_OF[kind];
  return `  ${kind}: ${[...required, ...oneOf.map((columns) => `(${columns.join(' or ')})`)].join(' ')} | ${optional.join(' ')}`;
}

async function importCommand(
  context: CommandContext,
  given: GivenOptions,
  kind: ImportKind,
  named: string,
): Promise<ExitCode> {
  const options = withSource(given);
  const path = resolve(context.directory, named);
  const told = options.errors === undefined ? undefined : resolve(context.directory, options.errors);
  if (told === path || (await isErrorsFile(path))) throw isTheListItself(named);
  const deployment = await findDeployment(context);
  const source = deployment === undefined ? undefined : sourceNamed(deployment, options);
  const country = countryOf(options, source?.country);
  const begun = performance.now();
  const first: string[] = [];
  const file = await prepareFile(context, path, {
    ...options,
    kind,
    country,
    countrySaid: options.country !== undefined,
  });
  // The same file into another server is another import, yet the same one to whoever looks for what it brought.
  const importId = `imp_${importKey({ ...file.identity, source: options.source }).slice(0, ID_LENGTH)}`;
  const label = { import: importId, kind, file: basename(path), content: file.identity.content };
  const by = { source: source ?? assumedSource(options.source, country), deployment };
  const target = targetOf(context, options, label, by, first);
  const { itemsMax } = COLLECT_LIMITS;
  const key = importKey({ ...file.identity, source: options.source, url: target.url, itemsMax });
  const resume = context.dryRun ? undefined : new ResumeFile(path, kind, key);
  const release = await resume?.claim(named);
  const errors = await errorsPath(context, told, path, kind).catch(async (fault: unknown) => {
    await release?.();
    throw fault;
  });
  try {
    const summary = await importFile({
      importId,
      steps: file.steps,
      share: file.share,
      nameOf: nameOf(kind, file),
      errorsFile: errors.path,
      importName: importNameOf(path, kind),
      language: languageOf(context.environment),
      send: target.send,
      ...(target.run === undefined ? {} : { run: target.run }),
      itemsMax,
      requestsMax: REQUESTS_MAX,
      signal: context.stop,
      onProgress: createProgressTeller(context.progress, () => performance.now()),
      ...(resume === undefined ? {} : { resume }),
    });
    const { mapping, mappingFile } = file;
    return tellImport(context, {
      what: kind,
      file: path,
      source: options.source,
      importId,
      summary,
      first,
      ms: performance.now() - begun,
      language: languageOf(context.environment),
      ...(mapping === undefined ? {} : { mapping }),
      ...(mappingFile === undefined ? {} : { mappingFile }),
    });
  } finally {
    target.close();
    await errors.release();
    await release?.();
  }
}

type ErrorsPath = { readonly path: string | undefined; readonly release: () => Promise<void> };

/** Where refused lines are written. What only looks needs no place that can be written to: then they are told alone. */
async function errorsPath(
  { dryRun }: CommandContext,
  told: string | undefined,
  file: string,
  kind: ImportKind,
): Promise<ErrorsPath> {
  if (told !== undefined) return { path: told, release: async () => undefined };
  try {
    return await claimErrorsPath(file, kind);
  } catch (fault) {
    if (!dryRun || failureOfFile(fault) === undefined) throw fault;
    return { path: undefined, release: async () => undefined };
  }
}

function isTheListItself(named: string): CommandFailure {
  return new CommandFailure(
    `${named} is the list of refused lines itself`,
    'Mend the lines in the file they came from',
    EXIT.usage,
  );
}

/** The door's word for a place is ours; the file's own name is what one looks for. */
function nameOf(kind: ImportKind, { mapping }: PreparedFile): (column: string) => string {
  const theirs = new Map(mapping?.columns.map(({ from, to }) => [to, from]));
  return (column) => {
    const ours =
      kind === 'orders'
        ? column.replace(/^ticket_/, 'order_')
        : kind === 'customers' && column === 'occurred_at'
          ? 'updated_at'
          : column;
    return theirs.get(ours) ?? ours;
  };
}

type Target = Pick<ImportJob, 'send' | 'run'> & { readonly url: string; readonly close: () => void };

function targetOf(
  context: CommandContext,
  options: ImportOptions,
  label: ImportLabel & { readonly kind: ImportKind },
  by: RehearsedBy,
  first: string[],
): Target {
  const { kind } = label;
  const { source } = by;
  if (context.dryRun) {
    if (kind === 'consents' && by.deployment === undefined) context.warn(NOT_CHECKED);
    const rehearse = createRehearsal(kind, by);
    const send: SendBatch = (batch) => {
      showsFirst(first, batch.lines.length, batch.body);
      return rehearse(batch);
    };
    return { url: '', send, close: () => undefined };
  }
  const writeKey = filled(options.key) ?? filled(context.environment['FILROUGE_KEY']);
  if (writeKey === undefined) {
    throw new CommandFailure(
      'no write key given',
      `Put a key of ${options.source} into FILROUGE_KEY or --key; filrouge key create ${options.source} makes one`,
      EXIT.usage,
    );
  }
  const credential = filled(options.key) === undefined ? 'FILROUGE_KEY' : '--key';
  const url = serverAddress(options.url, context.environment);
  const path = pathOf(kind);
  const sender = createBatchSender(
    { url, path, writeKey, source: source.id, label, credential },
    REQUESTS_MAX,
    context.stop,
    context.progress,
  );
  const run = { now: () => sender.run, goOnWith: sender.goOnWith };
  return { url, send: sender.send, run, close: sender.close };
}

/** The source as the configuration has it. */
function sourceNamed(deployment: Deployment, { source: id }: ImportOptions): Source {
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
    personQuotaPerSecond: 1,
    serves: {},
    kiosk: false,
  };
}
