import { randomUUID } from 'node:crypto';
import { Overloaded } from '@filrouge/pipeline';
import { ImportClosed } from '@filrouge/ports';
import { COLLECT_LIMITS } from '@filrouge/wire';
import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { tooLargeBody } from './decompress.ts';
import { describeFault } from './describe-fault.ts';
import { ProblemAnswer, sendProblem } from './problem-answer.ts';
import { tellRequestIds } from './request-id.ts';
import { answerUnread } from './unread.ts';
import { answerUnrouted } from './unrouted.ts';

/** How long a client may take: a slow one is cut, not waited for (G9). Unit: ms. */
export type Patience = {
  /** From the connection, or the request before, to the end of the headers. */
  readonly headersMs: number;
  /** To the end of the body. */
  readonly requestMs: number;
  /** How often it is looked who takes too long. */
  readonly lookMs: number;
};

const PATIENCE: Patience = { headersMs: 15_000, requestMs: 30_000, lookMs: 2_000 };

export type AppOptions = {
  readonly logger: Logger;
  /** True for a fault of an engine: nothing was accepted, the client is told to come back. */
  readonly isEngineFault: (fault: unknown) => boolean;
  /** Another than that of the product, for tests. */
  readonly patience?: Patience;
};

/** The HTTP server: bodies as bytes whatever their type, every error a problem document, nothing personal in a log. */
export function createApp({ logger, isEngineFault, patience = PATIENCE }: AppOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: 1024 * 1024,
    requestTimeout: patience.requestMs,
    connectionTimeout: patience.requestMs,
    http: { headersTimeout: patience.headersMs, connectionsCheckingInterval: patience.lookMs },
    clientErrorHandler: answerUnread,
    keepAliveTimeout: 65_000,
    trustProxy: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_024 },
    forceCloseConnections: true,
    // An address that cannot be read is told like one that leads nowhere: the framework would repeat it.
    frameworkErrors: (_fault, request, reply) => {
      sendProblem(request, reply, new ProblemAnswer('not-found'));
    },
  }) as unknown as FastifyInstance;
  tellRequestIds(app);
  takeBodiesAsBytes(app);
  answerUnrouted(app);
  app.setErrorHandler((fault, request, reply) => {
    if (fault instanceof ProblemAnswer) return sendProblem(request, reply, fault);
    if (fault instanceof Overloaded) {
      return sendProblem(request, reply, new ProblemAnswer('overloaded', { retryAfterSeconds: 1 }));
    }
    if (fault instanceof ImportClosed) return sendProblem(request, reply, new ProblemAnswer('import-undone'));
    if (isEngineFault(fault)) {
      request.log.error({ fault: describeFault(fault) }, 'an engine failed');
      return sendProblem(request, reply, new ProblemAnswer('storage-unavailable', { retryAfterSeconds: 2 }));
    }
    const { statusCode } = fault as { readonly statusCode?: number };
    if (statusCode === 413) return sendProblem(request, reply, tooLargeBody(bytesMaxOf(request)));
    if (statusCode !== undefined && statusCode < 500) {
      return sendProblem(request, reply, new ProblemAnswer('body-incomplete'));
    }
    request.log.error({ fault: describeFault(fault) }, 'a request failed');
    return sendProblem(request, reply, new ProblemAnswer('internal', { extra: { requestId: request.id } }));
  });
  return app;
}

/** A route takes more bytes than it reads, for those that are compressed: what is told is what it reads. */
function bytesMaxOf({ routeOptions }: FastifyRequest): number {
  return Math.min(routeOptions.bodyLimit ?? COLLECT_LIMITS.bodyBytesMax, COLLECT_LIMITS.bodyBytesMax);
}

/** What a client calls its body is not believed (wire.md 4.1), and a name that is none stands in nobody's way. */
function takeBodiesAsBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    if (headers['content-type'] !== undefined) headers['content-type'] = 'application/octet-stream';
    done();
  });
}
