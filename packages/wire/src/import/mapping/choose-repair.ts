import type { Shape } from './column-shape.ts';
import type { Repair } from './repair.ts';
import { type DecimalNotation, notationOf } from './repair-amount.ts';
import { isPostalCode } from './repair-code.ts';
import { DATE_NOTATIONS, type DateNotation, isPointed, readsAs } from './repair-date.ts';

/** What a sample of a column says of its notation: one, or the several that fit equally well. */
export type Evidence<Notation extends string> = {
  readonly notation?: Notation;
  readonly open: readonly Notation[];
};

/** The order of day, month and year in a column. Slashes with no number above 12 leave two open. */
export function dateEvidence(values: readonly string[]): Evidence<DateNotation> {
  const counts = DATE_NOTATIONS.map((notation) => values.filter((value) => readsAs(value, notation)).length);
  const most = Math.max(...counts);
  if (most === 0) return { open: [] };
  const best = DATE_NOTATIONS.filter((_, at) => counts[at] === most);
  const [first] = best;
  if (best.length === 1 && first !== undefined) return { notation: first, open: [] };
  return values.some(isPointed) ? { notation: 'date-dmy', open: [] } : { open: best };
}

/** Comma or point before the decimals in a column. `1,234` alone leaves both open. */
export function decimalEvidence(values: readonly string[]): Evidence<DecimalNotation> {
  let comma = 0;
  let point = 0;
  let either = 0;
  for (const value of values) {
    const says = notationOf(value);
    if (says === 'decimal-comma') comma += 1;
    else if (says === 'decimal-point') point += 1;
    else if (says === 'either') either += 1;
  }
  if (comma !== point) return { notation: comma > point ? 'decimal-comma' : 'decimal-point', open: [] };
  return { open: comma + either === 0 ? [] : ['decimal-comma', 'decimal-point'] };
}

/** The repair of a shape whose notation needs no evidence; undefined for dates and amounts. */
export function plainRepair(shape: Shape): Repair | undefined {
  switch (shape) {
    case 'text':
    case 'email':
    case 'notice-id':
    case 'notice-text':
      return 'text';
    case 'json':
      return 'none';
    case 'code':
    case 'phone':
    case 'country':
    case 'receipt-type':
    case 'consent-status':
      return shape;
    case 'postal-code':
      return undefined;
    case 'day':
    case 'time':
    case 'amount':
      return undefined;
  }
}

/**
 * Postal codes get their 0 back only in a column where no code begins with one: a column that has kept some has kept all,
 * and its shorter codes are another country's. What is no postal code, as in a row that is shifted, has kept nothing.
 */
export function postalRepair(values: readonly string[], country: string): Repair {
  const kept = values.some((value) => value.startsWith('0') && isPostalCode(value, country) !== false);
  return kept ? 'code' : 'postal-code';
}
