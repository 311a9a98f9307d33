import { isJsonObject, type Json, type JsonObject } from '@filrouge/domain/base';
import type { Receipt, ReceiptLine } from '@filrouge/domain/event';
import type { ReceiptEvent } from './item-name.ts';
import {
  addDecimals,
  currencyExponent,
  type Decimal,
  multiplyDecimals,
  negateDecimal,
  readCurrency,
  readDecimal,
  toMinor,
} from './money.ts';

/** A receipt read from an e-commerce event, and whether an amount had to be rounded to its currency. */
export type CommerceReceipt = { readonly receipt: Receipt; readonly rounded: boolean };

type Reading = { readonly exponent: number; readonly sign: 1n | -1n; rounded: boolean };

/**
 * Reads Segment's e-commerce properties (order_id, total, tax, currency, products[]…) as a receipt; undefined when what
 * a receipt needs is missing or unreadable: number, currency, amount, which in a sale is not negative. A live event is not refused for it, because
 * nobody stands behind the client to mend it: it stays a track event with the mark `receipt-incomplete`.
 *
 * Amounts with more decimals than their currency are rounded half to even, after multiplying: 4 × 8.3325 is 33.33
 * exactly. Returns are negative whatever sign the client sends. A total that is absent is revenue + tax + shipping,
 * else the sum of the lines; a refund that names no amount is incomplete, because only the order knows it.
 *
 * @param messageId makes the number of a refund that has none: a retry finds the same
 */
export function readCommerceReceipt(
  event: ReceiptEvent,
  properties: JsonObject,
  messageId: string,
  localTime: string | undefined,
): CommerceReceipt | undefined {
  const number = textOf(firstOf(properties, NUMBER_FIELDS[event.kind]));
  const currency = readCurrency(properties['currency']);
  const exponent = currency === undefined ? undefined : currencyExponent(currency);
  if (number === undefined || currency === undefined || exponent === undefined) return undefined;
  const reading: Reading = { exponent, sign: event.type === 'sale' ? 1n : -1n, rounded: false };
  const lines = readLines(reading, properties['products']);
  if (lines === undefined) return undefined;
  const amountMinor = readTotal(reading, properties, lines);
  if (amountMinor === undefined || (event.type === 'sale' && amountMinor < 0)) return undefined;
  const tax = properties['tax'];
  const vatMinor = tax === undefined || tax === null ? undefined : amountOf(reading, readDecimal(tax));
  const receipt: Receipt = {
    kind: event.kind,
    type: event.type,
    ...numbersOf(event, number, properties, messageId),
    currency,
    amountMinor,
    ...(vatMinor === undefined ? {} : { vatMinor }),
    ...optional('store', textOf(firstOf(properties, ['store_id', 'storeId', 'store', 'affiliation']))),
    ...optional('till', textOf(firstOf(properties, ['till_id', 'tillId', 'till', 'register_id']))),
    ...optional('coupon', textOf(properties['coupon'])),
    ...optional('localTime', event.kind === 'ticket' ? localTime : undefined),
    lines,
  };
  return { receipt, rounded: reading.rounded };
}

const NUMBER_FIELDS = {
  order: ['order_id', 'orderId'],
  ticket: ['ticket_id', 'ticketId', 'receipt_id', 'order_id', 'orderId'],
} as const;

function numbersOf(
  event: ReceiptEvent,
  number: string,
  properties: JsonObject,
  messageId: string,
): { readonly number: string; readonly refersTo?: string } {
  const refersTo = textOf(firstOf(properties, ['refers_to', 'refersTo', 'original_ticket_id']));
  switch (event.type) {
    case 'sale':
      return { number };
    case 'cancellation':
      return { number: `${number}#cancelled`, refersTo: refersTo ?? number };
    case 'refund': {
      const own = textOf(firstOf(properties, ['refund_id', 'refundId', 'return_id']));
      // A till gives the refund a ticket number of its own and names the first; a shop repeats the order's number.
      if (refersTo !== undefined) return { number: own ?? number, refersTo };
      return { number: own ?? `${number}#${messageId}`, refersTo: number };
    }
  }
}

function readTotal(reading: Reading, properties: JsonObject, lines: readonly ReceiptLine[]): number | undefined {
  const total = firstOf(properties, ['total', 'value']);
  if (total !== undefined) return amountOf(reading, readDecimal(total));
  const revenue = properties['revenue'];
  if (revenue !== undefined && revenue !== null) {
    let sum = readDecimal(revenue);
    for (const part of [properties['tax'], properties['shipping']]) {
      if (part === undefined || part === null) continue;
      const decimal = readDecimal(part);
      sum = sum === undefined || decimal === undefined ? undefined : addDecimals(sum, decimal);
    }
    return amountOf(reading, sum);
  }
  return lines.length === 0 ? undefined : lines.reduce((sum, line) => sum + line.amountMinor, 0);
}

function amountOf(reading: Reading, decimal: Decimal | undefined): number | undefined {
  if (decimal === undefined) return undefined;
  // Some shops send returns as negative amounts, others as positive ones; the event's name decides.
  const negative = decimal.digits < 0n;
  const signed = reading.sign === -1n && !negative ? negateDecimal(decimal) : decimal;
  const minor = toMinor(signed, reading.exponent);
  if (minor === undefined) return undefined;
  reading.rounded ||= minor.rounded;
  return minor.minor;
}

function readLines(reading: Reading, products: Json | undefined): readonly ReceiptLine[] | undefined {
  if (products === undefined || products === null) return [];
  if (!Array.isArray(products)) return undefined;
  const lines: ReceiptLine[] = [];
  for (const product of products) {
    const line = isJsonObject(product) ? readLine(reading, product) : undefined;
    if (line === undefined) return undefined;
    lines.push(line);
  }
  return lines;
}

const ONE: Decimal = { digits: 1n, scale: 0 };

function readLine(reading: Reading, product: JsonObject): ReceiptLine | undefined {
  const sku = textOf(firstOf(product, ['sku', 'product_id', 'productId', 'variant_id', 'id']));
  const quantity =
    product['quantity'] === undefined || product['quantity'] === null ? ONE : readDecimal(product['quantity']);
  if (sku === undefined || quantity === undefined) return undefined;
  const price = readDecimal(product['price'] ?? 0);
  const whole = firstOf(product, ['total', 'amount']);
  const amount = whole === undefined ? price && multiplyDecimals(price, quantity) : readDecimal(whole);
  const amountMinor = amountOf(reading, amount);
  const pieces = toMinor(reading.sign === -1n && quantity.digits > 0n ? negateDecimal(quantity) : quantity, 0);
  const thousandths = toMinor(reading.sign === -1n && quantity.digits > 0n ? negateDecimal(quantity) : quantity, 3);
  if (amountMinor === undefined || pieces === undefined || thousandths === undefined) return undefined;
  return {
    sku,
    ...optional('name', textOf(product['name'])),
    ...optional('category', textOf(product['category'])),
    ...(pieces.rounded
      ? { quantity: thousandths.minor, unit: product['unit'] === 'm' ? ('mm' as const) : ('g' as const) }
      : { quantity: pieces.minor }),
    amountMinor,
  };
}

function firstOf(fields: JsonObject, names: readonly string[]): Json | undefined {
  for (const name of names) {
    const value = fields[name];
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim().slice(0, 256);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

function optional<Name extends string>(name: Name, value: string | undefined): { readonly [key in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]: string });
}
