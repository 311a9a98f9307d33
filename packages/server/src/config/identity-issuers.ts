import { createPublicKey } from 'node:crypto';
import type { IdentityAlgorithm, IdentityIssuer, IssuerKey } from '@filrouge/domain/deployment';
import type { CheckedConfig } from './config-schema.ts';

type ConfiguredIssuer = CheckedConfig['brands'][number]['identityIssuers'][number];
type ConfiguredKey = ConfiguredIssuer['keys'][number];

/** Members of a private key (RFC 7518, 6.2.2 and 6.3.2; RFC 8037, 2). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'] as const;
/** Members that make up a public key, by type. */
const PUBLIC_MEMBERS = { OKP: ['crv', 'x'], EC: ['crv', 'x', 'y'], RSA: ['n', 'e'] } as const;
/** NIST SP 800-131A; RFC 7518, 3.3. */
const RSA_BITS_MIN = 2_048;

/** What is wrong with the issuers of identity tokens; no message repeats any part of a key. */
export function issuerProblems({ brands }: CheckedConfig): readonly string[] {
  return brands.flatMap(({ identityIssuers }, brandAt) => {
    const names = new Set<string>();
    return identityIssuers.flatMap(({ issuer, keys }, at) => {
      const place = `/brands/${brandAt}/identityIssuers/${at}`;
      const twice = names.has(issuer) ? [`${place}/issuer: ${issuer} is declared twice; list its keys together.`] : [];
      names.add(issuer);
      return [...twice, ...keysProblems(keys, `${place}/keys`)];
    });
  });
}

function keysProblems(keys: readonly ConfiguredKey[], place: string): readonly string[] {
  const known = new Set<string>();
  return keys.flatMap((key, at) => {
    const problem = known.has(key.kid) ? `the key id ${key.kid} is declared twice.` : keyProblem(key);
    known.add(key.kid);
    return problem === undefined ? [] : [`${place}/${at}: ${problem}`];
  });
}

function keyProblem(key: ConfiguredKey): string | undefined {
  if (key.kty === 'oct' || 'k' in key) {
    return 'this is a symmetric key: who can check a token with it can also make one. Sign with EdDSA, ES256, RS256 or PS256, and put the public key here.';
  }
  if (PRIVATE_MEMBERS.some((member) => member in key)) {
    return 'this is a private key: whoever reads the configuration could sign in as anybody. Put its public half here, and replace the key, because it has been written down.';
  }
  if (key.use !== undefined && key.use !== 'sig') return 'its "use" is not "sig": a key that signs is needed.';
  const algorithms = algorithmsOf(key);
  if (algorithms.length === 0) {
    return 'a key of EdDSA (OKP, Ed25519), ES256 (EC, P-256), RS256 or PS256 (RSA) is needed.';
  }
  const bits = bitsOf(key);
  if (bits === undefined) return 'its members do not make up a public key; copy it again from the issuer.';
  if (key.kty === 'RSA' && bits < RSA_BITS_MIN) return `an RSA key of ${RSA_BITS_MIN} bits at least is needed.`;
  return undefined;
}

/** Length of the modulus of an RSA key, 0 for other keys; undefined for what is no key. */
function bitsOf(key: ConfiguredKey): number | undefined {
  try {
    return createPublicKey({ key: publicPart(key), format: 'jwk' }).asymmetricKeyDetails?.modulusLength ?? 0;
  } catch {
    return undefined;
  }
}

function algorithmsOf({ kty, crv, alg }: ConfiguredKey): readonly IdentityAlgorithm[] {
  const fitting: readonly IdentityAlgorithm[] =
    kty === 'OKP' && crv === 'Ed25519'
      ? ['EdDSA', 'Ed25519']
      : kty === 'EC' && crv === 'P-256'
        ? ['ES256']
        : kty === 'RSA'
          ? ['RS256', 'PS256']
          : [];
  // Two names of one algorithm: a key that bears one is shown under both.
  if (alg === undefined || kty === 'OKP') return alg === undefined || fitting.some((one) => one === alg) ? fitting : [];
  return fitting.filter((one) => one === alg);
}

function publicPart(key: ConfiguredKey): Readonly<Record<string, string>> {
  const members: readonly string[] = key.kty in PUBLIC_MEMBERS ? PUBLIC_MEMBERS[key.kty as 'EC'] : [];
  const texts = members.flatMap((member) => {
    const value = (key as Readonly<Record<string, unknown>>)[member];
    return typeof value === 'string' ? [[member, value] as const] : [];
  });
  return { kty: key.kty, ...Object.fromEntries(texts) };
}

/** A checked issuer as the rules see it. */
export function issuerOf({ issuer, audience, kind, keys }: ConfiguredIssuer): IdentityIssuer {
  return {
    issuer,
    audiences: typeof audience === 'string' ? [audience] : audience,
    kind,
    keys: keys.map((key): IssuerKey => ({ kid: key.kid, algorithms: algorithmsOf(key), jwk: publicPart(key) })),
  };
}
