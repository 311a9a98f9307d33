import type { ReferenceKind } from '@filrouge/domain/reference';
import { REFERENCE_SCHEMAS } from '@filrouge/wire';
import { z } from 'zod';
import { brandFor } from '../../access/brand-scope.ts';
import { type ApiRoute, apiRoute } from '../api-route.ts';
import { brandParameter, instantShown, wholeNumber } from '../common-schemas.ts';

const SUMMARIES: Readonly<Record<ReferenceKind, string>> = {
  products: 'Products by SKU, as they were last imported',
  stores: 'Stores by id, as they were last imported',
  campaigns: 'Campaigns by id, as they were last imported',
};

/** Products, stores and campaigns, page by page. No person is in them. */
export const REFERENCE_API_ROUTES: readonly ApiRoute[] = [routeOf('products'), routeOf('stores'), routeOf('campaigns')];

function routeOf(kind: ReferenceKind): ApiRoute {
  const told = { source: z.string(), toldAt: instantShown };
  return apiRoute({
    method: 'GET',
    path: `/api/${kind}`,
    tag: 'Reference',
    summary: SUMMARIES[kind],
    scope: 'reports:read',
    query: z.strictObject({
      brand: brandParameter,
      text: z.string().trim().min(1).max(128).optional().describe('Only what has it in its id or name.'),
      limit: wholeNumber(1, 1_000, 100),
      after: z.string().min(1).max(128).optional().describe('The `next` of the page before.'),
    }),
    status: 200,
    answer: z.object({
      brand: z.string(),
      items: z.array(REFERENCE_SCHEMAS[kind].extend(told)),
      next: z.string().nullable(),
    }),
    problems: ['brand-not-allowed'],
    async handle({ service, bearer, query }) {
      const brand = brandFor(bearer, service.deployment, query.brand);
      const { limit, text, after } = query;
      const found = await service.reference.list({
        brand,
        kind,
        limit: limit + 1,
        ...(text === undefined ? {} : { text }),
        ...(after === undefined ? {} : { after }),
      });
      const items = found.slice(0, limit);
      const shown = items.map(({ content, source, toldAt }) => ({
        ...content,
        source,
        toldAt: new Date(toldAt).toISOString(),
      }));
      return { brand, items: shown as never, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
  });
}
