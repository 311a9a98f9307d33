import { SHOPPERS_MAX } from '@filrouge/simulator';
import { measureRetailer } from '../accuracy/measure-retailer.ts';
import { type Accuracy, accuracyOf, holds, type Recovered } from '../accuracy/recovered.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { wholeNumber } from '../whole-number.ts';
import { count, percent } from '../words/figures.ts';
import { textTable } from '../words/text-table.ts';

type AccuracyOptions = {
  readonly seeds: string;
  readonly firstSeed: string;
  readonly shoppers: string;
  readonly days: string;
};

/** `filrouge report accuracy`: what simulated retailers planted, and what the report recovers of it. */
export const registerAccuracy: Register = (program, perform) => {
  const report = program.commands.find((command) => command.name() === 'report');
  report
    ?.command('accuracy')
    .description('how near the ROPO report comes to the truth of simulated retailers; exit code 3 if bounds miss it')
    .option('--seeds <number>', 'how many retailers', '3')
    .option('--first-seed <number>', 'seed of the first of them; the others follow it', '1')
    .option('--shoppers <number>', 'how many people live in each', '2000')
    .option('--days <number>', 'length of each history', '365')
    .addHelpText(
      'after',
      `
Each retailer goes through the public door of a server of its own, with embedded engines in a temporary directory; no
running server is asked and nothing stays. A minute or two a retailer: 100 answers at the till make an estimate, which smaller ones do not have. docs/measurement.md says what the figures mean.`,
    )
    .action(perform<AccuracyOptions>(accuracy));
};

async function accuracy(context: CommandContext, options: AccuracyOptions): Promise<ExitCode> {
  const seeds = wholeNumber('--seeds', options.seeds, 1, 1_000);
  const firstSeed = wholeNumber('--first-seed', options.firstSeed, 1, 1_000_000);
  const shoppers = wholeNumber('--shoppers', options.shoppers, 2, SHOPPERS_MAX);
  const days = wholeNumber('--days', options.days, 1, 400);
  if (context.dryRun) {
    context.data(`${count(seeds)} retailers of ${count(shoppers)} shoppers and ${count(days)} days would be measured`);
    return EXIT.done;
  }
  const until = Date.now();
  const recovered: Recovered[] = [];
  for (let done = 0; done < seeds; done += 1) {
    context.stop.throwIfAborted();
    recovered.push(...(await measureRetailer(context, { seed: firstSeed + done, shoppers, days, until })));
    context.progress(`${done + 1} of ${count(seeds)} retailers`);
  }
  const summary = accuracyOf(recovered);
  if (context.json) context.data(JSON.stringify({ shoppers, days, reports: recovered, summary }));
  else tell(context, recovered, summary);
  return summary.boundsHeld === summary.reports ? EXIT.done : EXIT.differences;
}

function tell(context: CommandContext, recovered: readonly Recovered[], summary: Accuracy): void {
  const share = (value: number | undefined): string => (value === undefined ? '-' : percent(value, 'en'));
  const span = (one: { readonly low: number; readonly high: number } | undefined): string =>
    one === undefined ? '-' : `${share(one.low)} to ${share(one.high)}`;
  const rows = recovered.map(({ seed, brand, purchases, truth, observed, estimate, bounds }) => [
    String(seed),
    brand,
    count(purchases),
    share(truth),
    share(observed),
    share(estimate?.value),
    span(estimate),
    estimate === undefined ? '-' : `${holds(estimate, truth) ? 'held' : 'MISSED'}, ${estimate.basis}`,
    span(bounds),
    holds(bounds, truth) ? 'held' : 'MISSED',
  ]);
  const head = ['seed', 'brand', 'purchases', 'planted', 'observed', 'estimate', '95 % interval', '', 'bounds', ''];
  for (const line of textTable(head, rows)) context.data(line);
  context.data('');
  context.data(
    `bounds held the truth in ${summary.boundsHeld} of ${summary.reports} reports, the interval in ${summary.intervalHeld} of ${summary.estimates}; ` +
      `it is ${share(summary.width)} wide; the estimate is off by ${share(summary.error)} (root mean square), ${share(summary.bias)} on average`,
  );
}
