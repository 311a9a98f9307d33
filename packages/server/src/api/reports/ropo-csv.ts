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

/** The report as a file, the total first. Shares are 0 to 1; money in minor units; empty = not told. `to` is not in the period. */
export function ropoCsv(answer: Shown<RopoAnswer>): string {
  const rows = [{ ...answer, key: 'total', name: null }, ...answer.rows];
  const lines = rows.map(({ key, name, population, coverage, consentedBase, observed, estimate, bounds, byValue }) => {
    const tells = consentedBase >= CELL_MIN;
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
