import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { RowProblem } from '@filrouge/wire';
import { type ImportKind, type Mapping, missingColumns, PRESETS, surplusOf } from '@filrouge/wire/import';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';
import { failureOfFile, noSuchFile } from '../file-fault.ts';
import { apartReceipts } from './apart-receipts.ts';
import { asUtf8, openRowFile, type RowFile } from './file-rows.ts';
import { delimiterOf, type FileOptions, zoneOf } from './import-options.ts';
import { type FileSample, isOwnForm, propose, sampleOf } from './import-plan.ts';
import { itemsOfLines, itemsOfRows, type RowStep } from './import-rows.ts';
import { inspectFile } from './inspect-file.ts';
import { loadMapping, mappingPathOf, saveMapping } from './mapping-file.ts';

/** A file that is ready to be read, as often as somebody asks. */
export type PreparedFile = {
  readonly steps: () => AsyncIterable<RowStep>;
  readonly share: () => number;
  /** What makes it the same import when it is started again. */
  readonly identity: Readonly<Record<string, unknown>> & {
    /** SHA-256 of the file. */
    readonly content: string;
  };
  /** Of a file of rows. */
  readonly mapping?: Mapping;
  /** The file that the mapping stands in, now if it did not before. */
  readonly mappingFile?: string;
};

/** `country` is the one to be used; `countrySaid`: somebody asked for it. */
type PrepareOptions = FileOptions & {
  readonly kind: ImportKind;
  readonly country: string;
  readonly countrySaid: boolean;
};

/**
 * Looks at a file, finds or proposes its mapping, and says on stderr what is kept out. Errors: `CommandFailure`, those of
 * the file system.
 */
export async function prepareFile(
  context: CommandContext,
  path: string,
  options: PrepareOptions,
): Promise<PreparedFile> {
  const { kind, country } = options;
  const file = await inspectFile(path, options, context.stop);
  const identity = { content: file.sha256, format: file.format, encoding: file.encoding, kind, country };
  if (file.format === 'ndjson') return { ...prepareLines(context, path, file.size, kind, file.encoding), identity };
  const delimiter = delimiterOf(options);
  const rows = await openRowFile(file, delimiter === undefined ? {} : { delimiter });
  const sample = await sampleOf(rows, context.stop);
  const prepared = await mappingFor(context, path, { ...options, typed: file.format === 'parquet' }, sample);
  if ('problems' in prepared) return { steps: () => refused(prepared.problems), share: () => 1, identity };
  const { mapping } = prepared;
  tellKeptOut(context, mapping);
  const surplus = surplusOf(
    sample.header?.cells ?? [],
    sample.rows.map(({ cells }) => cells),
  );
  return {
    ...prepared,
    async *steps() {
      const apart = await apartReceipts(() => rows.rows(context.stop), mapping);
      yield* itemsOfRows(rows.rows(context.stop), mapping, mapping.country ?? country, { surplus, apart });
    },
    share: rows.share,
    identity: { ...identity, delimiter: rows.delimiter, mapping },
  };
}

function prepareLines(
  context: CommandContext,
  path: string,
  size: number,
  kind: ImportKind,
  encoding: Parameters<typeof asUtf8>[1],
): Pick<PreparedFile, 'steps'> & Pick<RowFile, 'share'> {
  let read = (): number => 0;
  return {
    share: () => (size === 0 ? 1 : read() / size),
    steps: () => {
      const stream = createReadStream(path, { highWaterMark: 1 << 18, signal: context.stop });
      read = () => stream.bytesRead;
      // What is no UTF-8 is told line by line, unless its encoding is known.
      return itemsOfLines(kind, encoding === 'utf-16le' || encoding === 'utf-16be' ? asUtf8(stream, encoding) : stream);
    },
  };
}

async function* refused(problems: readonly RowProblem[]): AsyncGenerator<RowStep> {
  yield { rows: 0, items: [], problems, unread: true };
}

type Found =
  | { readonly mapping: Mapping; readonly mappingFile?: string }
  | { readonly problems: readonly RowProblem[] };

