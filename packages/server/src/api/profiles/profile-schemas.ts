import { FACT_STATUSES, LEDGER_MARKS, LEGAL_BASES } from '@filrouge/domain/consent';
import { CHANNELS } from '@filrouge/domain/deployment';
import { ITEM_KINDS } from '@filrouge/domain/event';
import { NAMESPACES } from '@filrouge/domain/identity';
import { z } from 'zod';
import { ALLOWED_MEANS, instantShown } from '../common-schemas.ts';

const CONSENT_STATUSES = [...FACT_STATUSES, 'requested', 'expired', 'unknown'] as const;

const namespace = z.enum(NAMESPACES);
const json = z.unknown();
const jsonObject = z.record(z.string(), z.unknown());

/** What every answer about a person says of itself. */
const headFields = {
  id: z.string().describe('Stable while the person is not merged into an older one.'),
  brand: z.string(),
  purpose: z.string(),
  allowedBy: z
    .object({
      by: z.enum(LEGAL_BASES),
      recordId: z.string().optional(),
      position: z.int().optional(),
    })
    .describe('The consent record, or the legal basis, that lets the purpose see this person.'),
  asOf: z.object({ at: instantShown, ledgerPosition: z.int() }),
};

const span = {
  from: instantShown.optional().describe('Left out where it has no beginning.'),
  to: instantShown.optional().describe('Left out where it has no end yet.'),
};

const shownIdentifier = z.object({
  namespace,
  value: z.string(),
  standing: z.enum(['verified', 'device']),
  spans: z.array(z.object(span)).optional(),
});

const shownTrait = z.object({
  value: json.describe('Sums of money, as in `total_spent`, are minor units (cents) by currency.'),
  at: instantShown,
  source: z.string(),
  computed: z.literal(true).optional(),
  verified: z
    .literal(false)
    .optional()
    .describe('Said by a public key without a proof of whom it spoke: shown where nothing proven is known.'),
});

const shownEvent = z.object({
  id: z.string().describe('The client’s messageId.'),
  eventId: z.string().describe('Under which an explanation names the event.'),
  type: z.enum(ITEM_KINDS),
  name: z.string(),
  at: instantShown,
  receivedAt: instantShown,
  source: z.string(),
  channel: z.enum(CHANNELS),
  property: z.string(),
  store: z.string().optional(),
  properties: jsonObject,
  traits: jsonObject.optional(),
  receipt: jsonObject.optional(),
  context: jsonObject.optional(),
  purposes: z.array(z.string()).describe('Purposes allowed when it was collected.'),
  marks: z
    .array(z.string())
    .describe(
      'What the door changed or noticed, e.g. `time-in-future`: its time was not believed, `at` is its receipt.',
    ),
});

const standing = z.object({
  status: z.enum(CONSENT_STATUSES).describe('What was said last; `unknown` where nothing was.'),
  basis: z.enum(LEGAL_BASES),
  allowed: z.boolean().describe(ALLOWED_MEANS),
  since: instantShown.optional(),
  until: instantShown.optional(),
  recordId: z.string().optional(),
  vendors: z.record(z.string(), z.enum(CONSENT_STATUSES)).optional(),
});

const purposes = z.record(z.string(), standing);

export const profileAnswer = z.object({
  ...headFields,
  identifiers: z.array(shownIdentifier),
  traits: z.record(z.string(), shownTrait),
  held: z
    .array(z.object({ id: z.string(), reason: z.string(), receivedAt: instantShown, item: jsonObject }))
    .optional()
    .describe('What quarantine holds of the person; for the person’s own request (`rights`) only.'),
});
export const traitsAnswer = z.object({ ...headFields, traits: z.record(z.string(), shownTrait) });
export const identifiersAnswer = z.object({ ...headFields, identifiers: z.array(shownIdentifier) });
export const eventsAnswer = z.object({ ...headFields, items: z.array(shownEvent), next: z.string().nullable() });

export const consentsAnswer = z.object({
  ...headFields,
  purposes: purposes.describe('How the person stands; of a device, how its anonymous visitor does.'),
  devices: z.array(z.object({ namespace, value: z.string().optional(), purposes })),
  history: z.array(
    z.object({
      position: z.int(),
      recordId: z.string(),
      purpose: z.string(),
      vendor: z.string(),
      status: z.string(),
      indicatedAt: instantShown,
      receivedAt: instantShown,
      brands: z
        .array(z.string())
        .describe('For which brands the person decided; the first is the one whose notice it was.'),
      channel: z.string(),
      notice: z.object({ id: z.string(), version: z.string() }),
      marks: z
        .array(z.enum(LEDGER_MARKS))
        .describe('`dated-ahead`: it came with a date of the future and is dated to its receipt.'),
      standing: z.enum(['own', 'named']).describe('`named`: the sender could not speak for this person.'),
    }),
  ),
});

const named = z.object({
  namespace,
  value: z
    .string()
    .optional()
    .describe('Left out where the purpose does not show it, or where it is another person’s.'),
  person: z.string().optional().describe('The other person’s id.'),
});
const link = z.object({
  kind: z.literal('link'),
  from: named,
  to: named,
  verified: z.boolean(),
  evidence: z.string(),
  source: z.string().optional(),
  sourceKind: z.string(),
  at: instantShown,
  event: z.string().describe('The `eventId` on the timeline of the event that says so.'),
});
const stay = z.object({
  kind: z.literal('stay'),
  device: named,
  ...span,
  reason: z.string(),
  verified: z.boolean().describe('Whether it was proven who was there, or a public key said so.'),
});

export const explainAnswer = z.object({
  ...headFields,
  complete: z.boolean(),
  identifiers: z.array(
    z.object({
      identifier: named,
      standing: z.enum(['joined', 'unverified', 'device']),
      why: z.array(z.discriminatedUnion('kind', [link, stay])),
    }),
  ),
  notJoined: z.array(link.omit({ kind: true }).extend({ reason: z.string() })),
});
