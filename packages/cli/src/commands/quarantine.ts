import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { type AnswerDocument, documentOf, listOf, textOf } from '../api/answer-document.ts';
import { type ApiClient, type ApiMethod, type ApiOptions, apiClientOf } from '../api/api-client.ts';
import { withApiOptions } from '../api/api-options.ts';
import { type FailureWords, reworded } from '../api/reworded.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { textTable } from '../words/text-table.ts';

type ListOptions = ApiOptions & { readonly state: string; readonly limit: string; readonly after?: string };

/** `filrouge quarantine list|show|replay|discard`: items that could not be processed, kept with their reason. */
export const registerQuarantine: Register = (program, perform) => {
  const quarantine = program.command('quarantine').description('look after items that could not be processed');
  withApiOptions(
    quarantine
      .command('list')
      .description('list them, newest first')
      .addOption(new Option('--state <state>').choices(['open', 'released', 'discarded']).default('open'))
      .option('--limit <number>', 'at most so many', '50')
      .option('--after <id>', 'those after this one'),
  ).action(perform<ListOptions>(list));
  withApiOptions(quarantine.command('show').description('one of them, with what was sent').argument('<id>')).action(
    perform<ApiOptions, [id: string]>(show),
  );
  withApiOptions(
    quarantine
      .command('replay')
      .description('put one through the door again, mended or as it is')
      .argument('<id>')
      .option('--item <file>', 'the mended item, as JSON'),
  ).action(perform<ApiOptions & { readonly item?: string }, [id: string]>(replay));
  withApiOptions(
    quarantine
      .command('discard')
      .description('give one up; its content is destroyed, who and why is kept')
      .argument('<id>')
      .requiredOption('--reason <text>', 'why'),
  ).action(perform<ApiOptions & { readonly reason: string }, [id: string]>(discard));
};

async function list(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  const query = new URLSearchParams({ state: options.state, limit: options.limit });
  if (options.after !== undefined) query.set('after', options.after);
  const answer = documentOf(await apiClientOf(context, options).call('GET', `/api/quarantine?${query.toString()}`));
  if (context.json) {
    context.data(JSON.stringify(answer));
    return EXIT.done;
  }
  const items = listOf(answer['items']);
  if (items.length === 0) {
    context.data(options.state === 'open' ? 'nothing waits in quarantine' : `nothing is ${options.state}`);
    return EXIT.done;
  }
  const columns = ['id', 'source', 'name', 'reason', 'receivedAt'];
  for (const line of textTable(
    columns,
    items.map((item) => columns.map((name) => textOf(item[name]) ?? '')),
  ))
    context.data(line);
  const next = textOf(answer['next']);
  if (next !== undefined) context.progress(`There are more: --after ${next}`);
  return EXIT.done;
}

async function show(context: CommandContext, options: ApiOptions, id: string): Promise<ExitCode> {
  const answer = await askEntry(apiClientOf(context, options), 'GET', id);
  context.data(context.json ? JSON.stringify(answer) : JSON.stringify(answer, undefined, 2));
  return EXIT.done;
}

async function replay(
  context: CommandContext,
  options: ApiOptions & { readonly item?: string },
  id: string,
): Promise<ExitCode> {
  const item = options.item === undefined ? undefined : await itemIn(context, options.item);
  const client = apiClientOf(context, options);
  if (context.dryRun) return wouldDecide(context, client, id, item === undefined ? 'replay' : 'replay mended');
  const answer = await askEntry(client, 'POST', id, '/replay', item === undefined ? {} : { item });
  const { kind, reason } = documentOf(documentOf(answer)['outcome']);
  const became = kind === 'withheld' ? `withheld (${textOf(reason) ?? 'no permission'})` : 'in again';
  context.data(context.json ? JSON.stringify(answer) : `${id}: ${became}`);
  return EXIT.done;
}

async function itemIn(context: CommandContext, file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(resolve(context.directory, file), 'utf8')) as unknown;
  } catch (fault) {
    const why = fault instanceof SyntaxError ? `holds no JSON (${fault.message})` : 'cannot be read';
    throw new CommandFailure(`${file} ${why}`, 'Write the mended item into it as one JSON object', EXIT.usage);
  }
}

async function discard(
  context: CommandContext,
  options: ApiOptions & { readonly reason: string },
  id: string,
): Promise<ExitCode> {
  const client = apiClientOf(context, options);
  if (context.dryRun) return wouldDecide(context, client, id, 'discard');
  const answer = await askEntry(client, 'POST', id, '/discard', { reason: options.reason });
  context.data(context.json ? JSON.stringify(answer ?? { id, state: 'discarded' }) : `${id}: discarded`);
  return EXIT.done;
}

/** Looks at an entry, and says what a decision on it would come to. Errors: `CommandFailure` where it could not be taken. */
async function wouldDecide(
  context: CommandContext,
  client: ApiClient,
  id: string,
  decision: 'replay' | 'replay mended' | 'discard',
): Promise<ExitCode> {
  const entry = documentOf(await askEntry(client, 'GET', id));
  const [state, unreadable] = [textOf(entry['state']), textOf(entry['unreadable'])];
  if (state !== 'open') throw failureOf(decidedWords(id, entry));
  if (decision === 'replay' && unreadable !== undefined) {
    throw new CommandFailure(
      `${id} cannot be read any more (${unreadable}), so it cannot enter again`,
      'Discard it with a reason, or replay it with --item',
    );
  }
  const [name = '', source = '', reason = ''] = ['name', 'source', 'reason'].map((each) => textOf(entry[each]));
  if (context.json) context.data(JSON.stringify({ dryRun: true, would: decision, id, name, source, reason }));
  else context.data(`would ${decision} ${id}: ${name} of ${source}, held for ${reason}; nothing was done (--dry-run)`);
  return EXIT.done;
}

/** One request about an entry, whose refusals are told in the words of this command. */
async function askEntry(
  client: ApiClient,
  method: ApiMethod,
  id: string,
  decision: '' | '/replay' | '/discard' = '',
  body?: unknown,
): Promise<unknown> {
  const mend = 'filrouge quarantine list names them';
  return reworded(client.call(method, `/api/quarantine/${encodeURIComponent(id)}${decision}`, body), (problem) => {
    if (problem['code'] === 'not-found') {
      return { what: `there is no entry ${id} in quarantine`, mend, exitCode: EXIT.usage };
    }
    if (problem['code'] === 'entry-decided') return decidedWords(id, {});
    if (problem['pointer'] !== '/id') return undefined;
    return { what: `${id} is no id of an entry in quarantine`, mend, exitCode: EXIT.usage };
  });
}

function decidedWords(id: string, entry: AnswerDocument): FailureWords {
  return {
    what: `${id} is ${textOf(entry['state']) ?? 'decided on'} already`,
    mend: `filrouge quarantine show ${id} says when, and of a discarded one by whom and why`,
  };
}

function failureOf({ what, mend }: FailureWords): CommandFailure {
  return new CommandFailure(what, mend);
}
