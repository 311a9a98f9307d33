import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { EXPORTED_AS, type ExportedKind } from '@filrouge/wire/export';
import { Argument, Option } from 'commander';
import { type ApiClient, type ApiOptions, apiClientOf } from '../api/api-client.ts';
import { withApiOptions } from '../api/api-options.ts';
import { reworded } from '../api/reworded.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { beginExport, downloadExport, type ExportStanding, readyExport, removeExport } from '../export/fetch-export.ts';
import { publishFile, refuseOverwriting, withTemporaryFile } from '../export/publish-file.ts';
import { EXPORT_FORMATS, type ExportFormat, openRowWriter } from '../export/row-writer.ts';
import { amount, count, duration } from '../words/figures.ts';

type ExportOptions = ApiOptions & {
  readonly purpose?: string;
  readonly brand?: string;
  readonly format: ExportFormat;
  readonly out?: string;
  readonly from?: string;
  readonly to?: string;
  readonly force?: true;
  readonly bom: boolean;
};

/** How long the server may take to forget an export. Unit: ms. */
const REMOVE_MS_MAX = 5_000;

const KINDS = Object.keys(EXPORTED_AS) as readonly ExportedKind[];

/** `filrouge export people|events|tickets|orders|consents`: what one purpose may have, out of a running server. */
export const registerExport: Register = (program, perform) => {
  const command = program
    .command('export')
    .description('write people, events, tickets, orders or consents to a file, for a stated purpose')
    .addArgument(new Argument('<what>', 'what is to leave').choices(KINDS))
    .option('--purpose <id>', 'what the rows are for (required, but for consents)')
    .option('--brand <id>', 'the brand (default: the one of the token, or the only one there is)')
    .addOption(new Option('--format <format>', 'the form of the file').choices(EXPORT_FORMATS).default('csv'))
    .option('--out <file>', 'the file to write (default: stdout, for csv and ndjson)')
    .option('--from <date>', 'events, tickets and orders from this day on, e.g. 2026-11-01')
    .option('--to <date>', 'the day after the last of them')
    .option('--force', 'replace a file that is there')
    .option('--no-bom', 'a CSV file without the mark by which Excel knows UTF-8 (on stdout there is none)');
  withApiOptions(command)
    .addHelpText(
      'after',
      `
Example: filrouge export people --brand atelier --purpose email_marketing --out newsletter.csv

Only those are in it who permit the purpose: an absent or unknown permission is a no. They are asked when the rows are
read and again just before they are handed out; whoever says no while the file is written is taken out of it. The
others are counted, not named. Each export is in the log of who looked, with its purpose and number of rows.
consents is the ledger with its proofs, for the obligation to prove consent; it has no other purpose.
What was exported is imported again by filrouge import customers|events|tickets|orders|consents FILE.
The token needs the scope exports:write, for consents also consents:read. --dry-run counts and writes nothing.
Exit code: 0 written (also where nobody permits it), 1 failed, 2 usage, 130 interrupted; a file that is not whole is
never left behind.`,
    )
    .action(perform<ExportOptions, [what: ExportedKind]>(exportCommand));
};

async function exportCommand(context: CommandContext, options: ExportOptions, what: ExportedKind): Promise<ExitCode> {
  const begun = performance.now();
  const out = options.out === undefined ? undefined : resolve(context.directory, options.out);
  await checkUsage(context, options, what, out);
  const client = apiClientOf(context, options);
  const { brand, purpose, format, from, to } = options;
  const asked = { what, brand, purpose, format, from, to, dryRun: context.dryRun };
  const say = context.progress;
  const begunAs = await inWords(beginExport(client, asked));
  try {
    const prepared = await readyExport(client, begunAs, { signal: context.stop, say });
    const standing = context.dryRun ? prepared : await write(context, client, options, { what, out, prepared });
    tell(context, { what, standing, out: options.out, format, ms: performance.now() - begun });
    return EXIT.done;
  } finally {
    // Also after the stop signal, which ends every other call.
    const stop = AbortSignal.timeout(REMOVE_MS_MAX);
    await removeExport(apiClientOf({ ...context, stop }, options), begunAs.id);
  }
}

async function checkUsage(
  context: CommandContext,
  options: ExportOptions,
  what: ExportedKind,
  out: string | undefined,
): Promise<void> {
  const refuse = (why: string, mend: string): never => {
    throw new CommandFailure(why, mend, EXIT.usage);
  };
  if (what !== 'consents' && options.purpose === undefined) {
    refuse(`no purpose is stated for which ${what} may leave`, 'Name one with --purpose; filrouge config shows them');
  }
  if (context.dryRun) return;
  if (out === undefined && options.format === 'parquet') {
    refuse('a Parquet file cannot be written to stdout', 'Name a file with --out');
  }
  if (out === undefined && context.json) {
    refuse('the rows and the summary cannot both be on stdout', 'Name a file with --out, or leave --json out');
  }
  if (out === undefined) return;
  const directory = await stat(dirname(out)).catch(() => undefined);
  if (directory?.isDirectory() !== true)
    refuse(`there is no directory ${dirname(out)}`, 'Make it, or name another file');
  const there = await stat(out).catch(() => undefined);
  if (there?.isDirectory() === true) refuse(`${options.out ?? out} is a directory`, 'Name a file in it with --out');
  // Told before the server has read everything for it.
  await access(dirname(out), constants.W_OK);
  await refuseOverwriting(out, options.out ?? out, options.force === true);
}

