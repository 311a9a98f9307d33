import type { FastifyInstance } from 'fastify';
import { API_ROUTES } from '../api-routes.ts';
import { openApiDocument } from './open-api-document.ts';

/** The OpenAPI document as text; `docs/openapi.json` is a copy that a test compares. */
export function apiDocument(): string {
  return `${JSON.stringify(openApiDocument(API_ROUTES), undefined, 2)}\n`;
}

/** `GET /api/openapi.json`, for anybody: it describes the doors and opens none. */
export function registerDocumentRoute(app: FastifyInstance): void {
  const text = apiDocument();
  app.get('/api/openapi.json', (_request, reply) =>
    reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .send(text),
  );
}
