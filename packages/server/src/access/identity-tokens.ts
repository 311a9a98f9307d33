import { hash } from 'node:crypto';
import { HOUR_MS, type Instant, instant, type JsonObject, MINUTE_MS } from '@filrouge/domain/base';
import type { BrandId, Deployment, IdentityIssuer, IssuerKey, SourceId } from '@filrouge/domain/deployment';
import type { Identifier } from '@filrouge/domain/identity';
import { claimedIdentifiers } from '@filrouge/wire';
import { decodeJwt, decodeProtectedHeader, errors, type JWK, jwtVerify } from 'jose';

/** Why a token proves nothing. */
export const TOKEN_FAULTS = [
  'too-long',
  'malformed',
  'unknown-issuer',
  'wrong-audience',
  'unknown-key',
  'algorithm-not-allowed',
  'bad-signature',
  'claims-missing',
  'expired',
  'not-yet-valid',
  'other-subject',
  'too-many',
] as const;
export type TokenFault = (typeof TOKEN_FAULTS)[number];

/** Who somebody is by a token that holds: by whose word, and as which identifiers. */
type ProvenIdentity = {
  readonly kind: 'proven';
  readonly by: IdentityIssuer['kind'];
  readonly identifiers: readonly Identifier[];
  readonly until: Instant;
};
export type TokenVerdict = ProvenIdentity | { readonly kind: 'unproven'; readonly fault: TokenFault };

/** Longer than the tokens of any provider that sends groups and roles along. Unit: characters. */
export const TOKEN_LENGTH_MAX = 8_192;
/** How far two clocks may differ. */
const TOKEN_LEEWAY_MS = 5 * MINUTE_MS;
/** A token speaks of a signing-in of today, whatever end it names. */
const TOKEN_AGE_MS_MAX = 24 * HOUR_MS;
/** Tokens remembered at once; the one that was shown longest ago gives way. */
export const REMEMBERED_TOKENS_MAX = 10_000;

/**
 * Checks the identity tokens that pages, apps and servers show (S11). A visitor shows the same one with every call, so
 * what came of it is remembered under its hash: the token itself is kept nowhere.
 */
export class IdentityTokens {
  readonly #issuers: ReadonlyMap<BrandId, readonly IdentityIssuer[]>;
  readonly #remembered = new Map<string, TokenVerdict>();
  readonly #counts = new Map<SourceId, Map<TokenFault | 'verified', number>>();

  constructor({ brands }: Pick<Deployment, 'brands'>) {
    this.#issuers = new Map([...brands.values()].map(({ id, identityIssuers }) => [id, identityIssuers ?? []]));
  }

  /** What a token proves for a brand at the instant of receipt. */
  async check(brand: BrandId, token: string, now: Instant): Promise<TokenVerdict> {
    if (token.length > TOKEN_LENGTH_MAX) return unproven('too-long');
    const name = hash('sha256', `${brand}\n${token}`, 'base64');
    const known = this.#remembered.get(name);
    const verdict = known ?? (await verdictOn(this.#issuers.get(brand) ?? [], token, now));
    // What is too early now will be in time.
    if (verdict.kind === 'proven' || verdict.fault !== 'not-yet-valid') this.#remember(name, verdict);
    return verdict.kind === 'proven' && now >= verdict.until ? unproven('expired') : verdict;
  }

  /** Notes what came of the token of one item or decision. */
  count(source: SourceId, result: TokenFault | 'verified'): void {
    const counts = this.#counts.get(source) ?? new Map<TokenFault | 'verified', number>();
    this.#counts.set(source, counts);
    counts.set(result, (counts.get(result) ?? 0) + 1);
  }

  /** What came of tokens since the start of this process, by source. */
  get counts(): ReadonlyMap<SourceId, ReadonlyMap<TokenFault | 'verified', number>> {
    return this.#counts;
  }

  get rememberedCount(): number {
    return this.#remembered.size;
  }

  #remember(name: string, verdict: TokenVerdict): void {
    this.#remembered.delete(name);
    this.#remembered.set(name, verdict);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= REMEMBERED_TOKENS_MAX) break;
      this.#remembered.delete(oldest);
    }
  }
}

function unproven(fault: TokenFault): TokenVerdict {
  return { kind: 'unproven', fault };
}

async function verdictOn(issuers: readonly IdentityIssuer[], token: string, now: Instant): Promise<TokenVerdict> {
  let header: ReturnType<typeof decodeProtectedHeader>;
  let iss: unknown;
  try {
    header = decodeProtectedHeader(token);
    ({ iss } = decodeJwt(token));
  } catch {
    return unproven('malformed');
  }
  // A logout token or an access token of the same provider is no identity token (RFC 8725, 3.11).
  if (header.typ !== undefined && header.typ.toUpperCase() !== 'JWT') return unproven('malformed');
  const issuer = issuers.find((one) => one.issuer === iss);
  if (issuer === undefined) return unproven('unknown-issuer');
  const key = keyFor(issuer, header.kid);
  if (key === undefined) return unproven('unknown-key');
  try {
    const { payload } = await jwtVerify(token, key.jwk as JWK, {
      algorithms: [...key.algorithms],
      issuer: issuer.issuer,
      audience: [...issuer.audiences],
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate: new Date(now),
      clockTolerance: TOKEN_LEEWAY_MS / 1_000,
      maxTokenAge: TOKEN_AGE_MS_MAX / 1_000,
    });
    return provenBy(issuer, payload as JsonObject);
  } catch (fault) {
    return unproven(faultOf(fault));
  }
}

/** A token without a key id is checked with the one key there is: with several, trying them out would be guessing. */
function keyFor({ keys }: IdentityIssuer, kid: string | undefined): IssuerKey | undefined {
  if (kid !== undefined) return keys.find((key) => key.kid === kid);
  return keys.length === 1 ? keys[0] : undefined;
}

function provenBy({ kind }: IdentityIssuer, claims: JsonObject): TokenVerdict {
  const identifiers = claimedIdentifiers(claims);
  if (!identifiers.ok) return unproven('claims-missing');
  const endsAt = Math.min(Number(claims['exp']) * 1_000, Number(claims['iat']) * 1_000 + TOKEN_AGE_MS_MAX);
  return { kind: 'proven', by: kind, identifiers: identifiers.value, until: instant(endsAt + TOKEN_LEEWAY_MS) };
}

function faultOf(fault: unknown): TokenFault {
  if (fault instanceof errors.JWTExpired) return 'expired';
  if (fault instanceof errors.JOSEAlgNotAllowed) return 'algorithm-not-allowed';
  if (fault instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature';
  if (!(fault instanceof errors.JWTClaimValidationFailed)) return 'malformed';
  if (fault.claim === 'aud') return 'wrong-audience';
  return fault.reason === 'check_failed' && (fault.claim === 'nbf' || fault.claim === 'iat')
    ? 'not-yet-valid'
    : 'claims-missing';
}
