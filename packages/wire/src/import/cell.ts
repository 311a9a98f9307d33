import type { Json, JsonObject } from '@filrouge/domain/base';
import type { Namespace } from '@filrouge/domain/identity';
import { isBlockedValue } from '../collect/blocked.ts';
import { normaliseIdentifier } from '../collect/identifiers.ts';
import {
  addDecimals,
  currencyExponent,
  type Decimal,
  multiplyDecimals,
  negateDecimal,
  readCurrency,
  readDecimal,
  toMinor,
} from '../collect/money.ts';
import { hasOffset, readTime } from '../collect/time.ts';
import { parseText } from '../json/parse-item.ts';
import { namesNoSuchDay } from './calendar-day.ts';
import { type NamedRow, type RowProblem, rowProblem } from './row.ts';

/** Reads the cells of one row and gathers what is wrong with them; a row with problems gives no item. */
export type CellReader = {
  readonly row: NamedRow;
  readonly problems: RowProblem[];
};

export function cellReader(row: NamedRow): CellReader {
  return { row, problems: [] };
}

function complain(reader: CellReader, column: string, code: RowProblem['code'], detail?: string): undefined {
  reader.problems.push(rowProblem(reader.row.line, column, code, detail));
  return undefined;
}

/** A text as it stands, at most `length` characters. */
export function textCell(reader: CellReader, column: string, length = 256): string | undefined {
  const text = reader.row.cell(column);
  return text !== undefined && text.length > length
    ? complain(reader, column, 'field-wrong-type', `at most ${length} characters`)
    : text;
}

export function requiredCell(reader: CellReader, column: string): string {
  const text = textCell(reader, column);
  if (
    text === undefined &&
    !isSpoilt(reader, column) &&
    !reader.problems.some((problem) => problem.column === column)
  ) {
    complain(reader, column, 'cell-missing');
  }
  return text ?? '';
}

/** Whether something stands in a cell that could not be read before this row was made of its line. */
export function isSpoilt({ row }: CellReader, column: string): boolean {
  return row.spoilt?.has(column) === true;
}

/** Of columns that may each say who it is, one must: a row without any is told at the first of them. */
export function someoneIn(reader: CellReader, columns: readonly string[]): void {
  if (columns.some((column) => reader.row.cell(column) !== undefined || isSpoilt(reader, column))) return;
  complain(reader, columns[0] ?? '', 'no-identifier', columns.join(', '));
}

export function wordCell<Word extends string>(
  reader: CellReader,
  column: string,
  words: readonly Word[],
  fallback: Word,
): Word {
  const text = reader.row.cell(column);
  if (text === undefined) return fallback;
  const word = words.find((known) => known === text.toLowerCase());
  if (word === undefined) complain(reader, column, 'value-not-allowed', words.join(', '));
  return word ?? fallback;
}

const YES = ['yes', 'y', 'oui', 'o', 'true', 'vrai', '1'];
const NO = ['no', 'n', 'non', 'false', 'faux', '0'];

/** A yes or a no; undefined where nobody was asked. */
export function answerCell(reader: CellReader, column: string): boolean | undefined {
  const text = reader.row.cell(column)?.toLowerCase();
  if (text === undefined) return undefined;
  if (YES.includes(text)) return true;
  return NO.includes(text) ? false : complain(reader, column, 'value-not-allowed', 'yes, no');
}

/** ISO 8601 with offset: a file is read on another clock than the one that wrote it. */
export function timeCell(reader: CellReader, column: string): string | undefined {
  const text = reader.row.cell(column);
  if (text === undefined) return undefined;
  const time = readTime(text);
  if (time !== undefined && hasOffset(text)) return text;
  return complain(reader, column, time === undefined && namesNoSuchDay(text) ? 'no-such-day' : 'time-unreadable');
}

/** A calendar day, `2026-11-21`. */
export function dayCell(reader: CellReader, column: string): string | undefined {
  const text = reader.row.cell(column);
  if (text === undefined) return undefined;
  if (/^\d{4}-\d\d-\d\d$/.test(text) && readTime(text) !== undefined) return text;
  if (namesNoSuchDay(text)) return complain(reader, column, 'no-such-day');
  return complain(reader, column, 'time-unreadable', 'a day such as 1980-02-29');
}

/**
 * An identifier in its normal form: a telephone number depends on the row's country, which the door does not know.
 * Blocked values pass as typed, the door leaves them out with a mark.
 */
