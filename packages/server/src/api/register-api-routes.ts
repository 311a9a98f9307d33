import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { BrandId } from '@filrouge/domain/deployment';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { actorOf, type Bearer } from '../access/api-tokens.ts';
import { unknownToken } from '../access/unknown-credential.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { type ApiRoute, type AuditedLook, Lines } from './api-route.ts';
import type { ApiService } from './api-service.ts';
import { type Handled, handleRoute, SUBJECT } from './handle-route.ts';

/** Of a route that asks for no token. */
const NOBODY: Bearer = { id: 'nobody', name: 'nobody', scopes: [] };

/** Registers routes: token, scope and input are checked the same way before each handler, and looks are logged after. */
export function registerApiRoutes(app: FastifyInstance, service: ApiService, routes: readonly ApiRoute[]): void {
  for (const route of routes) {
    app.route({
      method: route.method,
      url: fastifyPath(route.path),
      bodyLimit: 128 * 1024,
      handler: (request, reply) => answer(service, route, request, reply),
    });
  }
}

/** `/api/profiles/{namespace}:{value}/traits` -> `/api/profiles/:subject/traits`, `{id}` -> `:id`. */
function fastifyPath(path: string): string {
  return path.replace(SUBJECT, ':subject').replaceAll(/\{(\w+)\}/g, ':$1');
}

async function answer(
  service: ApiService,
  route: ApiRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store');
  const early = beginEarly(service, route, request);
  const bearer = await bearerFor(service, route, request);
  const handled = await (early?.of(bearer) ?? handleRoute(service, route, request, bearer));
  if ('fault' in handled) {
    const { looked, fault } = handled;
    if (fault instanceof ProblemAnswer) await log(service, bearer, looked, fault.code);
    throw fault;
  }
  const { looked, given } = handled;
  // The look is on record before anything of it leaves.
  await log(service, bearer, looked, 'ok');
  if (given instanceof Lines) return sendLines(reply, route, given);
  const rendered = route.render?.(given, request.headers.accept ?? '');
  if (rendered === undefined) return reply.code(route.status).send(given);
  return reply.code(route.status).header('content-type', rendered.contentType).send(rendered.text);
}

/**
 * Lets a route that only reads work while its token is looked up, for the bearer that the token had a moment ago. What it
 * found is taken by `of` alone: for the bearer that the look-up tells, if it may still do the same. Of a token that is not
 * good any more nothing is on record but the refusal, which waits for nothing of it.
 */
function beginEarly(
  service: ApiService,
  route: ApiRoute,
  request: FastifyRequest,
): { readonly of: (bearer: Bearer) => Promise<Handled> | undefined } | undefined {
  const { authorization } = request.headers;
  const held = route.onlyReads === true ? service.tokens.lastBearerOf(authorization) : undefined;
  if (held === undefined || !maySee(held, route)) return undefined;
  const handled = handleRoute(service, route, request, held);
  return { of: (bearer) => (isDeepStrictEqual(rightsOf(bearer), rightsOf(held)) ? handled : undefined) };
}

function maySee({ scopes }: Bearer, { scope }: ApiRoute): boolean {
  return scopes.some((one) => one === scope);
}

function rightsOf({ id, scopes, brand }: Bearer): object {
  return { id, scopes, brand };
}

/** A fault under way cuts the connection: half an answer must not look like a whole one. */
function sendLines(reply: FastifyReply, { status, linesAs = 'application/x-ndjson' }: ApiRoute, { pieces }: Lines) {
  return reply
    .code(status)
    .header('content-type', linesAs)
    .send(Readable.from(pieces, { objectMode: false }));
}

async function bearerFor(service: ApiService, route: ApiRoute, request: FastifyRequest): Promise<Bearer> {
  if (route.scope === 'nobody') return NOBODY;
  const bearer = await service.tokens.bearerOf(request.headers.authorization);
  if (bearer === undefined) throw unknownToken(request);
  if (!maySee(bearer, route)) throw new ProblemAnswer('scope-missing', { detail: route.scope });
  return bearer;
}

async function log(
  service: ApiService,
  bearer: Bearer,
  looked: AuditedLook | undefined,
  outcome: string,
): Promise<void> {
  if (looked === undefined) return;
  const { action, brand, purpose, subject, detail } = looked;
  await service.accessLog.write({
    at: service.now(),
    actor: actorOf(bearer),
    action,
    ...(brand === undefined ? {} : { brand: brand as BrandId }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(subject === undefined ? {} : { subject }),
    ...(detail === undefined ? {} : { detail }),
    outcome,
  });
}
