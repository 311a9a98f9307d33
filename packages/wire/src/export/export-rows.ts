import { isJsonObject, type Json, type JsonObject } from '@filrouge/domain/base';
import { currencyExponent } from '../collect/money.ts';
import { hasOffset, readTime } from '../collect/time.ts';

/** Files that rows are written to; what an import calls each of them. */
export const EXPORTED_AS = {
  people: 'customers',
  events: 'events',
  tickets: 'tickets',
  orders: 'orders',
  consents: 'consents',
} as const;
export type ExportedKind = keyof typeof EXPORTED_AS;

const PERSON = ['customer_id', 'loyalty_card', 'email', 'phone'];
const LINE = ['line_sku', 'line_name', 'line_category', 'line_quantity', 'line_amount', 'line_vat_rate'];

/** The first line of each file. An import recognises it, and reads the file as it stands. */
export const EXPORT_COLUMNS: Readonly<Record<ExportedKind, readonly string[]>> = {
  people: [
    ...PERSON, 'first_name', 'last_name', 'postal_code', 'city', 'country', 'birth_date', 'created_at', 'updated_at', 'traits',
  ],
  events: [
    'message_id', 'type', 'occurred_at', 'event', 'user_id', 'anonymous_id', 'email', 'loyalty_card', 'phone', 'device_id', 'terminal', 'properties', 'traits',
  ],
  tickets: [
    'ticket_id', 'type', 'refers_to', 'occurred_at', 'store_id', 'till_id', 'currency', 'ticket_total', 'ticket_vat',
    ...PERSON, 'coupon', 'researched_online', ...LINE,
  ],
  orders: [
    'order_id', 'type', 'refers_to', 'occurred_at', 'store_id', 'currency', 'order_total', 'order_vat', ...PERSON, 'coupon',
    ...LINE,
  ],
  consents: [
    ...PERSON, 'anonymous_id', 'device_id', 'purpose', 'vendor', 'status', 'basis', 'basis_reference',
    'indicated_at', 'channel', 'notice_id', 'notice_version', 'notice_text', 'evidence_json',
  ],
}; // biome-ignore format: a table

type Cells = Readonly<Record<string, string>>;

/** An exported item -> the rows of a file of its kind, as texts that are not escaped yet; a receipt has one for each of its lines. */
export function exportRows(kind: ExportedKind, item: JsonObject): readonly (readonly string[])[] {
  const columns = EXPORT_COLUMNS[kind];
  return cellsOf(kind, item).map((cells) => columns.map((column) => cells[column] ?? ''));
}

/** Whether a first line is one of ours. */
export function isExportHeader(header: readonly string[]): boolean {
  const text = header.map((name) => name.trim()).join('\n');
  return Object.values(EXPORT_COLUMNS).some((columns) => columns.join('\n') === text);
}

function cellsOf(kind: ExportedKind, item: JsonObject): readonly Cells[] {
  switch (kind) {
    case 'people':
      return [personCells(item)];
    case 'events':
      return [eventCells(item)];
    case 'tickets':
    case 'orders':
      return receiptCells(kind, item);
    case 'consents':
      return decisionCells(item);
  }
}

function personCells(item: JsonObject): Cells {
  const identifiers = objectOf(item['identifiers']);
  const { firstName, lastName, address, birthday, createdAt, email, phone, ...others } = objectOf(item['traits']);
  const home = addressCells(address);
  const rest: Record<string, Json | undefined> = {
    ...others,
    ...(isPlain(firstName, 256) ? {} : { firstName }),
    ...(isPlain(lastName, 256) ? {} : { lastName }),
    ...(home === undefined ? { address } : {}),
    ...(isDay(birthday) ? {} : { birthday }),
    ...(isTime(createdAt) ? {} : { createdAt }),
    ...(email === identifiers['email'] ? {} : { email }),
    ...(phone === identifiers['phone'] ? {} : { phone }),
  };
  return {
    ...whoCells(identifiers),
    ...home,
    first_name: isPlain(firstName, 256) ? firstName : '',
    last_name: isPlain(lastName, 256) ? lastName : '',
    birth_date: isDay(birthday) ? birthday : '',
    created_at: isTime(createdAt) ? createdAt : '',
    updated_at: textOf(item['timestamp']),
    traits: jsonCell(rest),
  };
}

/** An address of the three parts that a file of customers has; any other stays whole among the traits. */
function addressCells(address: Json | undefined): Cells | undefined {
  if (!isJsonObject(address)) return undefined;
  const { postalCode, city, country, ...more } = address;
  if (Object.keys(more).length > 0) return undefined;
  const fits = (value: Json | undefined, length: number): boolean => value === undefined || isPlain(value, length);
  if (!fits(postalCode, 16) || !fits(city, 128) || !fits(country, 256)) return undefined;
  if (typeof country === 'string' && country !== country.toUpperCase()) return undefined;
  return { postal_code: textOf(postalCode), city: textOf(city), country: textOf(country) };
}

