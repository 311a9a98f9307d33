import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { type AnswerDocument, documentOf, listOf, numberOf, textOf } from '../api/answer-document.ts';
import { type ApiClient, type ApiOptions, apiClientOf } from '../api/api-client.ts';
import { withApiOptions } from '../api/api-options.ts';
import { type FailureWords, reworded } from '../api/reworded.ts';
import type { Perform } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { requireYes } from '../require-yes.ts';
import { amount, count, duration } from '../words/figures.ts';
import { broughtBy } from './import-list.ts';

/** How often it is asked how far an undoing is. Unit: ms. */
const LOOK_MS = 500;
const TOLD_EVERY_MS = 2_000;

/** `filrouge import undo IMPORT|FILE|NAME`: takes back all that one import brought. */
export function registerImportUndo(program: Command, perform: Perform): void {
  withApiOptions(
    program
      .command('undo')
      .description('take back all that one import brought')
      .argument('<import>', 'its id, the number of its run, the file itself, or the name it had'),
  )
    .addHelpText(
      'after',
      `
Its events, tickets, traits, links, products, stores and campaigns count nowhere any more; the same file can be imported
again, and comes in as if for the first time. A yes that it recorded is folded no longer; a no stays: undoing opens nothing.
The server does it while everything else goes on; where this command is interrupted, it goes on all the same. It can be
done while the journal reaches back to the import (journalDays, 60 by default; half of them at least).
A file is known by what is in it; where there is none, by the name it had, unless several of that name stand.
It asks first; --yes answers, as it must where there is no terminal.
Needs a token with the scopes imports:read and imports:write. --dry-run says what would be taken back.
Examples: filrouge import undo imp_3f2a9c…    filrouge import undo june.csv --yes    filrouge import undo 7 --dry-run
Exit code: 0 undone, 1 failed, 2 wrong usage, 130 interrupted.`,
    )
    .action(perform<ApiOptions, [named: string]>(undo));
}

async function undo(context: CommandContext, options: ApiOptions, named: string): Promise<ExitCode> {
  const client = apiClientOf(context, options);
  const run = await runNamed(context, client, named);
  const number = numberOf(run['number']) ?? 0;
  const label = `run ${number} of ${textOf(run['import']) ?? ''}${fileWords(run)}`;
  if (context.dryRun) {
    if (context.json) context.data(JSON.stringify({ dryRun: true, ...run }));
    else context.data(`would undo ${label}: ${broughtWords(run)}; nothing was done (--dry-run)`);
    return EXIT.done;
  }
  // Of one that is undone already the server says so: there is nothing to ask.
  if (run['state'] !== 'undone') await requireYes(context, questionOf(run, label));
  const begun = performance.now();
  await reworded(client.call('POST', `/api/imports/${number}/undo`), (problem) => wordsFor(problem, label));
  const done = await followed(context, client, number, begun);
  if (context.json) context.data(JSON.stringify(done));
  else context.data(`${label} is undone in ${duration(performance.now() - begun)}: ${broughtWords(done)} taken back`);
  return EXIT.done;
}

function questionOf(run: AnswerDocument, label: string): string {
  return `Undo ${label}? ${broughtWords(run)} will count nowhere any more; a no stays.`;
}

function fileWords(run: AnswerDocument): string {
  const file = textOf(run['file']) ?? '';
  return file === '' ? '' : ` (${[textOf(run['kind']) ?? '', file].filter((word) => word !== '').join(' ')})`;
}

function broughtWords(run: AnswerDocument): string {
  const consents = numberOf(run['consents']) ?? 0;
  const rows = amount(broughtBy(run) - consents, 'row');
  return consents === 0 ? rows : `${rows} and the yeses among ${amount(consents, 'decision')}`;
}

function wordsFor(problem: Readonly<Record<string, unknown>>, label: string): FailureWords | undefined {
  if (problem['code'] === 'import-undone') {
    return { what: `${label} is undone already`, mend: 'filrouge import list says what stands' };
  }
  if (problem['code'] !== 'import-too-old') return undefined;
  return {
    what: `${label} lies further back than the journal is kept, and cannot be told from the rest`,
    mend: 'Correct its rows by another import; journalDays of the configuration says how long that is',
  };
}

