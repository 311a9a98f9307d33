import { Readable } from 'node:stream';
import type { BrandId } from '@filrouge/domain/deployment';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { actorOf, type Bearer } from '../access/api-tokens.ts';
import { unknownToken } from '../access/unknown-credential.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { type ApiRoute, type AuditedLook, Lines } from './api-route.ts';
import type { ApiService } from './api-service.ts';
import { readInput, readJsonBody } from './read-input.ts';

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

/** One segment of a path: a value may hold colons, the namespace does not. */
const SUBJECT = '{namespace}:{value}';

/** `/api/profiles/{namespace}:{value}/traits` -> `/api/profiles/:subject/traits`, `{id}` -> `:id`. */
function fastifyPath(path: string): string {
  return path.replace(SUBJECT, ':subject').replaceAll(/\{(\w+)\}/g, ':$1');
}

function paramsOf({ path }: ApiRoute, request: FastifyRequest): unknown {
  if (!path.includes(SUBJECT)) return { ...(request.params as object) };
  const { subject = '' } = request.params as { readonly subject?: string };
  const colon = subject.indexOf(':');
  return colon < 0 ? { namespace: subject } : { namespace: subject.slice(0, colon), value: subject.slice(colon + 1) };
}

async function answer(
  service: ApiService,
  route: ApiRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store');
  const bearer = await bearerFor(service, route, request);
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
    // The look is on record before anything of it leaves.
    await log(service, bearer, looked, 'ok');
    if (given instanceof Lines) return await sendLines(reply, route, given);
    const rendered = route.render?.(given, request.headers.accept ?? '');
    if (rendered === undefined) return await reply.code(route.status).send(given);
    return await reply.code(route.status).header('content-type', rendered.contentType).send(rendered.text);
  } catch (fault) {
    if (fault instanceof ProblemAnswer) await log(service, bearer, looked, fault.code);
    throw fault;
  }
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
  if (!bearer.scopes.includes(route.scope)) throw new ProblemAnswer('scope-missing', { detail: route.scope });
  return bearer;
}

function bodyOf(route: ApiRoute, request: FastifyRequest): unknown {
  if (route.body === undefined) return undefined;
  const json = readJsonBody(request.body);
  if (json === undefined && route.bodyOptional !== true) throw new ProblemAnswer('body-empty');
  return json === undefined ? undefined : readInput(route.body, json);
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
