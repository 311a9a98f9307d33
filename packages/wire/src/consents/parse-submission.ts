import { accept, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import {
  ANY_VENDOR,
  CONSENT_CHANNELS,
  type ConsentSubmission,
  FACT_STATUSES,
  parsePurposeId,
  type SubmittedDecision,
} from '@filrouge/domain/consent';
import type { BrandId, PropertyId } from '@filrouge/domain/deployment';
import type { Identifier, Namespace } from '@filrouge/domain/identity';
import { z } from 'zod';
import { isBlockedValue } from '../collect/blocked.ts';
import { normaliseIdentifier } from '../collect/identifiers.ts';
import { hasOffset, readTime } from '../collect/time.ts';
import { COLLECT_LIMITS, IDENTIFIER_LENGTH_MAX } from '../json/limits.ts';
import { type ParsedItem, parseItem } from '../json/parse-item.ts';
import { checkBytes, measureItem } from '../json/scan.ts';
import { pointerOf, type Refusal, refusalOf } from '../problem/refusal.ts';

const NAME_LENGTH_MAX = 128;
const DECISIONS_MAX = 200;
const BRANDS_MAX = 100;

const name = z.string().min(1).max(NAME_LENGTH_MAX);
const identifier = z.string().min(1).max(IDENTIFIER_LENGTH_MAX);
/** Date and time with offset: consent is dated proof, and a time without zone is ambiguous by hours. */
const instantText = z
  .string()
  .max(64)
  .refine((text) => readTime(text) !== undefined && hasOffset(text), { params: { code: 'time-unreadable' } })
  .meta({ format: 'date-time' });
const purpose = z
  .string()
  .max(64)
  .refine((text) => parsePurposeId(text) !== undefined, { params: { code: 'purpose-unreadable' } })
  .meta({ pattern: '^[a-z][a-z0-9]*(_[a-z0-9]+)*$' });

/**
 * Body of `POST /v1/consents` (architecture.md, outside contract). Values are strict: a status is one of four words,
 * so `true`, `"yes"`, `1` and `[]` give nothing to nobody. Unknown fields are ignored, because later clients send more.
 */
export const consentSubmissionSchema = z.object({
  subject: z.object({
    anonymousId: identifier.optional(),
    userId: identifier.optional(),
    email: identifier.optional(),
    phone: identifier.optional(),
    loyaltyCard: identifier.optional(),
    deviceId: identifier.optional(),
    pushToken: identifier.optional(),
  }),
  brand: name,
  brands: z.array(name).max(BRANDS_MAX).optional(),
  property: name,
  decisions: z
    .array(
      z.object({
        purpose,
        status: z.enum(FACT_STATUSES),
        vendor: name.optional(),
        basis: z.enum(['consent', 'soft-opt-in', 'current-contract', 'legitimate-interest']).optional(),
        reference: name.optional(),
      }),
    )
    .min(1)
    .max(DECISIONS_MAX),
  notice: z.object({ id: name, version: name }),
  sequence: z.int().min(0).optional(),
  channel: z.enum(CONSENT_CHANNELS),
  indicatedAt: instantText,
  indicatedBy: z.object({ kind: z.enum(['subject', 'agent']), id: name.optional() }),
  evidence: z.record(z.string(), z.unknown()).optional(),
  identityToken: z
    .string()
    .optional()
    .meta({ description: 'A signed identity token (JWT) of a configured issuer; it is checked and never kept.' }),
});

/** JSON Schema (draft 2020-12) of the body, for the OpenAPI document. */
export function consentSubmissionJsonSchema(): object {
  return z.toJSONSchema(consentSubmissionSchema, { io: 'input', unrepresentable: 'any' });
}

const SUBJECT_FIELDS: readonly (readonly [
  field: keyof z.infer<typeof consentSubmissionSchema>['subject'],
  Namespace,
])[] = [
  ['userId', 'user_id'],
  ['loyaltyCard', 'loyalty_card'],
  ['email', 'email'],
  ['phone', 'phone'],
  ['anonymousId', 'anonymous_id'],
  ['deviceId', 'device_id'],
  ['pushToken', 'push_token'],
];

/** A submission, and beside it the identity token that came with it: unchecked, and to be kept nowhere. */
type ParsedConsent = { readonly consent: ConsentSubmission; readonly identityToken?: string };

export type CountryOf = (brand: BrandId, property: PropertyId) => string;

/**
 * The bytes of a `POST /v1/consents` -> what the ledger judges. Every rule of the door holds: UTF-8, depth, repeated
 * keys, secrets. A subject that is nobody's (a blocked value) or unreadable is refused: a decision must be somebody's.
 *
 * @param country for telephone numbers without country code: of the source, or, where no source's key says it, of the
 * brand and property that the body names
 */
export function parseConsentSubmission(bytes: Buffer, country: string | CountryOf): Result<ParsedConsent, Refusal> {
  const body = readConsentBody(bytes);
  if (!body.ok) return body;
  const { identityToken, json } = body.value;
  const consent = consentSubmissionOf(json, country);
  if (!consent.ok) return consent;
  return accept({ consent: consent.value, ...(identityToken === undefined ? {} : { identityToken }) });
}

/** The tree of a body about consents, under the rules of the door. */
export function readConsentBody(bytes: Buffer): Result<ParsedItem, Refusal> {
  const start = checkBytes(bytes, { ...COLLECT_LIMITS, bodyBytesMax: COLLECT_LIMITS.itemBytesMax });
  if (!start.ok) return start;
  const parsed = parseItem(bytes, measureItem(bytes, start.value, bytes.length));
  if (!parsed.ok) {
    return refuse(parsed.refusal.code === 'item-not-an-object' ? refusalOf('body-not-an-object', '') : parsed.refusal);
  }
  const [first] = parsed.value.inexact;
  return first === undefined ? parsed : refuse(refusalOf('number-not-exact', first));
}

/** The same from a normalised tree, for rows of files and bodies that were read already. */
export function consentSubmissionOf(json: JsonObject, country: string | CountryOf): Result<ConsentSubmission, Refusal> {
  const read = consentSubmissionSchema.safeParse(json);
  if (!read.success) return refuse(refusalFrom(read.error.issues[0], json));
  const body = read.data;
  const there = typeof country === 'string' ? country : country(body.brand as BrandId, body.property as PropertyId);
  const subject = subjectOf(body.subject, there);
  if (!subject.ok) return subject;
  const indicatedAt = readTime(body.indicatedAt);
  if (indicatedAt === undefined) return refuse(refusalOf('time-unreadable', '/indicatedAt'));
  const evidence = json['evidence'] as JsonObject | undefined;
  return accept({
    subject: subject.value,
    brand: body.brand as BrandId,
    ...(body.brands === undefined ? {} : { brands: body.brands as BrandId[] }),
    property: body.property as PropertyId,
    decisions: body.decisions.map(decisionOf),
    notice: body.notice,
    ...(body.sequence === undefined ? {} : { sequence: body.sequence }),
    channel: body.channel,
    indicatedAt,
    indicatedBy: {
      kind: body.indicatedBy.kind,
      ...(body.indicatedBy.id === undefined ? {} : { id: body.indicatedBy.id }),
    },
    ...(evidence === undefined ? {} : { evidence }),
  });
}

type Body = z.infer<typeof consentSubmissionSchema>;

function decisionOf(decision: Body['decisions'][number]): SubmittedDecision {
  const { status, basis, reference, vendor } = decision;
  return {
    purpose: decision.purpose as SubmittedDecision['purpose'],
    vendor: vendor ?? ANY_VENDOR,
    status,
    ...(basis === undefined ? {} : { basis }),
    ...(reference === undefined ? {} : { reference }),
  };
}

/** The identifiers of a subject in their normal form; one that is nobody's is refused. */
export function subjectOf(subject: Body['subject'], country: string): Result<readonly Identifier[], Refusal> {
  const found: Identifier[] = [];
  for (const [field, namespace] of SUBJECT_FIELDS) {
    const text = subject[field];
    if (text === undefined) continue;
    const normal = normaliseIdentifier(namespace, text, country);
    if (!normal.ok) return refuse(refusalOf(normal.code, `/subject/${field}`));
    if (normal.value === '' || isBlockedValue(namespace, normal.value)) {
      return refuse(
        refusalOf('value-not-allowed', `/subject/${field}`, 'a value that stands for one person or device'),
      );
    }
    found.push({ namespace, value: normal.value });
  }
  return found.length === 0 ? refuse(refusalOf('no-identifier', '/subject')) : accept(found);
}

/** The first complaint of the schema in our words; `detail` names what is allowed and never what was sent. */
export function refusalFrom(issue: z.core.$ZodIssue | undefined, json: JsonObject): Refusal {
  if (issue === undefined) return refusalOf('field-wrong-type', '');
  const pointer = pointerOf(issue.path.map((step) => (typeof step === 'number' ? step : String(step))));
  if (valueAt(json, issue.path) === undefined) return refusalOf('field-missing', pointer);
  if (issue.code === 'invalid_type') return refusalOf('field-wrong-type', pointer, issue.expected);
  if (issue.code === 'invalid_value')
    return refusalOf('value-not-allowed', pointer, issue.values.map(String).join(', '));
  if (issue.code === 'too_small') return refusalOf('value-not-allowed', pointer, `at least ${issue.minimum}`);
  if (issue.code === 'too_big') return refusalOf('value-not-allowed', pointer, `at most ${issue.maximum}`);
  if (issue.code !== 'custom') return refusalOf('field-wrong-type', pointer);
  return refusalOf(issue.params?.['code'] === 'purpose-unreadable' ? 'purpose-unreadable' : 'time-unreadable', pointer);
}

function valueAt(json: JsonObject, path: readonly PropertyKey[]): unknown {
  let value: unknown = json;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return value;
}
