import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { IncomingItem } from './incoming-item.ts';
import { scrubPersonal } from './scrub-personal.ts';

/** The parts of an item that are split. */
export type SplittableItem = Pick<IncomingItem, 'name' | 'properties' | 'traits' | 'context' | 'receipt'>;

/** S15: what of an item may stand in clear beside its ciphertext. */
export type SplitItem = {
  /** The event's name without anything that looks personal. */
  readonly name: string;
  /** Extract for reports, by sorted key; numbers in their shortest decimal form. */
  readonly clear: Readonly<Record<string, string>>;
  /** Products that the item speaks of, in order, without repetition. */
  readonly skus: readonly string[];
  /** Their categories, or the page's; in order, without repetition. */
  readonly categories: readonly string[];
  /** Where it happened, or ''. */
  readonly store: string;
  /**
   * Everything as it was accepted, to be encrypted: properties, traits, context, and the name where it was scrubbed.
   * The clear extract is repeated here, so that reading back gives each value with its type.
   */
  readonly sealed: JsonObject;
};

/** Amounts and counts of the e-commerce specification. */
const NUMBERS = [
  'price',
  'quantity',
  'value',
  'total',
  'subtotal',
  'revenue',
  'tax',
  'shipping',
  'discount',
  'position',
  'step',
  'rating',
  'results',
  'results_count',
  'cart_value',
  'items_count',
] as const;

/** Words from a short list that the site itself writes. Coupons and order numbers are not among them: they name a person. */
const WORDS = [
  'category',
  'brand',
  'variant',
  'size',
  'color',
  'colour',
  'department',
  'gender',
  'list',
  'list_id',
  'promotion_id',
  'creative',
  'payment_method',
  'shipping_method',
  'delivery_method',
  'checkout_type',
  'order_status',
  'sort',
  'filter',
] as const;

const SEARCH_TERMS = ['query', 'search_term', 'search_query'] as const;
const SKU_FIELDS = ['sku', 'product_id', 'variant_id'] as const;
const STORE_FIELDS = ['store_id', 'storeId', 'store'] as const;
/** Segment's `context.campaign` and the URL's `utm_*`, under one name each. Click ids are not here: they name a visitor. */
const CAMPAIGN_FIELDS = ['source', 'medium', 'name', 'term', 'content', 'id'] as const;
const UTM_NAMES: Readonly<Record<string, string>> = {
  utm_source: 'source',
  utm_medium: 'medium',
  utm_campaign: 'name',
  utm_term: 'term',
  utm_content: 'content',
  utm_id: 'id',
};

const WORD_LENGTH_MAX = 64;
const TERM_LENGTH_MAX = 128;
const LIST_LENGTH_MAX = 200;
/** A larger figure in a price field is no price: a telephone number typed as a number has nine digits. */
const NUMBER_MAX = 99_999_999;
const DECIMAL = /^-?\d{1,7}(?:\.\d{1,6})?$/;
/** Codes: letters, digits and joining marks, no space, no `@`. */
const CODE = /^[\p{L}\p{N}][\p{L}\p{N}._:/+-]{0,63}$/u;
const CURRENCY = /^[A-Za-z]{3}$/;

/** What a property on the list must look like: what it says in clear, if it does. */
const CLEAR_FORMS: ReadonlyMap<string, (value: Json | undefined) => string | undefined> = new Map([
  ...NUMBERS.map((field) => [field, clearNumber] as const),
  ...WORDS.map((field) => [field, clearWord] as const),
  ...SEARCH_TERMS.map((field) => [field, clearTerm] as const),
]);

/**
 * S15: splits an item into the clear extract that reports may read and the sealed whole that only keys open. Clear is
 * an allow-list by name *and* by form: a name on the list whose value has not the form (an address in `size`) stays
 * sealed. Search terms and event names lose whatever carries an `@` or six digits in a row.
 */
