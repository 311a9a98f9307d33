import type { FastifyInstance } from 'fastify';

/** Tells each client the id under which the log speaks of its request. */
export function tellRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
}