export function identifierCell(
  reader: CellReader,
  column: string,
  namespace: Namespace,
  country: string,
): string | undefined {
  const text = reader.row.cell(column);
  if (text === undefined) return undefined;
  const normal = normaliseIdentifier(namespace, text, country);
  if (normal.ok) return normal.value;
  if (isBlockedValue('user_id', text)) return text;
  return complain(reader, column, normal.code);
}

export function currencyCell(reader: CellReader, column: string): string {
  const code = readCurrency(reader.row.cell(column));
  if (code === undefined && !isSpoilt(reader, column)) complain(reader, column, 'currency-unknown');
  return code ?? 'EUR';
}

/**
 * Decimal amount -> minor units. More decimals than the currency has are refused here, unlike in live events: a file
 * has somebody who can mend it, and a till prints no tenths of a cent.
 */
export function amountCell(reader: CellReader, column: string, currency: string): number | undefined {
  const text = reader.row.cell(column);
  if (text === undefined) return undefined;
  const decimal = readDecimal(text);
  const minor = decimal === undefined ? undefined : toMinor(decimal, currencyExponent(currency) ?? 2);
  if (minor === undefined) return complain(reader, column, 'amount-unreadable');
  return minor.rounded ? complain(reader, column, 'amount-too-precise') : minor.minor;
}

const ONE: Decimal = { digits: 1n, scale: 0 };
const NOTHING: Decimal = { digits: 0n, scale: 0 };

/** `line_price` × `line_quantity` − `line_discount` in minor units, multiplied before it is rounded. */
export function pricedAmountCell(reader: CellReader, currency: string): number | undefined {
  const decimal = (column: string, absent: Decimal | undefined): Decimal | undefined => {
    const text = reader.row.cell(column);
    return text === undefined ? absent : readDecimal(text);
  };
  const price = decimal('line_price', undefined);
  const quantity = decimal('line_quantity', ONE);
  const discount = decimal('line_discount', NOTHING);
  if (price === undefined) return complain(reader, 'line_price', 'amount-unreadable');
  if (discount === undefined) return complain(reader, 'line_discount', 'amount-unreadable');
  // An unreadable quantity is told by its own reader.
  if (quantity === undefined) return undefined;
  const amount = addDecimals(multiplyDecimals(price, quantity), negateDecimal(discount));
  const minor = toMinor(amount, currencyExponent(currency) ?? 2);
  return minor === undefined ? complain(reader, 'line_price', 'amount-unreadable') : minor.minor;
}

/** VAT rate in per cent (`20`, `5.5`) -> hundredths of a per cent. */
export function rateCell(reader: CellReader, column: string): number | undefined {
  const text = reader.row.cell(column);
  const decimal = text === undefined ? undefined : readDecimal(text);
  const rate = decimal === undefined ? undefined : toMinor(decimal, 2);
  if (text === undefined) return undefined;
  return rate === undefined || rate.rounded || rate.minor < 0 || rate.minor > 10_000
    ? complain(reader, column, 'amount-unreadable', 'per cent with at most two decimals, for instance 5.5')
    : rate.minor;
}

/** Pieces as a whole number; a broken one is kilograms and becomes grams. */
export type Quantity = { readonly quantity: number; readonly unit?: 'g' };

export function quantityCell(reader: CellReader, column: string): Quantity {
  const text = reader.row.cell(column);
  if (text === undefined) return { quantity: 1 };
  const decimal = readDecimal(text);
  const pieces = decimal === undefined ? undefined : toMinor(decimal, 0);
  const thousandths = decimal === undefined ? undefined : toMinor(decimal, 3);
  if (pieces === undefined || thousandths === undefined || thousandths.rounded) {
    complain(reader, column, 'quantity-unreadable');
    return { quantity: 1 };
  }
  return pieces.rounded ? { quantity: thousandths.minor, unit: 'g' } : { quantity: pieces.minor };
}

/** A JSON object in a cell, through the rules of the door. */
export function objectCell(reader: CellReader, column: string): JsonObject | undefined {
  const text = reader.row.cell(column);
  if (text === undefined) return undefined;
  const parsed = parseText(text);
  if (parsed.ok) return parsed.value.json;
  return complain(
    reader,
    column,
    parsed.refusal.code === 'item-not-an-object' ? 'field-wrong-type' : parsed.refusal.code,
    'a JSON object',
  );
}

/** Leaves out what is undefined, so that an absent cell is an absent field. */
export function present(fields: { readonly [key: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