function eventCells(item: JsonObject): Cells {
  const identifiers = objectOf(item['identifiers']);
  const { customer_id: user_id = '', ...who } = whoCells(identifiers);
  return {
    ...who,
    user_id,
    message_id: textOf(item['messageId']),
    type: textOf(item['type']),
    occurred_at: textOf(item['timestamp']),
    event: textOf(item['event']),
    terminal: item['terminal'] === true ? 'true' : '',
    properties: jsonCell(objectOf(item['properties'])),
    traits: jsonCell(objectOf(item['traits'])),
  };
}

function receiptCells(kind: 'tickets' | 'orders', item: JsonObject): readonly Cells[] {
  const receipt = objectOf(item['receipt']);
  const word = kind === 'tickets' ? 'ticket' : 'order';
  const currency = textOf(receipt['currency']);
  const asked = receipt['researchedOnline'];
  const head: Cells = {
    ...whoCells(objectOf(item['identifiers'])),
    [`${word}_id`]: textOf(receipt['number']),
    type: textOf(receipt['type']),
    refers_to: textOf(receipt['refersTo']),
    occurred_at: clockOf(item, receipt),
    store_id: textOf(receipt['store']),
    till_id: textOf(receipt['till']),
    currency,
    [`${word}_total`]: amountCell(receipt['amountMinor'], currency),
    [`${word}_vat`]: amountCell(receipt['vatMinor'], currency),
    coupon: textOf(receipt['coupon']),
    researched_online: typeof asked === 'boolean' ? (asked ? 'yes' : 'no') : '',
  };
  const lines = Array.isArray(receipt['lines']) ? receipt['lines'].map(objectOf) : [];
  // A row is a line: a receipt that names no goods has one all the same, with everything that was paid.
  if (lines.length === 0) return [{ ...head, line_sku: '-', line_amount: head[`${word}_total`] ?? '' }];
  return lines.map((line) => ({
    ...head,
    line_sku: textOf(line['sku']),
    line_name: textOf(line['name']),
    line_category: textOf(line['category']),
    line_quantity: quantityCell(line),
    line_amount: amountCell(line['amountMinor'], currency),
    line_vat_rate: rateCell(line['vatRate']),
  }));
}

/** The store's own clock where it names the instant of the item, so that a ticket keeps its day. */
function clockOf(item: JsonObject, { localTime }: JsonObject): string {
  const timestamp = textOf(item['timestamp']);
  return isTime(localTime) && readTime(localTime) === readTime(timestamp) ? localTime : timestamp;
}

function decisionCells(item: JsonObject): readonly Cells[] {
  const notice = objectOf(item['notice']);
  const decisions = Array.isArray(item['decisions']) ? item['decisions'].map(objectOf) : [];
  return decisions.map((decision) => ({
    ...whoCells(objectOf(item['subject'])),
    purpose: textOf(decision['purpose']),
    vendor: textOf(decision['vendor']),
    status: textOf(decision['status']),
    basis: textOf(decision['basis']),
    basis_reference: textOf(decision['reference']),
    indicated_at: textOf(item['indicatedAt']),
    channel: textOf(item['channel']),
    notice_id: textOf(notice['id']),
    notice_version: textOf(notice['version']),
    notice_text: textOf(notice['text']),
    evidence_json: jsonCell(objectOf(item['evidence'] ?? item['claimed'])),
  }));
}

function whoCells(identifiers: JsonObject): Cells {
  return {
    customer_id: textOf(identifiers['userId']),
    loyalty_card: textOf(identifiers['loyaltyCard']),
    email: textOf(identifiers['email']),
    phone: textOf(identifiers['phone']),
    anonymous_id: textOf(identifiers['anonymousId']),
    device_id: textOf(identifiers['deviceId']),
  };
}

/** What an import reads back as it is: no blanks around it, on one line, and no word that means nothing. */
function isPlain(value: Json | undefined, length: number): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= length &&
    value.trim() === value &&
    value !== '\\N' &&
    !/[\r\n\uFFFD]/.test(value)
  );
}

function isDay(value: Json | undefined): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && readTime(value) !== undefined;
}

function isTime(value: Json | undefined): value is string {
  return typeof value === 'string' && readTime(value) !== undefined && hasOffset(value);
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
}

/** JSON in one line; what a reader of bytes would take for damage is escaped. */
function jsonCell(value: Readonly<Record<string, Json | undefined>>): string {
  const text = JSON.stringify(value);
  return text === '{}' ? '' : text.replaceAll('\uFFFD', '\\ufffd');
}

/** Minor units -> the decimal that a file says: 1250 of EUR is 12.50. */
function amountCell(value: Json | undefined, currency: string): string {
  return typeof value === 'number' ? decimal(value, currencyExponent(currency) ?? 2) : '';
}

/** Pieces as they are; by measure in kilograms or metres. */
function quantityCell({ quantity, unit }: JsonObject): string {
  if (typeof quantity !== 'number') return '';
  return unit === 'g' || unit === 'mm' ? decimal(quantity, 3) : String(quantity);
}

function rateCell(value: Json | undefined): string {
  return typeof value === 'number' ? decimal(value, 2) : '';
}

function decimal(value: number, places: number): string {
  if (places === 0) return String(value);
  const digits = String(Math.abs(value)).padStart(places + 1, '0');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
