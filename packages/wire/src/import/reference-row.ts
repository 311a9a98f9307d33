import { accept, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import {
  amountCell,
  answerCell,
  type CellReader,
  cellReader,
  currencyCell,
  dayCell,
  present,
  requiredCell,
  textCell,
} from './cell.ts';
import { type Columns, type NamedRow, type RowProblem, rowProblem } from './row.ts';
import type { ImportItem } from './ticket-reader.ts';

export const PRODUCT_COLUMNS: Columns = {
  required: ['sku', 'name'],
  optional: ['category', 'subcategory', 'brand', 'price', 'currency', 'ean', 'active'],
};
export const STORE_COLUMNS: Columns = {
  required: ['store_id', 'name'],
  optional: ['address', 'postal_code', 'city', 'country', 'latitude', 'longitude', 'opening_hours'],
};
export const CAMPAIGN_COLUMNS: Columns = {
  required: ['campaign_id', 'name'],
  optional: [
    'channel',
    'starts_on',
    'ends_on',
    'spend',
    'currency',
    'brand',
    'utm_source',
    'utm_medium',
    'utm_campaign',
  ],
};

/** One row of a file of articles -> an item of `POST /v1/import/products`. */
export function productFromRow(row: NamedRow): Result<ImportItem, readonly RowProblem[]> {
  const reader = cellReader(row);
  const price = moneyCells(reader, 'price');
  const ean = textCell(reader, 'ean', 32)?.replaceAll(/[\s-]/g, '');
  if (ean !== undefined && !/^\d{8,14}$/.test(ean)) {
    reader.problems.push(rowProblem(row.line, 'ean', 'value-not-allowed', '8 to 14 digits'));
  }
  const path = [textCell(reader, 'category', 512), textCell(reader, 'subcategory', 512)];
  const active = activeCell(reader);
  return itemOf(reader, {
    type: 'product',
    sku: requiredCell(reader, 'sku'),
    name: requiredCell(reader, 'name'),
    category: [...new Set(path.flatMap((text) => text?.split(/[>|/]/).map((step) => step.trim()) ?? []))].filter(
      (step) => step !== '',
    ),
    brand: textCell(reader, 'brand'),
    priceMinor: price.minor,
    currency: price.currency,
    ean,
    active,
  });
}

/** One row of a file of stores -> an item of `POST /v1/import/stores`. */
export function storeFromRow(row: NamedRow): Result<ImportItem, readonly RowProblem[]> {
  const reader = cellReader(row);
  const country = textCell(reader, 'country')?.toUpperCase();
  if (country !== undefined && !/^[A-Z]{2}$/.test(country)) {
    reader.problems.push(rowProblem(row.line, 'country', 'value-not-allowed', 'two letters, such as FR'));
  }
  return itemOf(reader, {
    type: 'store',
    id: requiredCell(reader, 'store_id'),
    name: requiredCell(reader, 'name'),
    address: textCell(reader, 'address'),
    postalCode: textCell(reader, 'postal_code', 16),
    city: textCell(reader, 'city'),
    country,
    lat: degreesCell(reader, 'latitude', 90),
    lon: degreesCell(reader, 'longitude', 180),
    openingHours: textCell(reader, 'opening_hours', 1_024),
  });
}

/** One row of a file of campaigns -> an item of `POST /v1/import/campaigns`. */
export function campaignFromRow(row: NamedRow): Result<ImportItem, readonly RowProblem[]> {
  const reader = cellReader(row);
  const spend = moneyCells(reader, 'spend');
  const [startsOn, endsOn] = [dayCell(reader, 'starts_on'), dayCell(reader, 'ends_on')];
  if (startsOn !== undefined && endsOn !== undefined && endsOn < startsOn) {
    reader.problems.push(rowProblem(row.line, 'ends_on', 'value-not-allowed', 'not before starts_on'));
  }
  const utm = present({
    source: textCell(reader, 'utm_source'),
    medium: textCell(reader, 'utm_medium'),
    campaign: textCell(reader, 'utm_campaign'),
  });
  return itemOf(reader, {
    type: 'campaign',
    id: requiredCell(reader, 'campaign_id'),
    name: requiredCell(reader, 'name'),
    channel: textCell(reader, 'channel'),
    startsOn,
    endsOn,
    spendMinor: spend.minor,
    currency: spend.currency,
    brand: textCell(reader, 'brand'),
    utm: Object.keys(utm).length === 0 ? undefined : utm,
  });
}

function itemOf(
  reader: CellReader,
  fields: { readonly [name: string]: JsonObject[string] | undefined },
): Result<ImportItem, readonly RowProblem[]> {
  if (reader.problems.length > 0) return refuse(reader.problems);
  return accept({ line: reader.row.line, json: present(fields) });
}

/** An amount needs its currency; a currency alone says nothing. */
function moneyCells(reader: CellReader, column: string): { readonly minor?: number; readonly currency?: string } {
  if (reader.row.cell(column) === undefined) return {};
  const currency = currencyCell(reader, 'currency');
  const minor = amountCell(reader, column, currency);
  if (minor !== undefined && minor < 0) {
    reader.problems.push(rowProblem(reader.row.line, column, 'value-not-allowed', 'at least 0'));
  }
  return minor === undefined ? {} : { minor, currency };
}

const IS_ACTIVE: Readonly<Record<string, boolean>> = {
  actif: true, active: true, activé: true, 'en vente': true, publish: true, published: true, visible: true, enabled: true,
  inactif: false, inactive: false, désactivé: false, desactive: false, archived: false, draft: false, arrêté: false, arrete: false, disabled: false,
}; // biome-ignore format: a table

function activeCell(reader: CellReader): boolean | undefined {
  const word = reader.row.cell('active')?.toLowerCase();
  const known = word === undefined ? undefined : IS_ACTIVE[word];
  return known ?? answerCell(reader, 'active');
}

function degreesCell(reader: CellReader, column: string, most: number): number | undefined {
  const text = reader.row.cell(column);
  if (text === undefined) return undefined;
  const degrees = Number(text);
  if (text.trim() !== '' && Number.isFinite(degrees) && Math.abs(degrees) <= most) return degrees;
  reader.problems.push(rowProblem(reader.row.line, column, 'value-not-allowed', `degrees from -${most} to ${most}`));
  return undefined;
}
