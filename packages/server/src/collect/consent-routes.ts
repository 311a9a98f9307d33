import {
  type BrandId,
  countryOf,
  type Deployment,
  type PropertyId,
  type Source,
  type SourceId,
} from '@filrouge/domain/deployment';
import type { Identifier, Namespace, Node } from '@filrouge/domain/identity';
import { readConsents, subjectOfToken, subjectTokenOf } from '@filrouge/pipeline';
import type { ReadingStore, Vault } from '@filrouge/ports';
import { COLLECT_LIMITS, credentialsOf, normaliseIdentifier, parseConsentSubmission } from '@filrouge/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiTokens, Bearer } from '../access/api-tokens.ts';
import { brandFor } from '../access/brand-scope.ts';
import { unknownToken, unknownWriteKey } from '../access/unknown-credential.ts';
import { answerPreflight, FOR_PAGES } from '../http/cross-origin.ts';
import { decompress } from '../http/decompress.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import type { CollectService } from './collect-service.ts';
import { propertiesOf, withChoices } from './consent-choices.ts';
import { proveConsent } from './prove-consent.ts';

export type ConsentService = CollectService & {
  readonly tokens: ApiTokens;
  readonly deployment: Deployment;
  readonly vault: Vault;
  readonly reading: ReadingStore;
};

/** Who brings or asks for a consent: a source by its key, or a holder of an API token. */
type Witness =
  | { readonly kind: 'source'; readonly source: Source }
  | { readonly kind: 'token'; readonly bearer: Bearer };

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
  const source = witness.kind === 'source' ? witness.source : tokenSource(brand);
  if (service.deployment.properties.get(said.property)?.brand !== brand) {
    throw new ProblemAnswer('value-not-allowed', {
      pointer: '/property',
      detail: propertiesOf(service.deployment, brand),
    });
  }
  const quota = service.quota.take(source, 1, receivedAt);
  if (!quota.ok) throw new ProblemAnswer('quota-exceeded', { retryAfterSeconds: quota.waitSeconds });
  const proven = await proveConsent(service.identityTokens, parsed.value, { source, receivedAt });
  const { consent, identityToken } = proven;
  const { consents } = await service.door.submit({
    source,
    items: [],
    consents: [consent],
    receivedAt,
    imported: false,
    globalPrivacyControl: false,
    refused: new Map(),
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
  const { recordId, position, spokenFor, decisions, brands, marks } = outcome;
  return reply.send({
    recordId,
    position,
    // Who merely named somebody may not read how that one stands.
    ...(spokenFor === undefined ? {} : { subjectToken: subjectTokenOf(service.vault, consent.brand, spokenFor) }),
    decisions,
    ...(brands.length === 0 ? {} : { brands }),
    ...(marks.length === 0 ? {} : { marks }),
    ...(identityToken === undefined ? {} : { identityToken }),
  });
}

async function read(service: ConsentService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const witness = await witnessOf(service, request, 'consents:read');
  const query = request.query as Readonly<Record<string, string | undefined>>;
  const brand = brandFor(boundTo(witness), service.deployment, query['brand']);
  const subject = subjectOfQuery(query, countryFor(service, witness)(brand));
  const node = nodeOf(service.vault, brand, subject);
  if (witness.kind === 'source' && witness.source.kind !== 'server') {
    const token = query['subjectToken'] ?? '';
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

async function witnessOf(
  service: ConsentService,
  request: FastifyRequest,
  scope: 'consents:read' | 'consents:write',
): Promise<Witness> {
  const { authorization } = request.headers;
  const bearer = await service.tokens.bearerOf(authorization);
  if (bearer !== undefined) {
    if (!bearer.scopes.includes(scope)) throw new ProblemAnswer('scope-missing', { detail: scope });
    return { kind: 'token', bearer };
  }
  const xWriteKey = request.headers['x-write-key'];
  const { writeKey } = request.query as { readonly writeKey?: string };
  const offered = credentialsOf({
    authorization,
    xWriteKey: typeof xWriteKey === 'string' ? xWriteKey : undefined,
    queryWriteKey: writeKey,
  });
  if (offered.length === 0) throw new ProblemAnswer('write-key-missing');
  for (const credentials of offered) {
    const source = await service.keys.sourceOf(credentials.writeKey);
    if (source === undefined) continue;
    const { origin } = request.headers;
    if (origin !== undefined && source.allowedOrigins.length > 0 && !source.allowedOrigins.includes(origin)) {
      throw new ProblemAnswer('origin-not-allowed');
    }
    return { kind: 'source', source };
  }
  // A token and a key are both welcome here: what was sent as Bearer is spoken of as what it is.
  throw /^Bearer +api_/i.test(authorization ?? '')
    ? unknownToken(request)
    : unknownWriteKey(offered.map(({ writeKey: key }) => key));
}

function boundTo(witness: Witness): Pick<Bearer, 'brand'> {
  return witness.kind === 'source' ? witness.source : witness.bearer;
}

/** Under a token's hand the record bears the name of the API. */
function tokenSource(brand: BrandId): Source {
  return {
    id: 'api' as SourceId,
    brand,
    property: 'api' as Source['property'],
    kind: 'server',
    channel: 'server',
    country: 'FR',
    allowedKinds: [],
    allowedOrigins: [],
    quotaPerSecond: 1_000,
    serves: {},
    kiosk: false,
  };
}

/** By what telephone numbers are read: the source's own country, or, of a token, that of the property or brand it names. */
function countryFor({ deployment }: ConsentService, witness: Witness) {
  return (brand: BrandId, property?: PropertyId): string =>
    witness.kind === 'source' ? witness.source.country : countryOf(deployment, brand, property);
}

type AskedSubject = Identifier & { readonly parameter: string };

function subjectOfQuery(query: Readonly<Record<string, string | undefined>>, country: string): AskedSubject {
  for (const [parameter, namespace] of SUBJECT_PARAMETERS) {
    const text = query[parameter];
    if (text === undefined) continue;
    const normal = normaliseIdentifier(namespace, text, country);
    if (!normal.ok) throw new ProblemAnswer(normal.code, { pointer: `/${parameter}` });
    return { parameter, namespace, value: normal.value };
  }
  const names = SUBJECT_PARAMETERS.map(([parameter]) => parameter).join(', ');
  throw new ProblemAnswer('no-identifier', { detail: `Add one of ${names} to the address, e.g. ?userId=…` });
}

function nodeOf(vault: Vault, brand: BrandId, { namespace, value }: Identifier): Node {
  return { namespace, id: vault.lookup(brand, namespace, value) };
}
