import { Overloaded } from '@filrouge/pipeline';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { uuidv7 } from 'uuidv7';
import { ProblemAnswer, sendProblem } from './problem-answer.ts';
import { tellRequestIds } from './request-id.ts';
import { answerUnrouted } from './unrouted.ts';

/** How long a client may take to send headers and body: a slow one is cut, not waited for (G9). Unit: ms. */
const REQUEST_MS_MAX = 30_000;

export type AppOptions = {
  readonly logger: Logger;
  /** True for a fault of an engine: nothing was accepted, the client is told to come back. */
  readonly isEngineFault: (fault: unknown) => boolean;
};

/** The HTTP server: bodies as bytes whatever their type, every error a problem document, nothing personal in a log. */
export function createApp({ logger, isEngineFault }: AppOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => uuidv7(),
    bodyLimit: 1024 * 1024,
    requestTimeout: REQUEST_MS_MAX,
    connectionTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: 65_000,
    trustProxy: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_024 },
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  tellRequestIds(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  answerUnrouted(app);
  app.setErrorHandler((fault, request, reply) => {
    if (fault instanceof ProblemAnswer) return sendProblem(request, reply, fault);
    if (fault instanceof Overloaded) {
      return sendProblem(request, reply, new ProblemAnswer('overloaded', { retryAfterSeconds: 1 }));
    }
    if (isEngineFault(fault)) {
      request.log.error({ fault: describe(fault) }, 'an engine failed');
      return sendProblem(request, reply, new ProblemAnswer('storage-unavailable', { retryAfterSeconds: 2 }));
    }
    const { statusCode } = fault as { readonly statusCode?: number };
    if (statusCode === 413) return sendProblem(request, reply, new ProblemAnswer('body-too-large'));
    if (statusCode !== undefined && statusCode < 500) {
      return sendProblem(request, reply, new ProblemAnswer('body-empty', { detail: describe(fault) }));
    }
    request.log.error({ fault: describe(fault) }, 'a request failed');
    return sendProblem(request, reply, new ProblemAnswer('internal', { extra: { requestId: request.id } }));
  });
  return app;
}

/** Name, message and place of a fault; our errors never carry values. */
function describe(fault: unknown): string {
  if (!(fault instanceof Error)) return 'unknown';
  return `${fault.name}: ${fault.message}\n${fault.stack?.split('\n').slice(1, 6).join('\n') ?? ''}`;
}
