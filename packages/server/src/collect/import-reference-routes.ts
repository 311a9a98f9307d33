import { REFERENCE_KINDS, type ReferenceKind } from '@filrouge/domain/reference';
import type { ReferenceStore } from '@filrouge/ports';
import { COLLECT_LIMITS, frameSize, REFERENCE_ROUTES, readFrame, understandReference } from '@filrouge/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { decompress } from '../http/decompress.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { importNoteOf, keyOf, refusalAnswer, requireImportingKey, tellRun } from './collect-routes.ts';
import type { CollectService } from './collect-service.ts';

type ReferenceService = CollectService & { readonly reference: ReferenceStore };

/** `POST /v1/import/products|stores|campaigns`: what the retailer knows of its own things, of the brand of the key's source. */
export function registerImportReferenceRoutes(app: FastifyInstance, service: ReferenceService): void {
  for (const kind of REFERENCE_KINDS) {
    app.post(REFERENCE_ROUTES[kind].path, { bodyLimit: COLLECT_LIMITS.bodyBytesMax * 2 }, (request, reply) =>
      take(service, kind, request, reply),
    );
  }
}

async function take(
  service: ReferenceService,
  kind: ReferenceKind,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const receivedAt = service.now();
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const bytes = await decompress(body, request.headers['content-encoding'], COLLECT_LIMITS.bodyBytesMax);
  const frame = readFrame(REFERENCE_ROUTES[kind], bytes);
  if (!frame.ok) throw refusalAnswer(frame.refusal);
  const key = await keyOf(service, request, frame.value.writeKey);
  requireImportingKey(request, key.source);
  const quota = service.quota.take(key, frameSize(frame.value), receivedAt);
  if (!quota.ok) throw new ProblemAnswer('quota-exceeded', { retryAfterSeconds: quota.waitSeconds });
  const note = importNoteOf(request, frame.value);
  const { entries, rejected } = understandReference(frame.value, kind);
  if (entries.length === 0 && rejected[0] !== undefined) throw refusalAnswer(rejected[0], { rejected });
  const run = await service.reference.tell(key.source, entries, note, receivedAt);
  tellRun(reply, run === undefined ? {} : { run });
  return reply.send(rejected.length === 0 ? { success: true } : { success: true, rejected });
}
