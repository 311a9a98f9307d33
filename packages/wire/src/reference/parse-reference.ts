import { accept, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import type { ReferenceEntry, ReferenceKind } from '@filrouge/domain/reference';
import { z } from 'zod';
import { readCurrency } from '../collect/money.ts';
import { refusalFrom } from '../consents/parse-submission.ts';
import { type Refusal, refusalOf } from '../problem/refusal.ts';

const text = z.string().trim().min(1).max(256);
const id = z.string().trim().min(1).max(128);
const minor = z.int().min(0).max(1_000_000_000_000);
const currency = z.string().regex(/^[A-Z]{3}$/);
const day = z.iso.date();
const CATEGORY_DEPTH_MAX = 8;

const SCHEMAS = {
  products: z.object({
    sku: id,
    name: text,
    category: z.array(text).max(CATEGORY_DEPTH_MAX).default([]),
    brand: text.optional(),
    priceMinor: minor.optional(),
    currency: currency.optional(),
    ean: z
      .string()
      .regex(/^\d{8,14}$/)
      .optional(),
    active: z.boolean().default(true),
  }),
  stores: z.object({
    id,
    name: text,
    address: text.optional(),
    postalCode: z.string().trim().min(1).max(16).optional(),
    city: text.optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional(),
    lat: z.number().min(-90).max(90).optional(),
    lon: z.number().min(-180).max(180).optional(),
    openingHours: z.string().trim().min(1).max(1_024).optional(),
  }),
  campaigns: z.object({
    id,
    name: text,
    channel: text.optional(),
    startsOn: day.optional(),
    endsOn: day.optional(),
    spendMinor: minor.optional(),
    currency: currency.optional(),
    brand: text.optional(),
    utm: z.object({ source: text.optional(), medium: text.optional(), campaign: text.optional() }).optional(),
  }),
} as const;

/** JSON Schema (draft 2020-12) of one of a kind, for the OpenAPI document and whoever reads it back. */
export const REFERENCE_SCHEMAS: typeof SCHEMAS = SCHEMAS;

/** A row of products, stores or campaigns -> what is kept of it. Unknown fields are left out. */
export function parseReference(kind: ReferenceKind, json: JsonObject): Result<ReferenceEntry, Refusal> {
  const read = SCHEMAS[kind].safeParse(json);
  if (!read.success) return refuse(refusalFrom(read.error.issues[0], json));
  const content = read.data as ReferenceEntry['content'] & { readonly currency?: string };
  if (content.currency !== undefined && readCurrency(content.currency) === undefined) {
    return refuse(refusalOf('currency-unknown', '/currency'));
  }
  const amount = kind === 'products' ? 'priceMinor' : 'spendMinor';
  if (amount in content && content.currency === undefined) return refuse(refusalOf('field-missing', '/currency'));
  if ('startsOn' in content && 'endsOn' in content && String(content.endsOn) < String(content.startsOn)) {
    return refuse(refusalOf('value-not-allowed', '/endsOn', 'not before startsOn'));
  }
  const named =
    kind === 'products' ? (content as { readonly sku: string }).sku : (content as { readonly id: string }).id;
  return accept({ kind, id: named, content } as ReferenceEntry);
}
