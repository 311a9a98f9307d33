import { csvCell } from '@filrouge/wire/import';
import type { Shown } from '../api-route.ts';
import type { RopoAnswer } from './ropo-schemas.ts';

/** Rows and totals with fewer purchases of consenting persons leave no figure in a file: it might speak of one of them. */
const CELL_MIN = 10;

const COLUMNS = [
  'key',
  'population',
  'coverage',
  'consentedBase',
  'observed',
  'estimate',
  'estimateLow',
  'estimateHigh',
  'estimateFirm',
  'boundsLow',
  'boundsHigh',
  'populationMinor',
  'consentedBaseMinor',
  'observedValue',
  'estimateValue',
  'currency',
  'name',
  'from',
  'to',
] as const;

type Told = Pick<Shown<RopoAnswer>, 'consentedBase'>;

/**
 * The lines that leave no figure of consenting persons: those of few, and where the others and the total would give away
 * what these hold, the least of the others too, or the total where there is none (complementary suppression). What a
 * subtraction then leaves is of two lines or more, and of no few.
 */
function silentLines(total: Told, rows: readonly Told[]): ReadonlySet<Told> {
  const few = [total, ...rows].filter(({ consentedBase }) => consentedBase < CELL_MIN);
  // A line of nobody hides nobody: it keeps no secret for another.
  const secret = rows.filter((row) => row.consentedBase > 0 && few.includes(row));
  const together = secret.reduce((sum, { consentedBase }) => sum + consentedBase, 0);
  if (few.includes(total) || together === 0 || (secret.length > 1 && together >= CELL_MIN)) return new Set(few);
  const [least = total] = rows.filter((row) => !few.includes(row)).sort((a, b) => a.consentedBase - b.consentedBase);
  return new Set([...few, least]);
}

/** The report as a file, the total first. Shares are 0 to 1; money in minor units; empty = not told. `to` is not in the period. */
export function ropoCsv(answer: Shown<RopoAnswer>): string {
  const total = { ...answer, key: 'total', name: null };
  const silent = silentLines(total, answer.rows);
  const lines = [total, ...answer.rows].map((line) => {
    const { key, name, population, coverage, consentedBase, observed, estimate, bounds, byValue } = line;
    const tells = !silent.has(line);
    // Not firm: the value says no more than the bounds do, and would be read as one that does.
    const firm = estimate?.firm === true;
    const told = (value: number | boolean | null | undefined): string =>
      tells && value !== null && value !== undefined ? String(value) : '';
    return [
      csvCell(key),
      population,
      coverage.value ?? '',
      told(consentedBase),
      told(observed),
      told(firm ? estimate.value : undefined),
      told(firm ? estimate.low : undefined),
      told(firm ? estimate.high : undefined),
      told(estimate?.firm),
      told(bounds?.low),
      told(bounds?.high),
      byValue.population,
      told(byValue.consentedBase),
      told(byValue.observed),
      told(byValue.estimate?.firm === true ? byValue.estimate.value : undefined),
      answer.currency,
      csvCell(name ?? ''),
      answer.from,
      answer.to,
    ].join(',');
  });
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}
