import type { Instant } from '@filrouge/domain/base';
import { type ConsentSubmission, isNegative } from '@filrouge/domain/consent';
import type { BrandId, Deployment } from '@filrouge/domain/deployment';
import type { Identifier, Namespace, Node } from '@filrouge/domain/identity';
import { readConsents, subjectOfToken, subjectTokenOf } from '@filrouge/pipeline';
import type { ReadingStore, Vault } from '@filrouge/ports';
import { COLLECT_LIMITS, isBlockedValue, normaliseIdentifier, parseConsentSubmission, refusalOf } from '@filrouge/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiTokens } from '../access/api-tokens.ts';
import { brandFor } from '../access/brand-scope.ts';
import type { Named } from '../access/person-quota.ts';
import type { SourceKey } from '../access/source-keys.ts';
import { answerPreflight, FOR_PAGES } from '../http/cross-origin.ts';
import { decompress } from '../http/decompress.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { queryText } from '../http/query-text.ts';
import { type CollectService, laneOfDecisions } from './collect-service.ts';
import { propertiesOf, withChoices } from './consent-choices.ts';
import { boundTo, countryFor, keyOfWitness, witnessOf } from './consent-witness.ts';
import { proveConsent } from './prove-consent.ts';

export type ConsentService = CollectService & {
  readonly tokens: ApiTokens;
  readonly deployment: Deployment;
  readonly vault: Vault;
  readonly reading: ReadingStore;
};

const SUBJECT_PARAMETERS: readonly (readonly [parameter: string, Namespace])[] = [
  ['userId', 'user_id'],
  ['loyaltyCard', 'loyalty_card'],
  ['email', 'email'],
  ['phone', 'phone'],
  ['anonymousId', 'anonymous_id'],
  ['deviceId', 'device_id'],
  ['pushToken', 'push_token'],
];

/** `POST /v1/consents` and `GET /v1/consents` (architecture.md, outside contract). */
export function registerConsentRoutes(app: FastifyInstance, service: ConsentService): void {
  app.options('/v1/consents', (request, reply) => answerPreflight(request, reply));
  app.post('/v1/consents', FOR_PAGES, (request, reply) => record(service, request, reply));
  app.get('/v1/consents', FOR_PAGES, (request, reply) => read(service, request, reply));
}

async function record(service: ConsentService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const receivedAt = service.now();
  const witness = await witnessOf(service, request, 'consents:write');
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const bytes = await decompress(body, request.headers['content-encoding'], COLLECT_LIMITS.bodyBytesMax);
  const parsed = parseConsentSubmission(bytes, countryFor(service, witness));
  if (!parsed.ok) {
    const { code, pointer, detail } = parsed.refusal;
    throw new ProblemAnswer(code, { pointer, ...(detail === undefined ? {} : { detail }) });
  }
  const { consent: said } = parsed.value;
  const brand = brandFor(boundTo(witness), service.deployment, said.brand, 'body');
  const key = keyOfWitness(witness, brand);
  const { source } = key;
  if (service.deployment.properties.get(said.property)?.brand !== brand) {
    throw new ProblemAnswer('value-not-allowed', {
      pointer: '/property',
      detail: propertiesOf(service.deployment, brand),
    });
  }
  const proven = await proveConsent(service.identityTokens, parsed.value, { source, receivedAt });
  const { consent, identityToken } = proven;
  requireQuota(service, key, consent, receivedAt);
  const { consents } = await service.door.submit({
    source,
    items: [],
    consents: [consent],
    receivedAt,
    imported: false,
    globalPrivacyControl: false,
    refused: new Map(),
    lane: laneOfDecisions(key),
    ...(witness.kind === 'token' ? { witness: 'token' as const } : {}),
  });
  const [outcome] = consents;
  if (outcome === undefined || outcome.kind === 'duplicate') throw new ProblemAnswer('internal');
  if (outcome.kind === 'refused') {
    throw new ProblemAnswer(outcome.code, {
      pointer: outcome.pointer,
      detail: withChoices(service.deployment, brand, outcome),
    });
  }
  const { recordId, position, spokenFor, decisions, left, brands, marks } = outcome;
  const rejected = left.map((refusal) =>
    refusalOf(refusal.code, refusal.pointer, withChoices(service.deployment, brand, refusal)),
  );
  return reply.send({
    recordId,
    position,
    // Who merely named somebody may not read how that one stands.
    ...(spokenFor === undefined ? {} : { subjectToken: subjectTokenOf(service.vault, consent.brand, spokenFor) }),
    decisions,
    ...(rejected.length === 0 ? {} : { rejected }),
    ...(brands.length === 0 ? {} : { brands }),
    ...(marks.length === 0 ? {} : { marks }),
    ...(identityToken === undefined ? {} : { identityToken }),
  });
}