type Writing = {
  readonly what: ExportedKind;
  readonly out: string | undefined;
  readonly prepared: ExportStanding;
};

async function write(
  context: CommandContext,
  client: ApiClient,
  { format, bom, force, out: named = '' }: ExportOptions,
  { what, out, prepared }: Writing,
): Promise<ExportStanding> {
  const into = (path: string, form: { readonly bom: boolean }): Promise<ExportStanding> =>
    downloadExport(client, prepared.id, async (lines) => {
      const file = await openRowWriter(path, what, { format, ...form });
      try {
        for await (const line of lines) await file.write(line);
      } finally {
        await file.end();
      }
    });
  if (out !== undefined) return publishFile(out, { named, force: force === true }, (path) => into(path, { bom }));
  return withTemporaryFile(async (path) => {
    const standing = await into(path, { bom: false });
    for await (const piece of createReadStream(path, { encoding: 'utf8', signal: context.stop })) {
      await context.write(piece as string);
    }
    return standing;
  });
}

type Told = {
  readonly what: ExportedKind;
  readonly standing: ExportStanding;
  readonly out: string | undefined;
  readonly format: ExportFormat;
  readonly ms: number;
};

const ONE: Readonly<Record<ExportedKind, readonly [one: string, many: string]>> = {
  people: ['person', 'people'],
  events: ['event', 'events'],
  tickets: ['ticket', 'tickets'],
  orders: ['order', 'orders'],
  consents: ['decision', 'decisions'],
};

function tell(context: CommandContext, told: Told): void {
  const { what, standing, out, format, ms } = told;
  const { state: _state, ...counts } = standing;
  if (context.json) {
    const where = { what, format, file: out ?? null, dryRun: context.dryRun };
    context.data(JSON.stringify({ ...where, ...counts, seconds: Math.round(ms) / 1_000 }));
    return;
  }
  // Where the rows are on stdout, what is said of them is not.
  const say = out === undefined && !context.dryRun ? context.progress : context.data;
  for (const line of asText(context, told)) say(line);
}

function asText({ dryRun }: CommandContext, { what, standing, out, ms }: Told): readonly string[] {
  const { subjects, rows, brand, purpose, notPermitted, withdrawn, superseded, unreadable } = standing;
  const [one, many] = ONE[what];
  const who = amount(subjects, one, many);
  const lines = rows === subjects ? '' : ` in ${amount(rows, 'row')}`;
  const left = (number: number, why: string): readonly string[] => (number === 0 ? [] : [`${count(number)} ${why}`]);
  return [
    dryRun
      ? `${who} of ${brand} would leave for ${purpose}${lines}; nothing did (--dry-run)`
      : `${who} of ${brand} for ${purpose}${lines}${out === undefined ? '' : ` in ${out}`}, in ${duration(ms)}`,
    ...left(
      notPermitted,
      what === 'consents' ? 'left out: of people who were erased' : `left out: not permitted for ${purpose}`,
    ),
    ...left(withdrawn, 'taken out: their permission ended while it was written'),
    ...left(superseded, 'left out: taken back by a later word of the same device'),
    ...left(unreadable, 'left out: they cannot be read any more'),
    ...(subjects === 0 ? [nothing(what, purpose)] : []),
  ];
}

function nothing(what: ExportedKind, purpose: string): string {
  if (what === 'consents') return 'nobody has decided anything yet';
  return `nothing that may leave for ${purpose}: nobody permits it, or there is nothing yet`;
}

/** What the server refuses, in the words of this command. */
function inWords<T>(asked: Promise<T>): Promise<T> {
  return reworded(asked, ({ code, pointer, choices, detail }) => {
    if (code === 'unknown-purpose') {
      return {
        what: 'there is no such purpose',
        mend: `Name ${String(detail)}`.replace(/\.$/, ''),
        exitCode: EXIT.usage,
      };
    }
    if (code !== 'field-missing' || pointer !== '/brand') return undefined;
    const names = Array.isArray(choices) ? choices.filter((name) => typeof name === 'string').join(', ') : '';
    return {
      what: 'no brand is named, and the token is bound to none',
      mend: names === '' ? 'Name one with --brand' : `Name one with --brand: ${names}`,
      exitCode: EXIT.usage,
    };
  });
}