async function mappingFor(
  context: CommandContext,
  path: string,
  options: PrepareOptions & { readonly typed: boolean },
  sample: FileSample,
): Promise<Found> {
  const { kind, country, dates, decimals } = options;
  const named = options.mapping === undefined ? mappingPathOf(path, kind) : resolve(context.directory, options.mapping);
  const kept = await loadMapping(named, kind);
  if (kept !== undefined) {
    refuseOverruled(named, options, kept);
    context.progress(`mapping: ${named}`);
    return { mapping: { ...kept, country: kept.country ?? country }, mappingFile: named };
  }
  if (options.mapping !== undefined) throw noSuchFile(named);
  if (sample.problem !== undefined) return { problems: [sample.problem] };
  const preset = PRESETS.find(({ name }) => name === options.preset);
  if (preset !== undefined && !preset.kinds.includes(kind)) {
    throw new CommandFailure(
      `${preset.name} is an export of ${preset.kinds.join(' and ')}`,
      `Import it as ${preset.kinds[0]}`,
      EXIT.usage,
    );
  }
  const zone = zoneOf(options);
  const { mapping, problems } = propose(sample, {
    kind,
    country,
    ...(zone === undefined ? {} : { zone }),
    ...(dates === undefined ? {} : { dates }),
    ...(decimals === undefined ? {} : { decimals }),
    ...(preset === undefined ? {} : { preset }),
    typed: options.typed,
  });
  if (sample.header === undefined) return { mapping };
  if (problems.length > 0) {
    tellKeptOut(context, mapping);
    // What is only incomplete is written all the same: whoever mends it has the most of it there.
    if (problems.every(({ code }) => code === 'column-missing')) {
      const told = `mapping proposed in part: ${named}; say in it which columns are ${missingNames(mapping)}`;
      if (await keeps(context, named, path, mapping)) context.warn(told);
    }
    return { problems };
  }
  if (isOwnForm(mapping, kind)) return { mapping };
  if (!(await keeps(context, named, path, mapping))) return { mapping };
  const by = mapping.preset === undefined ? '' : `, by the preset ${mapping.preset}`;
  context.progress(`mapping proposed${by}: ${named}; edit it and import again where it is wrong`);
  return { mapping, mappingFile: named };
}

/** Writes it. False where it cannot be written and nothing else is either, as in a rehearsal. Errors: those of the file system. */
async function keeps(context: CommandContext, named: string, path: string, mapping: Mapping): Promise<boolean> {
  try {
    await saveMapping(named, path, mapping);
    return true;
  } catch (fault) {
    const failure = context.dryRun ? failureOfFile(fault) : undefined;
    if (failure === undefined) throw fault;
    context.warn(`mapping proposed, and not kept: ${failure.message}`);
    return false;
  }
}

function missingNames(mapping: Mapping): string {
  return missingColumns(mapping)
    .map(({ column, detail }) => detail?.replaceAll(', ', ' or ') ?? column)
    .join(', ');
}

/** A mapping file has answered already what these options ask: two answers would be one too many. */
function refuseOverruled(path: string, options: PrepareOptions, kept: Mapping): void {
  const other = options.countrySaid && kept.country !== undefined && kept.country !== options.country;
  const said =
    (['preset', 'dates', 'decimals', 'zone'] as const).find((name) => options[name] !== undefined) ??
    (other ? 'country' : undefined);
  if (said === undefined) return;
  throw new CommandFailure(
    `--${said} is answered by ${path} already`,
    'Edit that file, or remove it to have a new one proposed',
    EXIT.usage,
  );
}

const WHY: Readonly<Record<Mapping['dropped'][number]['reason'], string>> = {
  secret: 'passwords and tokens are never read',
  payment: 'means of payment are never read',
  unknown: 'no column of ours',
  second: 'another column says the same',
  'does-not-fit': 'its content is not what its name says',
  'opt-in': 'an opt-in whose purpose its name does not say; name it under "consents" in the mapping',
  'left-out': 'left out by the preset',
};

/** What nobody may miss, however quiet it was asked to be: secrets in a file, and answers of people that go nowhere. */
const WARNED = new Set(['secret', 'payment', 'opt-in']);

function tellKeptOut(context: CommandContext, { kind, dropped, consents }: Mapping): void {
  for (const [reason, why] of Object.entries(WHY)) {
    const names = dropped.filter((each) => each.reason === reason).map(({ from }) => from);
    if (names.length === 0) continue;
    const line = `kept out: ${names.join(', ')} (${why})`;
    if (WARNED.has(reason)) context.warn(line);
    else context.progress(line);
  }
  if (kind !== 'consents' && consents.length > 0) {
    const names = consents.map(({ from }) => from).join(', ');
    context.warn(`opt-ins: ${names}; filrouge import consents brings them, to be confirmed`);
  }
}
