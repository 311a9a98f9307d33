import { Option } from 'commander';
import { type ApiOptions, apiClientOf } from '../api/api-client.ts';
import { withApiOptions } from '../api/api-options.ts';
import { reworded } from '../api/reworded.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { type RopoReport, ropoPeriod, ropoReportOf, ropoSentence, type Span } from '../report/ropo-report.ts';
import { count, type Language, languageOf, percent } from '../words/figures.ts';
import { textTable } from '../words/text-table.ts';

type RopoOptions = ApiOptions & {
  readonly brand?: string;
  readonly window: '1' | '7' | '30';
  readonly direction: 'online-to-store' | 'store-to-online';
  readonly match: 'any' | 'category' | 'sku' | 'strict';
  readonly by: 'store' | 'category';
  readonly from?: string;
  readonly to?: string;
  readonly csv?: true;
};

/** `filrouge report ropo`: what research online does for the shops, and the reverse. */
export const registerReport: Register = (program, perform) => {
  const report = program.command('report').description('ask a running server for a figure');
  const ropo = report
    .command('ropo')
    .description('the share of purchases that followed research on the other side')
    .option('--brand <id>', 'the brand (default: the one of the token, or the only one there is)')
    .addOption(
      new Option('--window <days>', 'days between research and purchase').choices(['1', '7', '30']).default('7'),
    )
    .addOption(
      new Option('--direction <direction>', 'which side is researched')
        .choices(['online-to-store', 'store-to-online'])
        .default('online-to-store'),
    )
    .addOption(
      new Option('--match <match>', 'what research and purchase share; strict = the very product (sku)')
        .choices(['any', 'category', 'sku', 'strict'])
        .default('any'),
    )
    .addOption(new Option('--by <rows>', 'what a row is').choices(['store', 'category']).default('store'))
    .option('--from <date>', 'the first day, e.g. 2026-11-01 (default: 30 days before --to)')
    .option('--to <date>', 'the day after the last (default: now)')
    .option('--csv', 'as CSV on stdout, small cells left empty');
  withApiOptions(ropo).action(perform<RopoOptions>(reportRopo));
};

async function reportRopo(context: CommandContext, options: RopoOptions): Promise<ExitCode> {
  if (options.csv === true && context.json) {
    throw new CommandFailure('--csv and --json ask for two forms', 'Name one of them', EXIT.usage);
  }
  const { window, direction, by } = options;
  const match = options.match === 'strict' ? 'sku' : options.match;
  const query = new URLSearchParams({ window, direction, match, by });
  for (const name of ['brand', 'from', 'to'] as const) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const client = apiClientOf(context, options);
  const path = `/api/reports/ropo?${query.toString()}`;
  if (options.csv === true) {
    await context.write(`${(await inWords(client.text(path, 'text/csv'))).trimEnd()}\n`);
    return EXIT.done;
  }
  const answer = await inWords(client.call('GET', path));
  if (context.json) {
    context.data(JSON.stringify(answer));
    return EXIT.done;
  }
  const language = languageOf(context.environment);
  const report = ropoReportOf(answer, language);
  context.data(ropoSentence(report, { direction, window: Number(window) }, language));
  const period = ropoPeriod(report, language);
  if (period !== undefined) context.data(period);
  if (report.rows.length > 0) context.data('');
  for (const line of tableLines(report, by, language)) context.data(line);
  if (report.definition !== undefined) context.data(`\n${report.definition}`);
  return EXIT.done;
}

/** What the server says of fields, in the words of options. */
function inWords<T>(asked: Promise<T>): Promise<T> {
  return reworded(asked, ({ code, pointer, choices }) => {
    if (code === 'value-not-allowed' && pointer === '/from') {
      return {
        what: '--from does not lie before --to',
        mend: 'Without --to the period ends now',
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

const HEADS = {
  en: {
    store: 'store',
    category: 'category',
    none: '(none)',
    figures: ['purchases', 'coverage', 'consented', 'observed', 'estimate', 'interval', 'bounds'],
    to: 'to',
  },
  fr: {
    store: 'magasin',
    category: 'catégorie',
    none: '(sans)',
    figures: ['achats', 'couverture', 'consentis', 'observé', 'estimation', 'intervalle', 'bornes'],
    to: 'à',
  },
} as const;

function tableLines({ rows }: RopoReport, by: 'store' | 'category', language: Language): readonly string[] {
  if (rows.length === 0) return [];
  const share = (value: number | undefined): string => (value === undefined ? '-' : percent(value, language));
  const words = HEADS[language];
  const between = (span: Span): string => `${share(span.low)} ${words.to} ${share(span.high)}`;
  return textTable(
    [words[by], ...words.figures],
    rows.map((row) => [
      row.key === '' ? words.none : row.name === undefined ? row.key : `${row.key} ${row.name}`,
      row.population === undefined ? '-' : count(row.population, language),
      share(row.coverage),
      row.consentedBase === undefined ? '-' : count(row.consentedBase, language),
      share(row.observed),
      row.estimate?.firm === true ? share(row.estimate.value) : '-',
      row.estimate?.firm === true ? between(row.estimate) : '-',
      row.bounds === undefined ? '-' : between(row.bounds),
    ]),
    new Set([1, 2, 3, 4, 5]),
  );
}