/** What is meant: the file, where there is one of this name; else an id or a number; else the name a file had. */
async function runNamed(context: CommandContext, client: ApiClient, named: string): Promise<AnswerDocument> {
  const path = resolve(context.directory, named);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    return runOfFile(client, named, await contentOf(path, context.stop));
  const known = named.length > ID_LENGTH_MAX ? undefined : await runOfId(client, named);
  if (known !== undefined) return known;
  const runs = await runsOfName(client, named);
  const [run, ...more] = runs.filter(isStanding);
  if (run === undefined) {
    const none = `there is no import ${named}, and no file of this name`;
    throw new CommandFailure(
      runs.length === 0 ? none : `nothing stands of what ${named} brought`,
      LIST_NAMES,
      runs.length === 0 ? EXIT.usage : EXIT.failed,
      runs.length === 0 ? { code: 'not-found' } : {},
    );
  }
  if (more.length > 0) throw severalRuns(named, [run, ...more], 'Name the run that is meant, or the file by its path');
  return run;
}

const LIST_NAMES = 'filrouge import list names them';
/** Longer ones the server does not take. */
const ID_LENGTH_MAX = 64;
const PAGE = 500;

/** Undefined where no import has that id. */
async function runOfId(client: ApiClient, id: string): Promise<AnswerDocument | undefined> {
  const asked = reworded(client.call('GET', `/api/imports/${encodeURIComponent(id)}`), ({ code }) => {
    if (code !== 'import-ambiguous') return undefined;
    return { what: `several runs bear the id ${id}`, mend: `Name the run; ${LIST_NAMES}`, exitCode: EXIT.usage };
  });
  try {
    return documentOf(await asked);
  } catch (fault) {
    if (fault instanceof CommandFailure && fault.problem?.['code'] === 'not-found') return undefined;
    throw fault;
  }
}

/** Runs of files that had this name, wherever they stood. */
async function runsOfName(client: ApiClient, name: string): Promise<readonly AnswerDocument[]> {
  const found: AnswerDocument[] = [];
  for (let before: number | undefined; ; ) {
    const since = before === undefined ? '' : `&before=${before}`;
    const page = documentOf(await client.call('GET', `/api/imports?limit=${PAGE}${since}`));
    found.push(...listOf(page['items']).filter((run) => textOf(run['file']) === name));
    before = numberOf(page['next']);
    if (before === undefined) return found;
  }
}

function isStanding(run: AnswerDocument): boolean {
  return run['state'] !== 'undone';
}

async function runOfFile(client: ApiClient, named: string, content: string): Promise<AnswerDocument> {
  const answer = documentOf(await client.call('GET', `/api/imports?content=${content}`));
  const standing = listOf(answer['items']).filter(isStanding);
  const [run, ...more] = standing;
  if (run === undefined) {
    const before = (await runsOfName(client, basename(named))).filter(isStanding);
    throw new CommandFailure(
      `nothing stands of what ${named} brought`,
      before.length === 0
        ? 'A file that was changed since is another; filrouge import list names all'
        : `A file that was changed since is another; of this name stands run ${before.map(runWords).join(', ')}`,
    );
  }
  if (more.length === 0) return run;
  throw severalRuns(named, standing, 'Name the run that is meant');
}

function severalRuns(named: string, runs: readonly AnswerDocument[], mend: string): CommandFailure {
  return new CommandFailure(
    `${named} was imported more than once: runs ${runs.map(runWords).join(', ')}`,
    mend,
    EXIT.usage,
  );
}

function runWords(run: AnswerDocument): string {
  const begun = (textOf(run['begunAt']) ?? '').slice(0, 10);
  return `${numberOf(run['number']) ?? ''} (${[textOf(run['kind']), textOf(run['source']), begun].filter((word) => word !== undefined && word !== '').join(', ')})`;
}

async function contentOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Waits until it is undone, and says how far it is: items of the journal that were read, their rate, time left. */
async function followed(
  context: CommandContext,
  client: ApiClient,
  number: number,
  begun: number,
): Promise<AnswerDocument> {
  for (let saidAt = begun; ; ) {
    const run = documentOf(await client.call('GET', `/api/imports/${number}`));
    if (run['state'] === 'undone') return run;
    if (run['state'] === 'open') {
      throw new CommandFailure(
        'it could not be undone: the journal was cut meanwhile',
        'Correct its rows by another import',
      );
    }
    const now = performance.now();
    if (now - saidAt >= TOLD_EVERY_MS) {
      context.progress(progressWords(documentOf(run['undo']), now - begun));
      saidAt = now;
    }
    await pause(LOOK_MS, undefined, { signal: context.stop });
  }
}

function progressWords(undo: AnswerDocument, ms: number): string {
  const [read, total] = [numberOf(undo['read']) ?? 0, numberOf(undo['total']) ?? 0];
  if (read === 0 || total === 0) return 'undoing: freeing what it brought';
  const left = read < total ? `, ${duration((ms / read) * (total - read))} left` : '';
  return `undoing: ${count(read)} of ${amount(total, 'item')} read again, ${count((read / ms) * 1_000)} a second${left}`;
}
