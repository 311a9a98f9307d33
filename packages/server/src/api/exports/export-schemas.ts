import { EXPORT_KINDS } from '@filrouge/pipeline';
import { z } from 'zod';
import { instantShown, instantText } from '../common-schemas.ts';

export const exportBody = z.strictObject({
  what: z.enum(EXPORT_KINDS),
  brand: z.string().min(1).max(64).optional().describe('The credential’s own where it is bound to one.'),
  purpose: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('What the rows are for. Of `consents` it is `consent_proof`, and may be left out.'),
  from: instantText.optional().describe('Events, tickets and orders from here on.'),
  to: instantText.optional().describe('Events, tickets and orders before this instant.'),
  format: z.enum(['ndjson', 'csv', 'parquet']).default('ndjson').describe('What they will be written as, for the log.'),
  dryRun: z.boolean().default(false).describe('Counts and keeps nothing.'),
});

const count = z.int().min(0);

export const exportShown = z.object({
  id: z.string(),
  what: z.enum(EXPORT_KINDS),
  brand: z.string(),
  purpose: z.string(),
  state: z
    .enum(['running', 'ready', 'published', 'failed'])
    .describe(
      '`ready`: to be fetched, again too where a download ended and somebody in it had said no meanwhile. `published`: the last download stands.',
    ),
  dryRun: z.boolean(),
  seen: count.describe('Persons, events or decisions that were looked at so far.'),
  subjects: count.describe('Of those the ones in the export.'),
  rows: count.describe('Lines of the export: a person with several addresses has several.'),
  notPermitted: count.describe('Left out: the purpose may not have them. Counted, not named.'),
  unreadable: count.describe('Left out: their key is gone, or they are damaged.'),
  superseded: count.describe('Left out: decisions that the same device took back.'),
  withdrawn: count.describe('Left out: their permission ended while the export was under way.'),
  until: instantShown.describe('When it is removed.'),
  asOf: z.object({ ledgerPosition: z.int().nullable() }).describe('Where the permissions were last looked at.'),
});

export const exportParams = z.strictObject({ id: z.string().min(1).max(64) });

/** One line of the rows, in the form that an import of its kind takes. */
export const exportLine = z.record(z.string(), z.unknown());
