import { isBalanced } from '@filrouge/pipeline';
import { z } from 'zod';
import { optionalBrandFor } from '../../access/brand-scope.ts';
import { type ApiRoute, apiRoute } from '../api-route.ts';
import { brandParameter, instantText, spanOf } from '../common-schemas.ts';

const count = z.int();

const flowAnswer = z.object({
  accepted: count,
  pending: count,
  kept: count,
  withheld: count,
  quarantined: count,
  damaged: count.describe('Of quarantined: accepted, and then damaged in the journal. Above zero, look at the disk.'),
  discarded: count,
  duplicates: count,
  refused: count,
  bots: count,
  balanced: z.boolean().describe('accepted = pending + kept + withheld + quarantined + discarded'),
  bySource: z.record(
    z.string(),
    z.object({
      accepted: count,
      kept: count,
      withheld: count,
      duplicates: count,
      refused: count,
      bots: count,
      withheldBy: z.record(z.string(), z.record(z.string(), count)).describe('reason -> name -> count'),
    }),
  ),
});

/** What became of everything that came in (S2). */
export const FLOW_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: '/api/flow',
    tag: 'Flow',
    summary: 'What became of everything that came in, and whether it adds up',
    scope: 'flow:read',
    query: z.strictObject({
      brand: brandParameter,
      from: instantText.optional().describe('Whole days of reception (UTC) that the span touches.'),
      to: instantText.optional(),
    }),
    status: 200,
    answer: flowAnswer,
    problems: ['brand-not-allowed'],
    async handle({ service, bearer, query }) {
      const brand = optionalBrandFor(bearer, service.deployment, query.brand);
      const flow = await service.reading.flow(spanOf(query), brand);
      return { ...flow, balanced: isBalanced(flow) };
    },
  }),
];
