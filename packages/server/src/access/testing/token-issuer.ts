import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { FilrougeConfig } from '../../config/config-schema.ts';

type ConfiguredIssuer = NonNullable<FilrougeConfig['brands'][number]['identityIssuers']>[number];

export const ISSUER = 'https://shop.example/login';
export const AUDIENCE = 'filrouge';

/** How a token departs from what it should be. `at`: the instant of signing, in ms since 1970. */
export type Signing = {
  readonly at: number;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly lifeSeconds?: number;
  readonly key?: CryptoKey | Uint8Array;
};

/** A retailer's server with a key of its own: what it publishes, and the tokens that it signs. */
export type TokenIssuer = {
  readonly configured: ConfiguredIssuer;
  readonly privateKey: CryptoKey;
  readonly sign: (sub: string, signing: Signing) => Promise<string>;
};

/** Makes a key pair and an issuer around it. */
export async function openTokenIssuer(
  alg = 'EdDSA',
  kind: ConfiguredIssuer['kind'] = 'signed-token',
): Promise<TokenIssuer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const kid = `key-of-${alg}`;
  const jwk = await exportJWK(publicKey);
  return {
    configured: { issuer: ISSUER, audience: AUDIENCE, kind, keys: [{ ...jwk, kid, kty: jwk.kty as string }] },
    privateKey,
    sign: (sub, { at, claims = {}, header = {}, lifeSeconds = 3_600, key = privateKey }) => {
      const iat = Math.floor(at / 1_000);
      const whole = { iss: ISSUER, aud: AUDIENCE, sub, iat, exp: iat + lifeSeconds, ...claims };
      return new SignJWT(JSON.parse(JSON.stringify(whole)) as JWTPayload)
        .setProtectedHeader({ alg, kid, typ: 'JWT', ...header })
        .sign(key);
    },
  };
}
