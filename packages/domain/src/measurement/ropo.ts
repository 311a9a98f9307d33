import type { RopoCell, SampleTally } from './ropo-cell.ts';
import { type Interval, wilsonInterval } from './wilson-interval.ts';

/** Below so many observable purchases a cell's own rate is drawn towards the overall one; below so many in all, no estimate is firm. */
export const OBSERVABLE_FLOOR = 100;

/** `firm` = enough purchases were observable to tell more than the bounds do; else the interval is the bounds. */
export type RopoEstimate = Interval & { readonly value: number; readonly firm: boolean };

/** All shares are 0..1; `undefined` where there is nothing to divide by. */
export type RopoFigures = {
  /** Everything sold: the denominator of coverage, estimate and bounds. Purchases, or minor units. */
  readonly population: number;
  /** Share of the population that has a person. */
  readonly coverage: number | undefined;
  /** The denominator of `observed`. */
  readonly consentedBase: number;
  /** Purchases seen to follow research, of the consented base. It describes those who consent, nobody else. */
  readonly observed: number | undefined;
  /** For the whole population, if those not seen behave like those seen in the same place and month; inside the bounds. */
  readonly estimate: RopoEstimate | undefined;
  /** What the share can be at all, whatever those not seen do (Manski 1990). */
  readonly bounds: Interval | undefined;
};

export type RopoRow = {
  readonly key: string;
  readonly byCount: RopoFigures;
  readonly byValue: RopoFigures;
  /** Purchases of the consented base: below `OBSERVABLE_FLOOR` observed ones the estimate leans on the overall rate. */
  readonly observable: number;
};

export type RopoMeasure = Omit<RopoRow, 'key'> & {
  /** The currency of `byValue`: the one of most purchases. Purchases in others count in `byCount` alone. */
  readonly currency: string;
  readonly otherCurrencies: readonly string[];
  /** One for each key, by key. */
  readonly rows: readonly RopoRow[];
};

/**
 * The ROPO figures from counts (measurement.md: observed, adjusted and worst case stand side by side).
 *
 * bounds: low = ropo / all: only what was seen. high = (ropo + all - observable) / all: every purchase whose research
 * could not have been seen followed some. They hold if the research of an observable person is seen wherever it is
 * made; a second terminal that never said yes escapes that.
 *
 * estimate: post-stratified by cell, i.e. store (or category) and month (Cochran, Sampling Techniques, 1977, 5A.9):
 * the rate among observable purchases of the cell, times all purchases of the cell. A cell with n < 100 observable ones
 * counts n/100 of its own rate and the rest of the overall rate. Interval: the variance of that sum, each cell resting
 * on its persons and not its purchases, and by value on Kish's effective size (Survey Sampling, 1965, 11.2), gives the
 * effective n of a Wilson interval. With fewer than 100 observable purchases in all it is not firm (measurement.md, i).
 */
export function measureRopo(cells: readonly RopoCell[]): RopoMeasure {
  const [currency = '', ...otherCurrencies] = currenciesOf(cells);
  const keys = [...new Set(cells.map(({ key }) => key))].sort();
  const counts = cells.map(countStratum);
  const values = cells.filter((cell) => cell.currency === currency).map(valueStratum);
  const of = (strata: readonly Stratum[], key: string): readonly Stratum[] => strata.filter((each) => each.key === key);
  return {
    byCount: figuresOf(counts, counts),
    byValue: figuresOf(values, values),
    observable: sum(counts, ({ observable }) => observable),
    currency,
    otherCurrencies,
    rows: keys.map((key) => ({
      key,
      byCount: figuresOf(of(counts, key), counts),
      byValue: figuresOf(of(values, key), values),
      observable: sum(of(counts, key), ({ observable }) => observable),
    })),
  };
}

/** Currencies, that of most purchases first. */
function currenciesOf(cells: readonly RopoCell[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { currency, all } of cells) counts.set(currency, (counts.get(currency) ?? 0) + all.count);
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([currency]) => currency);
}

/** A cell, in purchases or in money. */
type Stratum = {
  readonly key: string;
  readonly all: number;
  readonly identified: number;
  readonly consented: number;
  readonly observable: number;
  /** The observable ones as a number of purchases, whatever the unit. */
  readonly observablePurchases: number;
  readonly ropo: number;
  /** How many independent observations the rate of the observable ones rests on. */
  readonly effective: number;
  /** Weight of the cell's own rate, 0..1. */
  readonly own: number;
};

