import {
  type BrandId,
  countryOf,
  type Deployment,
  type PropertyId,
  type Source,
  type SourceId,
} from '@filrouge/domain/deployment';
import { credentialsOf } from '@filrouge/wire';
import type { FastifyRequest } from 'fastify';
import type { ApiTokens, Bearer } from '../access/api-tokens.ts';
import type { SourceKey, SourceKeys } from '../access/source-keys.ts';
import { unknownToken, unknownWriteKey } from '../access/unknown-credential.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { queryText } from '../http/query-text.ts';

/** Who brings or asks for a consent: a source by its key, or a holder of an API token. */
export type ConsentWitness =
  | { readonly kind: 'source'; readonly key: string; readonly source: Source }
  | { readonly kind: 'token'; readonly bearer: Bearer };

/** The witness whose key or token a request carries; throws where it carries none that may do this. */
export async function witnessOf(
  service: { readonly tokens: ApiTokens; readonly keys: SourceKeys },
  request: FastifyRequest,
  scope: 'consents:read' | 'consents:write',
): Promise<ConsentWitness> {
  const { authorization } = request.headers;
  const bearer = await service.tokens.bearerOf(authorization);
  if (bearer !== undefined) {
    if (!bearer.scopes.includes(scope)) throw new ProblemAnswer('scope-missing', { detail: scope });
    return { kind: 'token', bearer };
  }
  const xWriteKey = request.headers['x-write-key'];
  const offered = credentialsOf({
    authorization,
    xWriteKey: typeof xWriteKey === 'string' ? xWriteKey : undefined,
    queryWriteKey: queryText(request, 'writeKey'),
  });
  if (offered.length === 0) throw new ProblemAnswer('write-key-missing');
  for (const credentials of offered) {
    const key = await service.keys.find(credentials.writeKey);
    if (key === undefined) continue;
    const { source } = key;
    const { origin } = request.headers;
    if (origin !== undefined && source.allowedOrigins.length > 0 && !source.allowedOrigins.includes(origin)) {
      throw new ProblemAnswer('origin-not-allowed');
    }
    return { kind: 'source', key: key.id, source };
  }
  // A token and a key are both welcome here: what was sent as Bearer is spoken of as what it is.
  throw /^Bearer +api_/i.test(authorization ?? '')
    ? unknownToken(request)
    : unknownWriteKey(offered.map(({ writeKey: key }) => key));
}

/** The brand that a witness is bound to, where it is bound to one. */
export function boundTo(witness: ConsentWitness): Pick<Bearer, 'brand'> {
  return witness.kind === 'source' ? witness.source : witness.bearer;
}

/** What a witness spends its quota under: its key or token, and the source that the record bears. */
export function keyOfWitness(witness: ConsentWitness, brand: BrandId): SourceKey {
  if (witness.kind === 'source') return { id: witness.key, source: witness.source };
  return { id: witness.bearer.id, source: tokenSource(brand) };
}

/** Under a token's hand the record bears the name of the API. */
export function tokenSource(brand: BrandId): Source {
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
    personQuotaPerSecond: 20,
    serves: {},
    kiosk: false,
  };
}

/** By what telephone numbers are read: the source's own country, or, of a token, that of the property or brand it names. */
export function countryFor({ deployment }: { readonly deployment: Deployment }, witness: ConsentWitness) {
  return (brand: BrandId, property?: PropertyId): string =>
    witness.kind === 'source' ? witness.source.country : countryOf(deployment, brand, property);
}
