import { accept, type Result, refuse } from '@filrouge/domain/base';
import type { ConsentSubmission, PurposeId } from '@filrouge/domain/consent';
import { ANY_VENDOR } from '@filrouge/domain/consent';
import type { BrandId, PropertyId } from '@filrouge/domain/deployment';
import { z } from 'zod';
import { type Refusal, refusalOf } from '../problem/refusal.ts';
import {
  type CountryOf,
  consentSubmissionSchema,
  readConsentBody,
  refusalFrom,
  subjectOf,
} from './parse-submission.ts';

/** What one click may confirm: a link in a message has room for so many. */
const DECISIONS_MAX = 20;

const { subject, decisions } = consentSubmissionSchema.shape;
const { purpose, vendor } = decisions.element.shape;
const { email, phone, userId } = subject.shape;

/** Body of `POST /v1/consents/confirmations`: a decision as `POST /v1/consents` takes it, before it was taken. */
const confirmationSchema = consentSubmissionSchema
  .pick({ brand: true, brands: true, property: true, notice: true })
  .extend({
    /** The address to be confirmed, and the account that it is said to belong to. */
    subject: z.object({ email, phone, userId }),
    decisions: z
      .array(z.object({ purpose, vendor, status: z.enum(['given']).optional() }))
      .min(1)
      .max(DECISIONS_MAX),
    channel: z.enum(['email', 'sms']).optional(),
  });

/** JSON Schema (draft 2020-12) of the body, for the OpenAPI document. */
export function confirmationJsonSchema(): object {
  return z.toJSONSchema(confirmationSchema, { io: 'input', unrepresentable: 'any' });
}

/** A decision that waits for the click of the person whose address it names. */
export type ConfirmationRequest = Pick<
  ConsentSubmission,
  'subject' | 'brand' | 'brands' | 'property' | 'decisions' | 'notice'
> & { readonly channel: 'email' | 'sms' };

/**
 * The bytes of a `POST /v1/consents/confirmations`: one address or number, a user id beside it, and what would be
 * given. The channel is that of the address.
 */
export function parseConfirmationRequest(bytes: Buffer, country: CountryOf): Result<ConfirmationRequest, Refusal> {
  const body = readConsentBody(bytes);
  if (!body.ok) return body;
  const read = confirmationSchema.safeParse(body.value.json);
  if (!read.success) return refuse(refusalFrom(read.error.issues[0], body.value.json));
  const { brand, brands, property, notice, ...said } = read.data;
  const known = subjectOf(said.subject, country(brand as BrandId, property as PropertyId));
  if (!known.ok) return known;
  const addresses = known.value.filter(({ namespace }) => namespace === 'email' || namespace === 'phone');
  const [address] = addresses;
  if (address === undefined || addresses.length > 1) {
    return refuse(refusalOf('value-not-allowed', '/subject', 'either email or phone, and userId beside it'));
  }
  const channel = address.namespace === 'email' ? 'email' : 'sms';
  if (said.channel !== undefined && said.channel !== channel) {
    return refuse(refusalOf('value-not-allowed', '/channel', channel));
  }
  return accept({
    subject: known.value,
    brand: brand as BrandId,
    ...(brands === undefined ? {} : { brands: brands as BrandId[] }),
    property: property as PropertyId,
    decisions: said.decisions.map((decision) => ({
      purpose: decision.purpose as PurposeId,
      vendor: decision.vendor ?? ANY_VENDOR,
      status: 'given',
    })),
    notice,
    channel,
  });
}
