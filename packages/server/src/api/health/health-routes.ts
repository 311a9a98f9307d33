import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiTokens } from '../../access/api-tokens.ts';
import { unknownToken } from '../../access/unknown-credential.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import type { Metrics } from './metrics.ts';
import { isReady, type Readiness } from './readiness.ts';

export type HealthService = {
  readonly metrics: Metrics;
  readonly readiness: () => Promise<Readiness>;
  readonly tokens: ApiTokens;
};

/** What operators and their machines ask: alive, ready, figures. */
export function registerHealthRoutes(app: FastifyInstance, { metrics, readiness, tokens }: HealthService): void {
  app.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const { ready, parts } = await readiness();
    reply.header('cache-control', 'no-store');
    if (ready) return reply.send({ status: 'ready', parts });
    const failing = Object.entries(parts).filter(([, outcome]) => !isReady(outcome));
    throw new ProblemAnswer('not-ready', {
      detail: failing.map(([part, outcome]) => `${part}: ${outcome}`).join('; '),
      retryAfterSeconds: 5,
      extra: { parts },
    });
  });
  app.get('/metrics', async (request, reply) => {
    if (!isFromThisMachine(request)) {
      const bearer = await tokens.bearerOf(request.headers.authorization);
      if (bearer === undefined) throw unknownToken(request);
      if (!bearer.scopes.includes('flow:read')) throw new ProblemAnswer('scope-missing', { detail: 'flow:read' });
    }
    return reply
      .header('content-type', metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await metrics.read());
  });
}

/** How much is sold is nobody else's business: only this machine reads figures without a token, and no proxy on it does. */
function isFromThisMachine({ socket, headers }: FastifyRequest): boolean {
  const address = socket.remoteAddress ?? '';
  const isLocal = address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
  return isLocal && headers['x-forwarded-for'] === undefined && headers['forwarded'] === undefined;
}
