import { ROPO_DIRECTIONS, ROPO_MATCHES, ROPO_WINDOWS } from '@filrouge/domain/measurement';
import { z } from 'zod';
import { brandParameter, instantShown, instantText } from '../common-schemas.ts';

const WINDOW_WORDS = ROPO_WINDOWS.map(String) as ['1', '7', '30'];

export const ropoQuery = z.strictObject({
  brand: brandParameter,
  window: z.enum(WINDOW_WORDS).default('7').describe('Days between research and purchase.'),
  direction: z.enum(ROPO_DIRECTIONS).default('online-to-store'),
  from: instantText.optional().describe('Purchases from here on; 30 days before `to` where it is left out.'),
  to: instantText.optional().describe('Purchases before this instant; now where it is left out.'),
  by: z.enum(['store', 'category']).default('store').describe('What a row is.'),
  match: z.enum(ROPO_MATCHES).default('any').describe('What research and purchase must have in common.'),
});
export type RopoParameters = z.output<typeof ropoQuery>;

const share = z.number().min(0).max(1);
const interval = z.object({ low: share, high: share });

/** Shares are null where there is nothing to divide by. */
const figures = {
  population: z.number().describe('Everything sold, to anybody.'),
  coverage: z.object({ value: share.nullable() }).describe('Share of the population that has a person.'),
  consentedBase: z.number().describe('Purchases of persons who consent to store_measurement.'),
  observed: share
    .nullable()
    .describe('Share of the consented base that followed research. It describes those who consent alone.'),
  estimate: interval
    .extend({
      value: share,
      firm: z.boolean().describe('False: fewer than 100 observable purchases in all; the interval is then the bounds.'),
      basis: z
        .enum(['asked', 'observed'])
        .describe(
          '`asked`: a sample of buyers answered at the till. `observed`: from purchases whose research can be seen; the interval is wide for what cannot.',
        ),
    })
    .nullable()
    .describe('Share of the population, with its 95 % interval.'),
  bounds: interval.nullable().describe('What that share can be at all, whatever those not seen do.'),
};

const byValue = z
  .object(figures)
  .describe('The same by value: `population` and `consentedBase` are minor units (cents) of `currency`.');

export const ropoAnswer = z.object({
  definition: z.string(),
  brand: z.string(),
  direction: z.enum(ROPO_DIRECTIONS),
  window: z.literal(ROPO_WINDOWS),
  match: z.enum(ROPO_MATCHES),
  by: z.enum(['store', 'category']),
  from: instantShown,
  to: instantShown,
  ...figures,
  currency: z.string(),
  otherCurrencies: z.array(z.string()).describe('Purchases in these are in the counts and not in `byValue`.'),
  byValue,
  observable: z.number().describe('Purchases of persons whose research could have been seen.'),
  asked: z.number().describe('Purchases whose buyer answered at the till.'),
  rows: z.array(
    z.object({
      key: z.string(),
      name: z.string().nullable().describe('Of a store: as it was imported, else as it is configured.'),
      ...figures,
      byValue,
      observable: z.number(),
      asked: z.number(),
    }),
  ),
  asOf: z.object({ ledgerPosition: z.int(), journalPosition: z.int(), at: instantShown }),
});
export type RopoAnswer = z.output<typeof ropoAnswer>;