/** Both quotas hold for a yes. Whoever says no is heard, however much is said by this key or of this person (G18). */
function requireQuota(service: ConsentService, key: SourceKey, consent: ConsentSubmission, now: Instant): void {
  const ofKey = service.quota.take(key, 1, now);
  const ofPerson = service.persons.takeDecision(key, decider(consent), now);
  if (consent.decisions.some(({ status }) => isNegative(status))) return;
  if (!ofKey.ok) throw new ProblemAnswer('quota-exceeded', { retryAfterSeconds: ofKey.waitSeconds });
  if (!ofPerson.ok) throw new ProblemAnswer('person-quota-exceeded', { retryAfterSeconds: ofPerson.waitSeconds });
}

function decider({ subject, proof }: ConsentSubmission): Named {
  return { identifiers: subject, ...(proof === undefined ? {} : { proof }) };
}

async function read(service: ConsentService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const witness = await witnessOf(service, request, 'consents:read');
  const brand = brandFor(boundTo(witness), service.deployment, queryText(request, 'brand'));
  const subject = subjectOfQuery(request, countryFor(service, witness)(brand));
  const node = nodeOf(service.vault, brand, subject);
  if (witness.kind === 'source' && witness.source.kind !== 'server') {
    const token = queryText(request, 'subjectToken') ?? '';
    if (subjectOfToken(service.vault, brand, token) !== node.id) {
      throw new ProblemAnswer('subject-not-allowed', {
        pointer: '/subjectToken',
        detail: 'Send the subjectToken that POST /v1/consents answered for this subject.',
      });
    }
  }
  const purposes = await readConsents(service.reading, node, service.deployment.purposes.values(), service.now());
  return reply
    .header('cache-control', 'no-store')
    .send({ subject: { [subject.parameter]: subject.value }, brand, purposes });
}

type AskedSubject = Identifier & { readonly parameter: string };

function subjectOfQuery(request: FastifyRequest, country: string): AskedSubject {
  for (const [parameter, namespace] of SUBJECT_PARAMETERS) {
    const text = queryText(request, parameter);
    if (text === undefined) continue;
    const normal = normaliseIdentifier(namespace, text, country);
    if (!normal.ok) throw new ProblemAnswer(normal.code, { pointer: `/${parameter}` });
    if (normal.value === '' || isBlockedValue(namespace, normal.value)) {
      throw new ProblemAnswer('value-not-allowed', {
        pointer: `/${parameter}`,
        detail: 'a value that stands for one person or device',
      });
    }
    return { parameter, namespace, value: normal.value };
  }
  const names = SUBJECT_PARAMETERS.map(([parameter]) => parameter).join(', ');
  throw new ProblemAnswer('no-identifier', { detail: `Add one of ${names} to the address, e.g. ?userId=…` });
}

function nodeOf(vault: Vault, brand: BrandId, { namespace, value }: Identifier): Node {
  return { namespace, id: vault.lookup(brand, namespace, value) };
}
