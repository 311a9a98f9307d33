import { accept, isJsonObject, type Json, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import type { Receipt, ReceiptLine } from '@filrouge/domain/event';
import { type Refusal, refusalOf } from '../problem/refusal.ts';
import { readCurrency } from './money.ts';
import { hasOffset, readTime } from './time.ts';

/** Lines of one receipt: 32 KB hold fewer. */
const LINES_MAX = 1_000;
const TEXT_LENGTH_MAX = 256;
const RECEIPT_TYPES = ['sale', 'refund', 'cancellation'] as const;
const UNITS = ['piece', 'g', 'mm'] as const;

class Unreadable extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/**
 * Reads a `receipt` in the canonical shape (domain/event, `Receipt`): strict, because whoever writes it writes it for
 * us. Amounts are integers in minor units; `kind` may be left out and must not contradict the item's.
 */
export function readNativeReceipt(
  value: Json | undefined,
  kind: 'order' | 'ticket',
  pointer: string,
): Result<Receipt, Refusal> {
  try {
    return accept(receiptFrom(objectAt(value, pointer), kind, pointer));
  } catch (error) {
    if (error instanceof Unreadable) return refuse(error.refusal);
    throw error;
  }
}

function receiptFrom(fields: JsonObject, kind: 'order' | 'ticket', pointer: string): Receipt {
  if (fields['kind'] !== undefined && fields['kind'] !== kind) {
    throw new Unreadable(refusalOf('value-not-allowed', `${pointer}/kind`, kind));
  }
  const type = wordAt(fields, 'type', RECEIPT_TYPES, pointer) ?? 'sale';
  const refersTo = textAt(fields, 'refersTo', pointer);
  if (type !== 'sale' && refersTo === undefined && kind === 'order') {
    throw new Unreadable(refusalOf('field-missing', `${pointer}/refersTo`, 'the number of the receipt it takes back'));
  }
  const currency = readCurrency(fields['currency']);
  if (currency === undefined) throw new Unreadable(refusalOf('currency-unknown', `${pointer}/currency`));
  const amountMinor = required(wholeAt(fields, 'amountMinor', pointer), `${pointer}/amountMinor`);
  if (type === 'sale' && amountMinor < 0) throw new Unreadable(refusalOf('sale-negative', `${pointer}/amountMinor`));
  return {
    kind,
    type,
    number: required(textAt(fields, 'number', pointer), `${pointer}/number`),
    ...given('refersTo', refersTo),
    currency,
    amountMinor,
    ...given('vatMinor', wholeAt(fields, 'vatMinor', pointer)),
    ...given('store', textAt(fields, 'store', pointer)),
    ...given('till', textAt(fields, 'till', pointer)),
    ...given('coupon', textAt(fields, 'coupon', pointer)),
    ...given('localTime', localTimeAt(fields, pointer)),
    ...given('researchedOnline', flagAt(fields, 'researchedOnline', pointer)),
    lines: linesAt(fields['lines'], `${pointer}/lines`),
  };
}

function linesAt(value: Json | undefined, pointer: string): readonly ReceiptLine[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Unreadable(refusalOf('field-wrong-type', pointer, 'an array'));
  if (value.length > LINES_MAX)
    throw new Unreadable(refusalOf('value-not-allowed', pointer, `at most ${LINES_MAX} lines`));
  return value.map((line, index) => lineFrom(objectAt(line, `${pointer}/${index}`), `${pointer}/${index}`));
}

function lineFrom(fields: JsonObject, pointer: string): ReceiptLine {
  return {
    sku: required(textAt(fields, 'sku', pointer), `${pointer}/sku`),
    ...given('name', textAt(fields, 'name', pointer)),
    ...given('category', textAt(fields, 'category', pointer)),
    quantity: required(wholeAt(fields, 'quantity', pointer), `${pointer}/quantity`),
    ...given('unit', wordAt(fields, 'unit', UNITS, pointer)),
    amountMinor: required(wholeAt(fields, 'amountMinor', pointer), `${pointer}/amountMinor`),
    ...given('vatMinor', wholeAt(fields, 'vatMinor', pointer)),
    ...given('vatRate', wholeAt(fields, 'vatRate', pointer)),
  };
}

function objectAt(value: Json | undefined, pointer: string): JsonObject {
  if (value === undefined || value === null) throw new Unreadable(refusalOf('field-missing', pointer));
  if (!isJsonObject(value)) throw new Unreadable(refusalOf('field-wrong-type', pointer, 'an object'));
  return value;
}

function textAt(fields: JsonObject, name: string, pointer: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || text.length > TEXT_LENGTH_MAX) {
    throw new Unreadable(refusalOf('field-wrong-type', `${pointer}/${name}`, `a string of at most ${TEXT_LENGTH_MAX}`));
  }
  return text.trim() === '' ? undefined : text.trim();
}

function wholeAt(fields: JsonObject, name: string, pointer: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new Unreadable(refusalOf('field-wrong-type', `${pointer}/${name}`, 'a whole number, money in minor units'));
  }
  return value;
}

function wordAt<Word extends string>(
  fields: JsonObject,
  name: string,
  words: readonly Word[],
  pointer: string,
): Word | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  const word = words.find((known) => known === value);
  if (word === undefined) throw new Unreadable(refusalOf('value-not-allowed', `${pointer}/${name}`, words.join(', ')));
  return word;
}

function flagAt(fields: JsonObject, name: string, pointer: string): boolean | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') {
    throw new Unreadable(refusalOf('field-wrong-type', `${pointer}/${name}`, 'true or false'));
  }
  return value;
}

function localTimeAt(fields: JsonObject, pointer: string): string | undefined {
  const text = textAt(fields, 'localTime', pointer);
  if (text === undefined) return undefined;
  if (readTime(text) === undefined || !hasOffset(text)) {
    throw new Unreadable(refusalOf('time-unreadable', `${pointer}/localTime`));
  }
  return text;
}

function required<T>(value: T | undefined, pointer: string): T {
  if (value === undefined) throw new Unreadable(refusalOf('field-missing', pointer));
  return value;
}

function given<Name extends string, T>(name: Name, value: T | undefined): { readonly [key in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]: T });
}
