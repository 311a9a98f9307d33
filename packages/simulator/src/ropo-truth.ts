import { DAY_MS } from '@filrouge/domain/base';

/** Windows of the figure, in days. */
const WINDOWS = [1, 7, 30] as const;

/** A count of sales and of those that something preceded; money in minor units. */
type Tally = {
  sales: number;
  valueMinor: number;
  readonly before: Record<string, number>;
  readonly beforeMinor: Record<string, number>;
  readonly escaped: Record<string, number>;
  readonly escapedMinor: Record<string, number>;
};

/** What preceded a sale, as lags in ms; undefined: nothing did. */
export type Lags = {
  /** The last hit of any kind on the site or in the app. */
  readonly visit?: number | undefined;
  /** The last `Product Viewed` of a product on the receipt (strict). */
  readonly product?: number | undefined;
  /** … of a product of a category on the receipt. */
  readonly category?: number | undefined;
};

/**
 * The true figure: of all sales, the share that was preceded within W days, strictly before, by an act of the same true
 * person with the same brand. Consent, identification and what arrived play no part.
 */
export class RopoTruth {
  readonly #tallies = new Map<string, Tally>();

  /** `seen`: what of it a report can see that knows the buyer; what it then misses has escaped it. */
  add(groups: readonly string[], valueMinor: number, lags: Lags, seen?: Lags): void {
    for (const group of groups) {
      const tally = this.#tallies.get(group) ?? emptyTally();
      this.#tallies.set(group, tally);
      tally.sales++;
      tally.valueMinor += valueMinor;
      for (const [variant, lag] of Object.entries(lags)) {
        if (lag === undefined) continue;
        for (const window of WINDOWS) {
          if (lag > window * DAY_MS) continue;
          const key = `${variant}${window}`;
          tally.before[key] = (tally.before[key] ?? 0) + 1;
          tally.beforeMinor[key] = (tally.beforeMinor[key] ?? 0) + valueMinor;
          if (seen === undefined || (seen[variant as keyof Lags] ?? Infinity) <= window * DAY_MS) continue;
          tally.escaped[key] = (tally.escaped[key] ?? 0) + 1;
          tally.escapedMinor[key] = (tally.escapedMinor[key] ?? 0) + valueMinor;
        }
      }
    }
  }

  /** `{[group]: {sales, valueMinor, visit: {"7": {count, valueMinor, share, valueShare}}, product: …, category: …}}`. */
  close(variants: readonly string[]): Readonly<Record<string, unknown>> {
    const groups = [...this.#tallies.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(groups.map(([group, tally]) => [group, figures(tally, variants)]));
  }
}

function emptyTally(): Tally {
  return { sales: 0, valueMinor: 0, before: {}, beforeMinor: {}, escaped: {}, escapedMinor: {} };
}

function figures(tally: Tally, variants: readonly string[]) {
  const byVariant = variants.map((variant) => {
    const byWindow = WINDOWS.map((window) => {
      const count = tally.before[`${variant}${window}`] ?? 0;
      const valueMinor = tally.beforeMinor[`${variant}${window}`] ?? 0;
      const shares = { share: ratio(count, tally.sales), valueShare: ratio(valueMinor, tally.valueMinor) };
      const escaped = {
        share: ratio(tally.escaped[`${variant}${window}`] ?? 0, tally.sales),
        valueShare: ratio(tally.escapedMinor[`${variant}${window}`] ?? 0, tally.valueMinor),
      };
      return [window, { count, valueMinor, ...shares, escaped }];
    });
    return [variant, Object.fromEntries(byWindow)];
  });
  return { sales: tally.sales, valueMinor: tally.valueMinor, ...Object.fromEntries(byVariant) };
}

/** Six decimals, 0 for an empty base. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1e6) / 1e6;
}

/** The lag from the last of `times` (ascending) that lies strictly before `at`. */
export function lagTo(times: readonly number[], at: number): number | undefined {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : at - (times[low - 1] as number);
}
