/** One figure as bench/README.md describes it. `atMost`: the goal is an upper bound. */
export type Figure = {
  readonly bench: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** The bare limit of this machine, measured in the same run. */
  readonly baseline?: number;
  readonly goal?: number;
  readonly atMost?: boolean;
};

export function printFigure({ bench, metric, value, unit, baseline, goal, atMost = false }: Figure): void {
  const met = goal === undefined ? null : atMost ? value <= goal : value >= goal;
  const line = {
    bench,
    metric,
    value: rounded(value),
    unit,
    baseline: baseline === undefined ? null : rounded(baseline),
    ratio: baseline === undefined ? null : rounded(value / baseline),
    goal: goal ?? null,
    met,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The value below which `share` of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
