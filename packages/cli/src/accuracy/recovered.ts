/** A share with its interval, as a report tells it. */
export type ToldShare = { readonly value: number; readonly low: number; readonly high: number; readonly basis: string };

/** What one simulated retailer's brand planted, and what the report recovered of it. */
export type Recovered = {
  readonly seed: number;
  readonly brand: string;
  /** Store purchases of the period. */
  readonly purchases: number;
  readonly truth: number;
  readonly observed: number | undefined;
  /** Absent where too little was seen to estimate. */
  readonly estimate: ToldShare | undefined;
  readonly bounds: { readonly low: number; readonly high: number } | undefined;
};

/** How often bounds and interval held the truth, how wide the interval was, and how far off the estimate. Shares of 1. */
export type Accuracy = {
  readonly reports: number;
  readonly estimates: number;
  readonly boundsHeld: number;
  readonly intervalHeld: number;
  readonly width: number | undefined;
  /** Mean of estimate minus truth. */
  readonly bias: number | undefined;
  /** Root of the mean square of estimate minus truth. */
  readonly error: number | undefined;
};

/** The truth's shares are written with six decimals. */
const ROUNDING = 1e-6;

export function accuracyOf(reports: readonly Recovered[]): Accuracy {
  const told = reports.flatMap(({ estimate, truth }) => (estimate === undefined ? [] : [{ ...estimate, truth }]));
  const mean = (of: (one: (typeof told)[number]) => number): number | undefined =>
    told.length === 0 ? undefined : told.reduce((sum, one) => sum + of(one), 0) / told.length;
  const square = mean(({ value, truth }) => (value - truth) ** 2);
  return {
    reports: reports.length,
    estimates: told.length,
    boundsHeld: reports.filter(({ bounds, truth }) => holds(bounds, truth)).length,
    intervalHeld: told.filter((one) => holds(one, one.truth)).length,
    width: mean(({ low, high }) => high - low),
    bias: mean(({ value, truth }) => value - truth),
    error: square === undefined ? undefined : Math.sqrt(square),
  };
}

export function holds(span: { readonly low: number; readonly high: number } | undefined, truth: number): boolean {
  return span !== undefined && span.low - ROUNDING <= truth && truth <= span.high + ROUNDING;
}
