import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemAnswer, sendProblem } from './problem-answer.ts';

/** A registered address, as a pattern over the path of a request, and the methods it takes. */
type Address = { readonly pattern: RegExp; readonly methods: Set<string> };

/**
 * Answers requests that no route takes: 405 with the methods (RFC 9110, 15.5.6) where the address is served under
 * another one, else 404. Call it before the routes are registered.
 */
export function answerUnrouted(app: FastifyInstance): void {
  const addresses = new Map<string, Address>();
  app.addHook('onRoute', ({ method, url }) => {
    const known = addresses.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    addresses.set(url, known);
    for (const each of [method].flat()) known.methods.add(each.toUpperCase());
  });
  app.setNotFoundHandler((request, reply) => answer([...addresses.values()], request, reply));
}

function answer(addresses: readonly Address[], request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = ''] = request.url.split('?');
  const methods = new Set(
    addresses.filter(({ pattern }) => pattern.test(path)).flatMap((address) => [...address.methods]),
  );
  if (methods.size === 0) return sendProblem(request, reply, new ProblemAnswer('not-found'));
  const allow = [...methods].sort();
  // HEAD comes with each GET and OPTIONS with what browsers may call: neither is what somebody looks for here.
  const meant = allow.filter((method) => method !== 'HEAD' && method !== 'OPTIONS');
  reply.header('allow', allow.join(', '));
  return sendProblem(
    request,
    reply,
    new ProblemAnswer('method-not-allowed', { detail: `It takes ${meant.join(' and ')}, not ${request.method}.` }),
  );
}

/** `/api/keys/:id` as a pattern; one slash at the end is forgiven, as the router forgives it. */
function patternOf(url: string): RegExp {
  const steps = url
    .replace(/\/$/, '')
    .split('/')
    .map((step) => (step.startsWith(':') ? '[^/]+' : step.replaceAll(/[^A-Za-z0-9_-]/g, '\\$&')));
  return new RegExp(`^${steps.join('/')}/?$`);
}
