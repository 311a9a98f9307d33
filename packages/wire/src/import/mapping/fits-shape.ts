import { readPhone } from '../../collect/phone.ts';
import type { Shape } from './column-shape.ts';
import { notationOf, repairAmount } from './repair-amount.ts';
import { DATE_NOTATIONS, readsAs } from './repair-date.ts';
import { isKnownWord } from './repair-word.ts';

/** Characters of a notice's name. */
const NOTICE_ID_MAX = 128;

/** Whether a value looks like an e-mail address: `name@company.example`. A pattern for it would try every dot of a long one. */
function isLikeEmail(value: string): boolean {
  const at = value.indexOf('@');
  if (at < 1 || at !== value.lastIndexOf('@') || /\s/.test(value)) return false;
  return value.slice(at + 2, -1).includes('.');
}

/** The share of a column's values that a shape could be read from; 1 where nothing can be said against it. */
export function fitOf(shape: Shape, values: readonly string[]): number {
  if (values.length === 0) return 1;
  const share = (test: (value: string) => boolean): number => values.filter(test).length / values.length;
  switch (shape) {
    case 'email':
      return share(isLikeEmail);
    case 'phone':
      return share((value) => /\d{4}/.test(value.replace(/[\s.()/-]/g, '')));
    case 'day':
    case 'time':
      return share(
        (value) => DATE_NOTATIONS.some((notation) => readsAs(value, notation)) || /^\d{4}-\d\d-\d\d/.test(value),
      );
    case 'amount':
      return share((value) => notationOf(value) !== 'neither' || repairAmount(value, 'decimal-point').ok);
    case 'postal-code':
      return share((value) => /\d/.test(value));
    case 'receipt-type':
    case 'consent-status':
      return share((value) => isKnownWord(value, shape));
    // One word is the name of a text, and no text that somebody could have read.
    case 'notice-text':
      return share((value) => /\s/.test(value));
    case 'notice-id':
      return share((value) => value.length <= NOTICE_ID_MAX);
    case 'text':
    case 'code':
    case 'country':
    case 'json':
      return 1;
  }
}

/** Share of numbers from which a column that may hold names is one of numbers. */
const NUMBERED_MIN = 0.9;

/** Whether values are numbers or codes of persons, and neither names nor what names somebody by itself. */
export function areNumbers(values: readonly string[], country: string): boolean {
  const numbers = values.filter((value) => /\d/.test(value) && !/[\s@]/.test(value));
  if (values.length === 0 || numbers.length < values.length * NUMBERED_MIN) return false;
  return evidentColumn(values, country) === undefined;
}

/** What a column is by its content alone, where that leaves no doubt. */
export function evidentColumn(values: readonly string[], country: string): 'email' | 'phone' | undefined {
  if (values.length === 0) return undefined;
  const most = (test: (value: string) => boolean): boolean => values.filter(test).length >= values.length * 0.8;
  if (most(isLikeEmail)) return 'email';
  return most((value) => /^(?:\+|00|0)/.test(value) && readPhone(value, country) !== undefined) ? 'phone' : undefined;
}
