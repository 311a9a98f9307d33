import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { documentOf, listOf, numberOf, textOf } from '../api/answer-document.ts';
import { type ApiOptions, apiClientOf } from '../api/api-client.ts';
import { withApiOptions } from '../api/api-options.ts';
import { reworded } from '../api/reworded.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { SQL_FORMATS, type SqlFormat, sqlLines, sqlRowsOf } from '../sql/shown-answer.ts';
import { sqlFailure } from '../sql/sql-failure.ts';
import { wholeNumber } from '../whole-number.ts';
import { count, languageOf } from '../words/figures.ts';
import { textTable } from '../words/text-table.ts';

type SqlOptions = ApiOptions & {
  readonly purpose?: string;
  readonly brand?: string;
  readonly file?: string;
  readonly format?: SqlFormat;
  readonly param?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly limit?: string;
  readonly tables?: true;
};

const AFTER_HELP = `
The query is one SELECT over the views that --tables lists; docs/sql.md has five to begin with. Its rows are those that
may be used for the purpose now. The table, the CSV (which no spreadsheet takes for formulas) and one object a line go to
stdout, how many and how long to stderr; --json, like --format json, is the answer of POST /api/sql as it is.
A refused query shows its line with a mark under the place. Exit code 2: the query cannot be followed; 1: it failed on a
row or met a limit.`;

/** `filrouge sql`: a query over what one purpose permits. */
export const registerSql: Register = (program, perform) => {
  const sql: Command = program
    .command('sql')
    .description('ask a running server a SELECT over the events that a purpose permits')
    .argument('[query]', 'the SELECT, between quotes')
    .option('--purpose <id>', 'what the rows are read for')
    .option('--brand <id>', 'the brand (default: the one of the token, or the only one there is)')
    .option('--file <file>', 'read the query from a file; - is stdin')
    .addOption(new Option('--format <format>', 'of the answer').choices(SQL_FORMATS).default('table'))
    .option('--param <name=value...>', 'the value of {name:Type} in the query; a name given twice is a list')
    .option('--from <date>', 'events from here on, e.g. 2026-11-01')
    .option('--to <date>', 'events before this day')
    .option('--limit <rows>', 'rows at most, up to 100000 (default: 10000)')
    .option('--tables', 'list the views and their columns instead')
    .addHelpText('after', AFTER_HELP);
  withApiOptions(sql).action(perform<SqlOptions, [query?: string]>(askSql));
};

async function askSql(context: CommandContext, options: SqlOptions, argument?: string): Promise<ExitCode> {
  if (options.tables === true) return listTables(context, options);
  const { purpose, brand, from, to } = options;
  const limit = options.limit === undefined ? undefined : wholeNumber('--limit', options.limit, 1, 100_000);
  if (purpose === undefined) {
    throw new CommandFailure('no purpose is named', 'Say what the rows are read for with --purpose', EXIT.usage);
  }
  const query = await queryOf(context, options, argument);
  const parameters = parametersOf(options.param ?? []);
  const named = Object.entries({ brand, from, to, limit }).filter(([, value]) => value !== undefined);
  const body = { purpose, query, parameters, ...Object.fromEntries(named) };
  const client = apiClientOf(context, options);
  const asked = reworded(client.call('POST', '/api/sql', body), (problem) => sqlFailure(problem, query));
  const answer = documentOf(await asked);
  const format = context.json ? 'json' : (options.format ?? 'table');
  if (format === 'json') {
    context.data(JSON.stringify(answer));
    return EXIT.done;
  }
  const shown = sqlRowsOf(answer);
  for (const line of sqlLines(shown, format)) {
    if (format === 'csv') await context.write(`${line}\n`);
    else context.data(line);
  }
  const truncated = answer['truncated'] === true;
  const words = WORDS[languageOf(context.environment)];
  context.progress(words.done(shown.rows.length, numberOf(answer['ms']) ?? 0, purpose));
  if (truncated) context.warn(words.truncated);
  return EXIT.done;
}

const WORDS = {
  en: {
    done: (rows: number, ms: number, purpose: string) =>
      `${count(rows, 'en')} ${rows === 1 ? 'row' : 'rows'} for ${purpose}, ${count(ms, 'en')} ms`,
    truncated: 'There are more rows: raise --limit, or ask for less.',
  },
  fr: {
    done: (rows: number, ms: number, purpose: string) =>
      `${count(rows, 'fr')} ${rows < 2 ? 'ligne' : 'lignes'} pour ${purpose}, ${count(ms, 'fr')} ms`,
    truncated: 'Il y a d’autres lignes : augmentez --limit, ou demandez moins.',
  },
} as const;

async function queryOf(
  { directory, stdin }: CommandContext,
  { file }: SqlOptions,
  argument: string | undefined,
): Promise<string> {
  if ((argument === undefined) === (file === undefined)) {
    const what = argument === undefined ? 'no query is given' : 'a query is given twice';
    throw new CommandFailure(what, 'Write it between quotes, or name its file with --file', EXIT.usage);
  }
  if (argument !== undefined) return argument;
  if (file === '-') return stdin();
  try {
    return await readFile(resolve(directory, file ?? ''), 'utf8');
  } catch {
    throw new CommandFailure(`${file} cannot be read`, 'Name a file with a query in it', EXIT.usage);
  }
}

/** `a=1 b=x b=y` -> `{a: '1', b: ['x', 'y']}`. */
function parametersOf(given: readonly string[]): Readonly<Record<string, string | readonly string[]>> {
  const values = new Map<string, readonly string[]>();
  for (const text of given) {
    const [, name, value] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new CommandFailure(`--param ${text} is no value`, 'Write it like --param store=S001', EXIT.usage);
    }
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? '') : all]));
}

async function listTables(context: CommandContext, options: SqlOptions): Promise<ExitCode> {
  const answer = documentOf(await apiClientOf(context, options).call('GET', '/api/sql/tables'));
  if (context.json) {
    context.data(JSON.stringify(answer));
    return EXIT.done;
  }
  for (const [n, { name, about, columns }] of listOf(answer['tables']).entries()) {
    if (n > 0) context.data('');
    context.data(`${textOf(name) ?? ''}: ${textOf(about) ?? ''}`);
    const rows = listOf(columns).map((column) => ['name', 'type', 'about'].map((each) => textOf(column[each]) ?? ''));
    // The head is left out: what stands in each column is plain.
    for (const line of textTable(['', '', ''], rows).slice(1)) context.data(`  ${line}`);
  }
  return EXIT.done;
}