export function splitProperties(item: SplittableItem): SplitItem {
  const { properties, context } = item;
  const clear = new Map<string, string>();
  for (const field of Object.keys(properties)) put(clear, field, CLEAR_FORMS.get(field)?.(properties[field]));
  const { currency } = properties;
  if (typeof currency === 'string' && CURRENCY.test(currency)) put(clear, 'currency', currency.toUpperCase());
  for (const [field, value] of campaignOf(item)) put(clear, `campaign_${field}`, value);
  const store = clearCode(item.receipt?.store) ?? clearCode(firstOf(properties, STORE_FIELDS)) ?? '';
  if (store !== '') put(clear, 'store', store);
  const products = productsOf(item);
  const skus = unique(products.map(({ sku }) => clearCode(sku)));
  if (skus[0] !== undefined && products.length === 1) put(clear, 'sku', skus[0]);
  const categories = unique([
    ...products.map(({ category }) => clearWord(category)),
    clearWord(properties['category']),
  ]);
  const name = scrubPersonal(item.name, TERM_LENGTH_MAX);
  return {
    name,
    clear: Object.fromEntries([...clear].sort(([a], [b]) => (a < b ? -1 : 1))),
    skus,
    categories,
    store,
    sealed: { ...(name === item.name ? {} : { name: item.name }), properties, traits: item.traits, context },
  };
}

function put(clear: Map<string, string>, field: string, value: string | undefined): void {
  if (value !== undefined && value !== '') clear.set(field, value);
}

function clearNumber(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return Math.abs(value) <= NUMBER_MAX ? String(value) : undefined;
  return typeof value === 'string' && DECIMAL.test(value.trim()) ? value.trim() : undefined;
}

/** A word of an enumeration, unchanged; undefined when it is long or holds anything that looks personal. */
function clearWord(value: Json | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  const word = value.trim();
  return word.length <= WORD_LENGTH_MAX && scrubPersonal(word, WORD_LENGTH_MAX) === word ? word : undefined;
}

function clearTerm(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? scrubPersonal(value, TERM_LENGTH_MAX) : undefined;
}

function clearCode(value: Json | undefined): string | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && CODE.test(text.trim()) ? text.trim() : undefined;
}

type Product = { readonly sku: Json | undefined; readonly category: Json | undefined };

function productsOf(item: SplittableItem): readonly Product[] {
  const { properties, receipt } = item;
  if (receipt !== undefined && receipt.lines.length > 0) {
    return receipt.lines.slice(0, LIST_LENGTH_MAX).map(({ sku, category }) => ({ sku, category }));
  }
  const { products } = properties;
  const list: readonly Json[] = Array.isArray(products) ? products.slice(0, LIST_LENGTH_MAX) : [];
  const named = list.filter(isJsonObject).map((product) => ({
    sku: firstOf(product, SKU_FIELDS),
    category: product['category'],
  }));
  const own = firstOf(properties, SKU_FIELDS);
  return own === undefined ? named : [{ sku: own, category: properties['category'] }, ...named];
}

function firstOf(fields: JsonObject, names: readonly string[]): Json | undefined {
  for (const name of names) {
    const value = fields[name];
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

function unique(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value): value is string => value !== undefined && value !== ''))];
}

/** Campaign parameters: the client's own reading of them, else those of the page's address. */
function campaignOf(item: SplittableItem): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const { campaign, page } = item.context;
  if (isJsonObject(campaign)) {
    for (const field of CAMPAIGN_FIELDS) put(found, field, clearTerm(campaign[field]));
  }
  if (found.size > 0) return found;
  const address = isJsonObject(page) ? (page['url'] ?? page['search']) : undefined;
  for (const text of [address, item.properties['url'], item.properties['search']]) {
    if (typeof text !== 'string') continue;
    for (const [field, value] of utmOf(text)) if (!found.has(field)) put(found, field, clearTerm(value));
  }
  return found;
}

function utmOf(address: string): readonly (readonly [field: string, value: string])[] {
  const query = address.slice(address.indexOf('?') + 1).split('#', 1)[0] ?? '';
  const pairs: [string, string][] = [];
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).toLowerCase();
    const field = Object.hasOwn(UTM_NAMES, name) ? UTM_NAMES[name] : undefined;
    const value = field === undefined ? undefined : decode(pair.slice(equals + 1));
    if (field !== undefined && value !== undefined) pairs.push([field, value]);
  }
  return pairs;
}

/** Percent-decoded; undefined where the encoding is broken, because what cannot be read cannot be scrubbed. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
