import { type ApiTokenEntry, TOKEN_SCOPES } from '@filrouge/ports';
import { z } from 'zod';
import { SESSION_NAME_PREFIX } from '../../access/api-tokens.ts';
import { mayTouch, optionalBrandFor } from '../../access/brand-scope.ts';
import { secretId } from '../../access/secret-text.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import { type ApiRoute, apiRoute } from '../api-route.ts';
import { instantShown } from '../common-schemas.ts';

const scope = z.enum(TOKEN_SCOPES);

const tokenShown = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(scope),
  brand: z.string().optional(),
  createdAt: instantShown,
  expiresAt: instantShown.optional(),
  lastUsedAt: instantShown.optional(),
  revokedAt: instantShown.optional(),
});

const tokenBody = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(64)
    .refine((name) => !name.startsWith(SESSION_NAME_PREFIX), { message: `not beginning with ${SESSION_NAME_PREFIX}` }),
  scopes: z.array(scope).min(1).describe('Scopes of the token that asks, at most.'),
  brand: z.string().min(1).max(64).optional().describe('Binds the token to one brand.'),
});

const common = { tag: 'Access', scope: 'keys:write' } as const;

/** API tokens: made, listed without their secret, revoked. */
export const TOKEN_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    ...common,
    method: 'GET',
    path: '/api/tokens',
    summary: 'The API tokens, never a token itself',
    status: 200,
    answer: z.object({ items: z.array(tokenShown) }),
    problems: [],
    async handle({ service, bearer }) {
      const entries = (await service.tokens.list()).filter(({ brand }) => mayTouch(bearer, brand));
      return { items: entries.map(shown) };
    },
  }),
  apiRoute({
    ...common,
    method: 'POST',
    path: '/api/tokens',
    summary: 'A new API token; it is shown this once',
    body: tokenBody,
    status: 201,
    answer: z.object({
      id: z.string(),
      name: z.string(),
      scopes: z.array(scope),
      brand: z.string().optional(),
      token: z.string(),
    }),
    problems: ['brand-not-allowed'],
    async handle({ service, bearer, body, audit }) {
      const brand = optionalBrandFor(bearer, service.deployment, body.brand);
      // Nobody hands out more than they have.
      const beyond = body.scopes.find((one) => !bearer.scopes.includes(one));
      if (beyond !== undefined) throw new ProblemAnswer('scope-missing', { pointer: '/scopes', detail: beyond });
      const token = await service.tokens.create(body.name, body.scopes, brand);
      const id = secretId(token);
      audit({ action: 'token/create', ...(brand === undefined ? {} : { brand }), subject: id });
      const { name, scopes } = body;
      return { id, name, scopes, ...(brand === undefined ? {} : { brand }), token };
    },
  }),
  apiRoute({
    ...common,
    method: 'DELETE',
    path: '/api/tokens/{id}',
    summary: 'Revoke an API token, at once',
    params: z.strictObject({ id: z.string().min(1).max(64) }),
    status: 200,
    answer: z.object({ id: z.string(), revokedAt: instantShown }),
    problems: ['not-found'],
    async handle({ service, bearer, params, audit }) {
      const entry = (await service.tokens.list()).find(({ id }) => id === params.id);
      if (entry === undefined || !mayTouch(bearer, entry.brand)) throw new ProblemAnswer('not-found');
      audit({ action: 'token/revoke', subject: entry.id });
      await service.tokens.revoke(entry.id);
      return { id: entry.id, revokedAt: new Date(entry.revokedAt ?? service.now()).toISOString() };
    },
  }),
];

function shown({ id, name, scopes, brand, createdAt, expiresAt, lastUsedAt, revokedAt }: ApiTokenEntry) {
  return {
    id,
    name,
    scopes,
    ...(brand === undefined ? {} : { brand }),
    createdAt: new Date(createdAt).toISOString(),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: new Date(lastUsedAt).toISOString() }),
    ...(revokedAt === undefined ? {} : { revokedAt: new Date(revokedAt).toISOString() }),
  };
}
