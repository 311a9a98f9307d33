import { LEGAL_BASES } from '@filrouge/domain/consent';
import { CHANNELS } from '@filrouge/domain/deployment';
import { ITEM_KINDS } from '@filrouge/domain/event';
import { z } from 'zod';
import { allowedOrigin } from './allowed-origin.ts';

/** Names that appear in keys, labels and file names. */
const name = z
  .string()
  .regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, 'lower-case letters, digits, single dots, dashes or underscores')
  .max(64);
/** As the tills write it into their tickets. */
const storeName = z
  .string()
  .regex(/^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/, 'letters, digits, single dots, dashes or underscores')
  .max(64);
const purposeName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'lower-case words joined by underscores')
  .max(64);
const country = z.string().regex(/^[A-Z]{2}$/, 'two capital letters, ISO 3166-1');
const texts = z.record(z.string().regex(/^[a-z]{2}$/), z.string().min(1));

const purpose = z.strictObject({
  id: purposeName,
  basis: z.enum(LEGAL_BASES),
  scope: z.array(z.enum(['device', 'person'])).min(1),
});

const source = z.strictObject({
  id: name,
  brand: name,
  property: name,
  kind: z.enum(['web', 'app', 'server', 'store']),
  channel: z.enum(CHANNELS).optional(),
  country: country.default('FR'),
  allowedKinds: z.array(z.enum(ITEM_KINDS)).optional(),
  allowedOrigins: z.array(allowedOrigin).default([]),
  quotaPerSecond: z.number().positive().max(1_000_000).default(10_000),
  personQuotaPerSecond: z.number().positive().max(1_000_000).default(20),
  serves: z.partialRecord(z.enum(ITEM_KINDS), z.array(purposeName)).default({}),
  kiosk: z.boolean().default(false),
  enabled: z.boolean().default(true),
  stamps: z
    .strictObject({
      noticeId: name,
      noticeVersion: z.string().min(1),
      categories: z.record(z.string(), z.array(purposeName)),
    })
    .optional(),
});

/** A public JSON Web Key (RFC 7517); members that we do not use may stand in it, as providers publish them. */
const publicKey = z.looseObject({
  kid: z.string().min(1).max(256),
  kty: z.string(),
  crv: z.string().optional(),
  alg: z.string().optional(),
  use: z.string().optional(),
});

const identityIssuer = z.strictObject({
  issuer: z.string().min(1).max(512),
  audience: z.union([z.string().min(1).max(512), z.array(z.string().min(1).max(512)).min(1)]),
  kind: z.enum(['oidc', 'signed-token']),
  keys: z.array(publicKey).min(1).max(20),
});

const brand = z.strictObject({
  id: name,
  name: z.string().min(1),
  contact: z.string().optional(),
  /** Who may say in a signed token that somebody is signed in: the brand's server, or its OpenID provider. */
  identityIssuers: z.array(identityIssuer).max(20).default([]),
});

/** `filrouge.config.ts`: the installation as code. Unknown keys are refused, so that a slip of the pen is not silently ignored. */
export const configSchema = z.strictObject({
  brands: z.array(brand).min(1),
  /** Brands that are joint controllers (GDPR 26): a consent may count for several of them. */
  jointControllers: z.array(z.strictObject({ id: name, brands: z.array(name).min(2) })).default([]),
  properties: z.array(
    z.strictObject({
      id: name,
      brand: name,
      name: z.string().min(1),
      kind: z.enum(['site', 'app', 'shop', 'call-centre']),
    }),
  ),
  sources: z.array(source),
  purposes: z.array(purpose).default([]),
  notices: z
    .array(
      z.strictObject({
        id: name,
        version: z.string().min(1),
        brand: name,
        /** Other brands of its group for which it speaks. */
        brands: z.array(name).optional(),
        purposes: z.array(purposeName),
        text: texts,
      }),
    )
    .default([]),
  stores: z
    .array(
      z.strictObject({
        id: storeName,
        brand: name,
        name: z.string().min(1),
        city: z.string().optional(),
        postalCode: z.string().optional(),
        latitude: z.number().min(-90).max(90).optional(),
        longitude: z.number().min(-180).max(180).optional(),
      }),
    )
    .default([]),
  /** A replay builds anew what came in the second half of these days at least (S17). */
  journalDays: z.number().int().min(14).max(3_650).optional(),
});

/** What one writes in `filrouge.config.ts`. */
export type FilrougeConfig = z.input<typeof configSchema>;
/** The same after its defaults. */
export type CheckedConfig = z.output<typeof configSchema>;

/** Gives an editor the types of the configuration; returns its argument. */
export function defineConfig(config: FilrougeConfig): FilrougeConfig {
  return config;
}
