import type { FastifyReply, FastifyRequest } from 'fastify';

/** Headers that browser clients of Segment and RudderStack ask for (wire.md 4.1), and our own. */
const HEADERS_ALLOWED: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'anonymousid',
  'authorization',
  'content-encoding',
  'content-type',
  'sec-gpc',
  'sentat',
  'x-retry-count',
  'x-write-key',
]);
/** RudderStack's browser client adds one for each thing it has to say about a retry, and more with each version. */
const RETRY_HEADER = /^rsa-[a-z-]{1,40}$/;
/** Chromium keeps a preflight two hours at most. Unit: seconds. */
const PREFLIGHT_SECONDS = 7200;

/** Answers a preflight. Which origins a key accepts is judged on the request itself: a preflight carries no key. */
export function answerPreflight(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const asked = String(request.headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => HEADERS_ALLOWED.has(name) || RETRY_HEADER.test(name));
  allowOrigin(request, reply);
  return reply
    .header('access-control-allow-methods', 'GET, POST, OPTIONS')
    .header('access-control-allow-headers', asked.length > 0 ? asked.join(', ') : [...HEADERS_ALLOWED].join(', '))
    .header('access-control-max-age', String(PREFLIGHT_SECONDS))
    .code(204)
    .send();
}

/**
 * For a route that pages call. Before anything is read: a page must be able to read a refusal of the body too, or its
 * client takes it for a broken connection and sends the same again.
 */
export const FOR_PAGES = {
  onRequest: (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    allowOrigin(request, reply);
    done();
  },
} as const;

/** Reflects the origin; no cookie is ever read here, so credentials are not allowed. */
function allowOrigin(request: FastifyRequest, reply: FastifyReply): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  reply
    .header('access-control-allow-origin', origin)
    .header('vary', 'Origin')
    .header('access-control-expose-headers', 'Retry-After');
}
