import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { buildDeployment } from './build-deployment.ts';
import { ConfigError } from './config-error.ts';

type Key = Readonly<Record<string, unknown>>;

const ed = generateKeyPairSync('ed25519');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const short = generateKeyPairSync('rsa', { modulusLength: 1_024 });
const other = generateKeyPairSync('ec', { namedCurve: 'P-384' });

function jwkOf(key: typeof ed.publicKey, more: Key = {}): Key {
  return { ...(key.export({ format: 'jwk' }) as Key), kid: 'k1', ...more };
}

function configOf(...keys: readonly Key[]): object {
  const issuer = { issuer: 'https://shop.example', audience: 'filrouge', kind: 'oidc', keys };
  return { brands: [{ id: 'un', name: 'Un', identityIssuers: [issuer] }], properties: [], sources: [] };
}

function problemOf(config: object): string {
  try {
    buildDeployment(config, 'test');
    return 'none';
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.message;
    throw fault;
  }
}

test('public keys as a provider publishes them, each with the algorithms that fit it', () => {
  const published = { alg: 'RS256', use: 'sig', x5t: 'thumb', key_ops: ['verify'] };
  const keys = [
    jwkOf(ed.publicKey, { kid: 'ed' }),
    jwkOf(ec.publicKey, { kid: 'ec' }),
    jwkOf(rsa.publicKey, { kid: 'rsa' }),
    jwkOf(rsa.publicKey, { kid: 'rs', ...published }),
  ];
  const [issuer] = buildDeployment(configOf(...keys), 'test').brands.get('un' as never)?.identityIssuers ?? [];
  expect(issuer).toMatchObject({ issuer: 'https://shop.example', audiences: ['filrouge'], kind: 'oidc' });
  expect(issuer?.keys.map(({ kid, algorithms, jwk }) => [kid, algorithms, Object.keys(jwk)])).toEqual([
    ['ed', ['EdDSA', 'Ed25519'], ['kty', 'crv', 'x']],
    ['ec', ['ES256'], ['kty', 'crv', 'x', 'y']],
    ['rsa', ['RS256', 'PS256'], ['kty', 'n', 'e']],
    ['rs', ['RS256'], ['kty', 'n', 'e']],
  ]);
});

test.each<readonly [what: string, key: Key, says: string]>([
  ['a private EdDSA key', jwkOf(ed.privateKey), 'this is a private key'],
  ['a private ES256 key', jwkOf(ec.privateKey), 'this is a private key'],
  ['a private RSA key', jwkOf(rsa.privateKey), 'this is a private key'],
  ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0', kid: 'k1' }, 'this is a symmetric key'],
  ['a symmetric key under another type', jwkOf(ed.publicKey, { k: 'c2VjcmV0' }), 'this is a symmetric key'],
  ['a key for encryption', jwkOf(ec.publicKey, { use: 'enc' }), '"use" is not "sig"'],
  ['another curve', jwkOf(other.publicKey), 'a key of EdDSA'],
  ['HS256 written beside a public key', jwkOf(rsa.publicKey, { alg: 'HS256' }), 'a key of EdDSA'],
  ['none written beside a public key', jwkOf(ed.publicKey, { alg: 'none' }), 'a key of EdDSA'],
  ['half a key', { kty: 'EC', crv: 'P-256', x: 'AAAA', kid: 'k1' }, 'do not make up a public key'],
  ['a point that is not on the curve', jwkOf(ec.publicKey, { y: 'AAAA' }), 'do not make up a public key'],
  ['a short RSA key', jwkOf(short.publicKey), '2048 bits'],
])('%s is refused in words, and no part of it is repeated', (_what, key, says) => {
  const problem = problemOf(configOf(key));
  expect(problem).toContain(`/brands/0/identityIssuers/0/keys/0: `);
  expect(problem).toContain(says);
  const parts = ['d', 'p', 'q', 'k', 'x', 'n'].flatMap((member) => (key[member] as string | undefined) ?? []);
  expect(parts.filter((part) => problem.includes(part))).toEqual([]);
});

test('a key without id, an issuer without keys, and either declared twice', () => {
  const { kid: _, ...nameless } = jwkOf(ed.publicKey);
  expect(problemOf(configOf(nameless))).toContain('/brands/0/identityIssuers/0/keys/0/kid');
  expect(problemOf(configOf())).toContain('/brands/0/identityIssuers/0/keys');
  expect(problemOf(configOf(jwkOf(ed.publicKey), jwkOf(ec.publicKey)))).toContain('key id k1 is declared twice');
  const config = configOf(jwkOf(ed.publicKey)) as { brands: { identityIssuers: object[] }[] };
  config.brands[0]?.identityIssuers.push(...(config.brands[0]?.identityIssuers ?? []));
  expect(problemOf(config)).toContain('/brands/0/identityIssuers/1/issuer: https://shop.example is declared twice');
});
