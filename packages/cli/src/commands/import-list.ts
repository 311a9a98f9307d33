import type { Command } from 'commander';
import { type AnswerDocument, documentOf, listOf, numberOf, textOf } from '../api/answer-document.ts';
import { type ApiOptions, apiClientOf } from '../api/api-client.ts';
import { withApiOptions } from '../api/api-options.ts';
import type { Perform } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { count } from '../words/figures.ts';
import { textTable } from '../words/text-table.ts';

type ListOptions = ApiOptions & { readonly limit: string; readonly before?: string };

/** `filrouge import list`: what was imported, when, how much it brought, and whether it was undone. */
export function registerImportList(program: Command, perform: Perform): void {
  withApiOptions(
    program
      .command('list')
      .description('list imports, latest first')
      .option('--limit <number>', 'at most so many', '50')
      .option('--before <run>', 'those before this run'),
  )
    .addHelpText(
      'after',
      `
Needs a token with the scope imports:read. One line is a run: the same file imported again after it was undone is another.
Example: filrouge import list --limit 10
Exit code: 0 told, 1 failed, 2 wrong usage.`,
    )
    .action(perform<ListOptions>(list));
}

async function list(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  const query = new URLSearchParams({ limit: options.limit });
  if (options.before !== undefined) query.set('before', options.before);
  const answer = documentOf(await apiClientOf(context, options).call('GET', `/api/imports?${query.toString()}`));
  if (context.json) {
    context.data(JSON.stringify(answer));
    return EXIT.done;
  }
  const items = listOf(answer['items']);
  if (items.length === 0) {
    context.data('nothing was imported');
    return EXIT.done;
  }
  const titles = ['import', 'run', 'what', 'file', 'source', 'begun', 'brought', 'state'];
  for (const line of textTable(titles, items.map(cellsOf), new Set([1, 6]))) context.data(line);
  const next = numberOf(answer['next']);
  if (next !== undefined) context.progress(`There are more: --before ${next}`);
  return EXIT.done;
}

function cellsOf(run: AnswerDocument): readonly string[] {
  const word = (name: string): string => textOf(run[name]) ?? '';
  const begun = word('begunAt').slice(0, 16).replace('T', ' ');
  return [
    word('import'),
    String(numberOf(run['number']) ?? ''),
    word('kind'),
    word('file'),
    word('source'),
    begun,
    count(broughtBy(run)),
    word('state'),
  ];
}

/** Items, decisions and reference rows that a run brought. */
export function broughtBy(run: AnswerDocument): number {
  return ['accepted', 'consents', 'reference'].reduce((sum, name) => sum + (numberOf(run[name]) ?? 0), 0);
}
