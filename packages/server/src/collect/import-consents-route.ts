import type { Instant } from '@filrouge/domain/base';
import { isNegative } from '@filrouge/domain/consent';
import type { Deployment } from '@filrouge/domain/deployment';
import {
  COLLECT_LIMITS,
  frameSize,
  IMPORT_CONSENTS_ROUTE,
  type ItemRefusal,
  readFrame,
  refusalOf,
  understandConsents,
} from '@filrouge/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { decompress } from '../http/decompress.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { importNoteOf, keyOf, refusalAnswer, requireImportingKey, tellRun } from './collect-routes.ts';
import { type CollectService, laneOfDecisions } from './collect-service.ts';
import { withChoices } from './consent-choices.ts';
import { importOutcome } from './import-outcome.ts';
import { decisionDatedAhead } from './item-warnings.ts';

type ImportService = CollectService & { readonly deployment: Deployment };

/** `POST /v1/import/consents`: decisions from a file, of the brand and property of the key's source. */
export function registerImportConsentsRoute(app: FastifyInstance, service: ImportService): void {
  app.post(IMPORT_CONSENTS_ROUTE.path, { bodyLimit: COLLECT_LIMITS.bodyBytesMax * 2 }, (request, reply) =>
    take(service, request, reply),
  );
}

async function take(service: ImportService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const receivedAt: Instant = service.now();
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const bytes = await decompress(body, request.headers['content-encoding'], COLLECT_LIMITS.bodyBytesMax);
  const frame = readFrame(IMPORT_CONSENTS_ROUTE, bytes);
  if (!frame.ok) throw refusalAnswer(frame.refusal);
  const key = await keyOf(service, request, frame.value.writeKey);
  const { source } = key;
  requireImportingKey(request, source);
  const quota = service.quota.take(key, frameSize(frame.value), receivedAt);
  const note = importNoteOf(request, frame.value);
  const { notices } = service.deployment;
  const { consents, indexes, rejected } = understandConsents(frame.value, { source, r: receivedAt, notices });
  const saysNo = consents.some(({ decisions }) => decisions.some(({ status }) => isNegative(status)));
  if (!quota.ok && !saysNo) throw new ProblemAnswer('quota-exceeded', { retryAfterSeconds: quota.waitSeconds });
  const outcomes = await service.door.submit({
    source,
    items: [],
    consents,
    receivedAt,
    imported: true,
    globalPrivacyControl: false,
    refused: new Map(),
    lane: `${laneOfDecisions(key)} import`,
    ...(note === undefined ? {} : { import: note }),
  });
  tellRun(reply, outcomes);
  const judged = outcomes.consents.flatMap((outcome, at): readonly ItemRefusal[] => {
    if (outcome.kind === 'duplicate') return [];
    const refusals = outcome.kind === 'refused' ? [outcome] : outcome.left;
    return refusals.map((refusal) => ({
      index: indexes[at] as number,
      ...refusalOf(refusal.code, refusal.pointer, withChoices(service.deployment, source.brand, refusal)),
    }));
  });
  const all = [...rejected, ...judged].sort((a, b) => a.index - b.index);
  const [first] = all;
  const ahead = outcomes.consents.flatMap((outcome, at) =>
    outcome.kind === 'recorded' && outcome.marks.includes('dated-ahead')
      ? [decisionDatedAhead(indexes[at] as number)]
      : [],
  );
  const told = { outcome: importOutcome(outcomes), ...(ahead.length === 0 ? {} : { warnings: ahead }) };
  if (first === undefined) return reply.send({ success: true, ...told });
  if (outcomes.consents.every(({ kind }) => kind === 'refused')) throw refusalAnswer(first, { rejected: all });
  return reply.send({ success: true, rejected: all, ...told });
}
