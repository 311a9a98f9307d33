import type { FastifyInstance } from 'fastify';
import manifest from '../../package.json' with { type: 'json' };

/**
 * What RudderStack's own tools and people's monitors ask of a collecting host (wire.md 4.3). Whether every part works is
 * `/readyz`; robots have nothing to look for here.
 */
export function registerProbeRoutes(app: FastifyInstance): void {
  app.get('/health', (_request, reply) => reply.header('cache-control', 'no-store').send({ server: 'UP' }));
  app.get('/version', (_request, reply) => reply.send({ Version: manifest.version }));
  app.get('/robots.txt', (_request, reply) =>
    reply.header('content-type', 'text/plain; charset=utf-8').send('User-agent: *\nDisallow: /\n'),
  );
}