function countStratum(cell: RopoCell): Stratum {
  return {
    key: cell.key,
    all: cell.all.count,
    identified: cell.identified.count,
    consented: cell.consented.count,
    observable: cell.observable.count,
    observablePurchases: cell.observable.count,
    ropo: cell.ropo.count,
    effective: cell.observable.persons,
    own: Math.min(1, cell.observable.count / OBSERVABLE_FLOOR),
  };
}

function valueStratum(cell: RopoCell): Stratum {
  return {
    key: cell.key,
    all: cell.all.valueMinor,
    identified: cell.identified.valueMinor,
    consented: cell.consented.valueMinor,
    observable: cell.observable.valueMinor,
    observablePurchases: cell.observable.count,
    ropo: cell.ropo.valueMinor,
    effective: effectivePersons(cell.observable),
    own: Math.min(1, cell.observable.count / OBSERVABLE_FLOOR),
  };
}

/** Unequal values carry less than as many equal ones: (sum v)^2 / (n sum v^2) of them. */
function effectivePersons({ count, valueMinor, valueSquares, persons }: SampleTally): number {
  return count === 0 || valueSquares === 0 ? 0 : (persons * valueMinor ** 2) / (count * valueSquares);
}

function figuresOf(strata: readonly Stratum[], everywhere: readonly Stratum[]): RopoFigures {
  const population = sum(strata, ({ all }) => all);
  const consentedBase = sum(strata, ({ consented }) => consented);
  const observable = sum(strata, (stratum) => stratum.observable);
  const ropo = sum(strata, (stratum) => stratum.ropo);
  const bounds =
    population > 0 ? { low: ropo / population, high: (ropo + population - observable) / population } : undefined;
  return {
    population,
    coverage: share(
      sum(strata, ({ identified }) => identified),
      population,
    ),
    consentedBase,
    observed: share(ropo, consentedBase),
    estimate: bounds === undefined ? undefined : estimateOf(strata, everywhere, bounds),
    bounds,
  };
}

function estimateOf(
  strata: readonly Stratum[],
  everywhere: readonly Stratum[],
  bounds: Interval,
): RopoEstimate | undefined {
  const seen = everywhere.filter(({ observable }) => observable > 0);
  const observable = sum(seen, (stratum) => stratum.observable);
  const overall = share(
    sum(seen, ({ ropo }) => ropo),
    observable,
  );
  const population = sum(strata, ({ all }) => all);
  if (overall === undefined) return undefined;
  const value = sum(
    strata,
    (stratum) => (stratum.all / population) * (stratum.own * rateIn(stratum) + (1 - stratum.own) * overall),
  );
  const borrowed = sum(strata, ({ all, own }) => (all / population) * (1 - own));
  const mine = new Set(strata);
  const effectiveAll = sum(seen, ({ effective }) => effective);
  const towards = smoothed(overall, effectiveAll);
  const variance = sum(seen, (stratum) => {
    const direct = mine.has(stratum) ? (stratum.all / population) * stratum.own : 0;
    const weight = direct + borrowed * (stratum.observable / observable);
    const rate = (rateIn(stratum) * stratum.effective + 2 * towards) / (stratum.effective + 2);
    return (weight ** 2 * rate * (1 - rate)) / Math.max(stratum.effective, 1);
  });
  const steady = smoothed(value, effectiveAll);
  const { low, high } = wilsonInterval(value, (steady * (1 - steady)) / variance);
  const inside = (x: number): number => Math.min(Math.max(x, bounds.low), bounds.high);
  const firm = sum(seen, ({ observablePurchases }) => observablePurchases) >= OBSERVABLE_FLOOR;
  return firm
    ? { value: inside(value), low: inside(low), high: inside(high), firm }
    : { value: inside(value), ...bounds, firm };
}

/** The rate among what was observable; 0 where nothing was, which then weighs nothing. */
function rateIn({ ropo, observable }: Stratum): number {
  return observable > 0 ? ropo / observable : 0;
}

/** A rate that is never 0 or 1, so that a variance computed of it is never 0 (one success and one failure are added). */
function smoothed(rate: number, n: number): number {
  return (rate * n + 1) / (n + 2);
}

function share(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
