import { credentialsOf, rudderSettings, segmentSettings } from '@filrouge/wire';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { unknownWriteKey } from '../access/unknown-credential.ts';
import { answerPreflight, FOR_PAGES } from '../http/cross-origin.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { queryText } from '../http/query-text.ts';
import type { CollectService } from './collect-service.ts';

const SEGMENT_PATHS = ['/v1/projects/:writeKey/settings', '/projects/:writeKey/settings'];
const RUDDER_PATHS = ['/sourceConfig'];

/** What browser and mobile clients ask for before they send (wire.md 4.2, 4.3). */
export function registerSettingsRoutes(app: FastifyInstance, service: CollectService): void {
  for (const path of SEGMENT_PATHS) {
    app.get(path, FOR_PAGES, async (request, reply) => {
      const { writeKey } = request.params as { readonly writeKey: string };
      const source = await known(service, writeKey);
      if (source.disabled) throw new ProblemAnswer('source-disabled');
      return reply.send(segmentSettings({ source, writeKey, publicUrl: addressOf(service, request) }));
    });
    app.options(path, (request, reply) => answerPreflight(request, reply));
  }
  for (const path of RUDDER_PATHS) {
    app.get(path, FOR_PAGES, async (request, reply) => {
      const [offered] = credentialsOf({
        authorization: request.headers.authorization,
        queryWriteKey: queryText(request, 'writeKey'),
      });
      if (offered === undefined) throw new ProblemAnswer('write-key-missing');
      const source = await known(service, offered.writeKey);
      return reply.send(rudderSettings({ source, writeKey: offered.writeKey }));
    });
    app.options(path, (request, reply) => answerPreflight(request, reply));
  }
}

/** Clients are told the configured address, or the one they used. */
function addressOf(service: CollectService, request: FastifyRequest): string {
  return service.publicUrl() || `${request.protocol}://${request.host}`;
}

async function known(service: CollectService, writeKey: string) {
  const key = await service.keys.find(writeKey);
  if (key === undefined) throw unknownWriteKey([writeKey]);
  return key.source;
}
