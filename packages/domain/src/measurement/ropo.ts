import type { RopoCell, SampleTally } from './ropo-cell.ts';
import { type Interval, wilsonInterval } from './wilson-interval.ts';

/** Below so many observable purchases a cell's own rate is drawn towards the overall one; below so many in all, no estimate is firm. */
export const OBSERVABLE_FLOOR = 100;

/**
 * What an estimate rests on: `asked` = answers at the till, drawn at random; `observed` = the purchases whose research
 * could be seen, and a range for how the others differ from them.
 */
export type RopoBasis = 'asked' | 'observed';

/** `firm` = enough purchases were observable to tell more than the bounds do; else the interval is the bounds. */
export type RopoEstimate = Interval & { readonly value: number; readonly firm: boolean; readonly basis: RopoBasis };

/**
 * Purchases that cannot be seen may follow research more or less often than those that can; nothing in the data tells.
 * Standard deviation of that ratio, as a part of one, by which the interval is widened: an assumption, chosen wide
 * (docs/measurement.md); `filrouge report accuracy` shows how it fares.
 */
const UNSEEN_DEVIATION = 0.2;

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
  /** Purchases whose buyer answered at the till. */
  readonly asked: number;
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
 *
 * Those who can be seen are not like the rest, and see themselves in part: the estimate from them carries a term for it
 * (`UNSEEN_DEVIATION`), and so a wide interval. Where 100 buyers and more answered at the till the same sum is made of
 * their answers: they are a sample of all purchases, so that nothing needs to be assumed and the interval is narrow.
 */
export function measureRopo(cells: readonly RopoCell[]): RopoMeasure {
  const [currency = '', ...otherCurrencies] = currenciesOf(cells);
  const keys = [...new Set(cells.map(({ key }) => key))].sort();
  const basis = sum(cells, ({ asked }) => asked.count) >= OBSERVABLE_FLOOR ? 'asked' : 'observed';
  const counts = cells.map((cell) => countStratum(cell, basis));
  const values = cells.filter((cell) => cell.currency === currency).map((cell) => valueStratum(cell, basis));
  const of = <T extends { readonly key: string }>(list: readonly T[], key: string): readonly T[] =>
    list.filter((each) => each.key === key);
  return {
    byCount: figuresOf(counts, counts),
    byValue: figuresOf(values, values),
    observable: sum(cells, ({ observable }) => observable.count),
    asked: sum(cells, ({ asked }) => asked.count),
    currency,
    otherCurrencies,
    rows: keys.map((key) => ({
      key,
      byCount: figuresOf(of(counts, key), counts),
      byValue: figuresOf(of(values, key), values),
      observable: sum(of(cells, key), ({ observable }) => observable.count),
      asked: sum(of(cells, key), ({ asked }) => asked.count),
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
  readonly ropo: number;
  readonly sample: Sample;
};

/** What the rate of a cell is estimated from. */
type Sample = {
  readonly basis: RopoBasis;
  readonly size: number;
  /** Of `size`, what followed research. */
  readonly hits: number;
  /** The same as a number of purchases, whatever the unit. */
  readonly purchases: number;
  /** How many independent observations it is. */
  readonly effective: number;
  /** Weight of the cell's own rate, 0..1. */
  readonly own: number;
};

function countStratum(cell: RopoCell, basis: RopoBasis): Stratum {
  const { asked, confirmed, observable, ropo } = cell;
  return {
    key: cell.key,
    all: cell.all.count,
    identified: cell.identified.count,
    consented: cell.consented.count,
    observable: observable.count,
    ropo: ropo.count,
    sample:
      basis === 'asked'
        ? sampleOf(basis, asked.count, { size: asked.count, hits: confirmed.count, effective: asked.count })
        : sampleOf(basis, observable.count, {
            size: observable.count,
            hits: ropo.count,
            effective: observable.persons,
          }),
  };
}

function valueStratum(cell: RopoCell, basis: RopoBasis): Stratum {
  const { asked, confirmed, observable, ropo } = cell;
  return {
    key: cell.key,
    all: cell.all.valueMinor,
    identified: cell.identified.valueMinor,
    consented: cell.consented.valueMinor,
    observable: observable.valueMinor,
    ropo: ropo.valueMinor,
    sample:
      basis === 'asked'
        ? sampleOf(basis, asked.count, {
            size: asked.valueMinor,
            hits: confirmed.valueMinor,
            effective: effectivePersons({ ...asked, persons: asked.count }),
          })
        : sampleOf(basis, observable.count, {
            size: observable.valueMinor,
            hits: ropo.valueMinor,
            effective: effectivePersons(observable),
          }),
  };
}

function sampleOf(basis: RopoBasis, purchases: number, sample: Pick<Sample, 'size' | 'hits' | 'effective'>): Sample {
  return { basis, purchases, ...sample, own: Math.min(1, purchases / OBSERVABLE_FLOOR) };
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
  const seen = everywhere.filter(({ sample }) => sample.size > 0);
  const size = sum(seen, ({ sample }) => sample.size);
  const overall = share(
    sum(seen, ({ sample }) => sample.hits),
    size,
  );
  const population = sum(strata, ({ all }) => all);
  if (overall === undefined) return undefined;
  const basis = seen[0]?.sample.basis ?? 'observed';
  const value = sum(
    strata,
    ({ all, sample }) => (all / population) * (sample.own * rateIn(sample) + (1 - sample.own) * overall),
  );
  const borrowed = sum(strata, ({ all, sample }) => (all / population) * (1 - sample.own));
  const mine = new Set(strata);
  const effectiveAll = sum(seen, ({ sample }) => sample.effective);
  const towards = smoothed(overall, effectiveAll);
  const drawn = sum(seen, (stratum) => {
    const { sample } = stratum;
    const direct = mine.has(stratum) ? (stratum.all / population) * sample.own : 0;
    const weight = direct + borrowed * (sample.size / size);
    const rate = (rateIn(sample) * sample.effective + 2 * towards) / (sample.effective + 2);
    return (weight ** 2 * rate * (1 - rate)) / Math.max(sample.effective, 1);
  });
  const unseen = basis === 'asked' ? 0 : 1 - sum(strata, ({ observable }) => observable) / population;
  const variance = drawn + (UNSEEN_DEVIATION * unseen * value) ** 2;
  const steady = smoothed(value, effectiveAll);
  const { low, high } = wilsonInterval(value, (steady * (1 - steady)) / variance);
  const inside = (x: number): number => Math.min(Math.max(x, bounds.low), bounds.high);
  const firm = sum(seen, ({ sample }) => sample.purchases) >= OBSERVABLE_FLOOR;
  // A place of which nothing was seen would be told the rate of a few purchases elsewhere.
  if (!firm && sum(strata, ({ sample }) => sample.purchases) === 0) return undefined;
  return firm
    ? { value: inside(value), low: inside(low), high: inside(high), firm, basis }
    : { value: inside(value), ...bounds, firm, basis };
}

/** The rate in the sample; 0 where there is none, which then weighs nothing. */
function rateIn({ hits, size }: Sample): number {
  return size > 0 ? hits / size : 0;
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
