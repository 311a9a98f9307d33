import { Option } from 'commander';
import { type ApiOptions, apiClientOf } from '../api/api-client.ts';
import { withApiOptions } from '../api/api-options.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { type RopoReport, ropoReportOf, ropoSentence } from '../report/ropo-report.ts';
import { count, percent } from '../words/figures.ts';
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
    .option('--brand <id>', 'the brand (default: the one of the token)')
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
  const { window, direction, by } = options;
  const match = options.match === 'strict' ? 'sku' : options.match;
  const query = new URLSearchParams({ window, direction, match, by });
  for (const name of ['brand', 'from', 'to'] as const) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const client = apiClientOf(context, options);
  const path = `/api/reports/ropo?${query.toString()}`;
  if (options.csv === true && !context.json) {
    context.data((await client.text(path, 'text/csv')).trimEnd());
    return EXIT.done;
  }
  const answer = await client.call('GET', path);
  if (context.json) {
    context.data(JSON.stringify(answer));
    return EXIT.done;
  }
  const report = ropoReportOf(answer, 'en');
  context.data(ropoSentence(report, { direction, window: Number(window) }, 'en'));
  if (report.rows.length > 0) context.data('');
  for (const line of tableLines(report, by)) context.data(line);
  if (report.definition !== undefined) context.data(`\n${report.definition}`);
  return EXIT.done;
}

function tableLines({ rows }: RopoReport, by: string): readonly string[] {
  if (rows.length === 0) return [];
  const share = (value: number | undefined): string => (value === undefined ? '-' : percent(value));
  return textTable(
    [by, 'purchases', 'coverage', 'consented', 'observed', 'estimate', 'interval', 'bounds'],
    rows.map((row) => [
      row.name === undefined ? row.key : `${row.key} ${row.name}`,
      row.population === undefined ? '-' : count(row.population),
      share(row.coverage),
      row.consentedBase === undefined ? '-' : count(row.consentedBase),
      share(row.observed),
      share(row.estimate?.value),
      row.estimate === undefined ? '-' : `${share(row.estimate.low)} to ${share(row.estimate.high)}`,
      row.bounds === undefined ? '-' : `${share(row.bounds.low)} to ${share(row.bounds.high)}`,
    ]),
    new Set([1, 2, 3, 4, 5]),
  );
}
