import type { SourceId } from '@filrouge/domain/deployment';
import type { SourceKeyEntry } from '@filrouge/ports';
import { z } from 'zod';
import { mayTouch, oneOf } from '../../access/brand-scope.ts';
import { secretId } from '../../access/secret-text.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import { type ApiRoute, apiRoute } from '../api-route.ts';
import type { ApiService } from '../api-service.ts';
import { instantShown } from '../common-schemas.ts';

const keyShown = z.object({
  id: z.string(),
  source: z.string(),
  brand: z.string().optional(),
  kind: z.string().optional(),
  createdAt: instantShown,
  lastUsedAt: instantShown.optional(),
  revokedAt: instantShown.optional(),
});

const common = { tag: 'Access', scope: 'keys:write' } as const;

/** Write keys of the sources: made, listed without their secret, revoked. */
export const KEY_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    ...common,
    method: 'GET',
    path: '/api/keys',
    summary: 'The write keys of the sources, never a key itself',
    status: 200,
    answer: z.object({ items: z.array(keyShown) }),
    problems: [],
    async handle({ service, bearer }) {
      const entries = (await service.keys.list()).filter(({ source }) => mayTouch(bearer, brandOf(service, source)));
      return { items: entries.map((entry) => shown(service, entry)) };
    },
  }),
  apiRoute({
    ...common,
    method: 'POST',
    path: '/api/keys',
    summary: 'A new write key for a source; it is shown this once',
    body: z.strictObject({ source: z.string().min(1).max(64) }),
    status: 201,
    answer: z.object({ id: z.string(), source: z.string(), key: z.string() }),
    problems: ['brand-not-allowed'],
    async handle({ service, bearer, body, audit }) {
      const source = service.deployment.sources.get(body.source as SourceId);
      if (source === undefined) {
        const own = [...service.deployment.sources.values()].filter(({ brand }) => mayTouch(bearer, brand));
        throw new ProblemAnswer('value-not-allowed', {
          pointer: '/source',
          detail: oneOf(own.map(({ id: name }) => name)),
        });
      }
      if (!mayTouch(bearer, source.brand)) throw new ProblemAnswer('brand-not-allowed', { pointer: '/source' });
      const key = await service.keys.create(source.id);
      const id = secretId(key);
      audit({ action: 'key/create', brand: source.brand, subject: id });
      return { id, source: source.id, key };
    },
  }),
  apiRoute({
    ...common,
    method: 'DELETE',
    path: '/api/keys/{id}',
    summary: 'Revoke a write key; within ten seconds no process takes it any more',
    params: z.strictObject({ id: z.string().min(1).max(64) }),
    status: 200,
    answer: z.object({ id: z.string(), revokedAt: instantShown }),
    problems: ['not-found'],
    async handle({ service, bearer, params, audit }) {
      const entry = (await service.keys.list()).find(({ id }) => id === params.id);
      if (entry === undefined || !mayTouch(bearer, brandOf(service, entry.source)))
        throw new ProblemAnswer('not-found');
      audit({ action: 'key/revoke', subject: entry.id });
      await service.keys.revoke(entry.id);
      return { id: entry.id, revokedAt: new Date(entry.revokedAt ?? service.now()).toISOString() };
    },
  }),
];

function brandOf({ deployment }: ApiService, source: string): string | undefined {
  return deployment.sources.get(source as SourceId)?.brand;
}

function shown({ deployment }: ApiService, entry: SourceKeyEntry) {
  const { id, source, createdAt, lastUsedAt, revokedAt } = entry;
  const known = deployment.sources.get(source);
  return {
    id,
    source,
    ...(known === undefined ? {} : { brand: known.brand, kind: known.kind }),
    createdAt: new Date(createdAt).toISOString(),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: new Date(lastUsedAt).toISOString() }),
    ...(revokedAt === undefined ? {} : { revokedAt: new Date(revokedAt).toISOString() }),
  };
}
