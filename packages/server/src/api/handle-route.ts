import type { FastifyRequest } from 'fastify';
import type { Bearer } from '../access/api-tokens.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import type { ApiRoute, AuditedLook } from './api-route.ts';
import type { ApiService } from './api-service.ts';
import { readInput, readJsonBody } from './read-input.ts';

/** One segment of a path: a value may hold colons, the namespace does not. */
export const SUBJECT = '{namespace}:{value}';

/** What came of a handler's work, and whom it looked at: neither has left, and neither is on record yet. */
export type Handled = { readonly looked: AuditedLook | undefined } & (
  | { readonly given: Awaited<ReturnType<ApiRoute['handle']>> }
  | { readonly fault: unknown }
);

/** Reads the input and lets the route's handler work for this bearer. Never rejects: the fault is part of the answer. */
export async function handleRoute(
  service: ApiService,
  route: ApiRoute,
  request: FastifyRequest,
  bearer: Bearer,
): Promise<Handled> {
  let looked: AuditedLook | undefined;
  try {
    const given = await route.handle({
      service,
      bearer,
      params: route.params === undefined ? undefined : readInput(route.params, paramsOf(route, request)),
      query: route.query === undefined ? undefined : readInput(route.query, { ...(request.query as object) }, 'query'),
      body: bodyOf(route, request),
      request,
      audit: (look) => {
        looked = look;
      },
    });
    return { looked, given };
  } catch (fault) {
    return { looked, fault };
  }
}

function paramsOf({ path }: ApiRoute, request: FastifyRequest): unknown {
  if (!path.includes(SUBJECT)) return { ...(request.params as object) };
  const { subject = '' } = request.params as { readonly subject?: string };
  const colon = subject.indexOf(':');
  return colon < 0 ? { namespace: subject } : { namespace: subject.slice(0, colon), value: subject.slice(colon + 1) };
}

function bodyOf(route: ApiRoute, request: FastifyRequest): unknown {
  if (route.body === undefined) return undefined;
  const json = readJsonBody(request.body);
  if (json === undefined && route.bodyOptional !== true) throw new ProblemAnswer('body-empty');
  return json === undefined ? undefined : readInput(route.body, json);
}
