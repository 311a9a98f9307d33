import { createPublicKey } from 'node:crypto';
import { HOUR_MS, type Instant, instant, MINUTE_MS } from '@filrouge/domain/base';
import type { BrandId, Deployment, SourceId } from '@filrouge/domain/deployment';
import { type JWK, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildDeployment } from '../config/build-deployment.ts';
import { IdentityTokens, REMEMBERED_TOKENS_MAX, TOKEN_LENGTH_MAX } from './identity-tokens.ts';
import { AUDIENCE, ISSUER, openTokenIssuer, type Signing, type TokenIssuer } from './testing/token-issuer.ts';

const NOW: Instant = instant(Date.UTC(2026, 10, 21, 12));
const MAISON = 'maison' as BrandId;
const later = (ms: number): Instant => instant(NOW + ms);
const now: Signing = { at: NOW };

let shop: TokenIssuer;
let stranger: TokenIssuer;
let deployment: Deployment;
let tokens: IdentityTokens;

function deploymentOf(...issuers: readonly TokenIssuer['configured'][]): Deployment {
  const brands = [
    { id: 'maison', name: 'Maison', identityIssuers: [...issuers] },
    { id: 'voisin', name: 'Voisin' },
  ];
  return buildDeployment({ brands, properties: [], sources: [] }, 'identity-tokens');
}

beforeAll(async () => {
  shop = await openTokenIssuer();
  stranger = await openTokenIssuer();
  deployment = deploymentOf(shop.configured);
  tokens = new IdentityTokens(deployment);
});

const unproven = (fault: string): object => ({ kind: 'unproven', fault });

test('S11 a token of the configured issuer proves the user id, and the address and number that it checked', async () => {
  const claims = {
    email: ' Ada@Example.COM ',
    email_verified: true,
    phone_number: '+33639981234',
    phone_number_verified: true,
    loyalty_card: 'L1',
  };
  expect(await tokens.check(MAISON, await shop.sign('ada', { ...now, claims }), NOW)).toMatchObject({
    kind: 'proven',
    by: 'signed-token',
    identifiers: [
      { namespace: 'user_id', value: 'ada' },
      { namespace: 'email', value: 'ada@example.com' },
      { namespace: 'phone', value: '+33639981234' },
      { namespace: 'loyalty_card', value: 'L1' },
    ],
  });
});

test.each(['EdDSA', 'ES256', 'RS256', 'PS256'])('a key of %s checks, by its id and as the only one', async (alg) => {
  const issuer = await openTokenIssuer(alg, 'oidc');
  const known = new IdentityTokens(deploymentOf(issuer.configured));
  const proven = { kind: 'proven', by: 'oidc' };
  expect(await known.check(MAISON, await issuer.sign('ada', now), NOW)).toMatchObject(proven);
  expect(
    await known.check(MAISON, await issuer.sign('ada', { ...now, header: { kid: undefined } }), NOW),
  ).toMatchObject(proven);
});

test('EdDSA under its newer name is the same signature (RFC 9864)', async () => {
  const token = await shop.sign('ada', { ...now, header: { alg: 'Ed25519' } });
  expect(await tokens.check(MAISON, token, NOW)).toMatchObject({ kind: 'proven' });
});

test('one of several audiences is enough, on either side', async () => {
  const known = new IdentityTokens(deploymentOf({ ...shop.configured, audience: ['app', 'web'] }));
  const token = await shop.sign('ada', { ...now, claims: { aud: ['other', 'web'] } });
  expect(await known.check(MAISON, token, NOW)).toMatchObject({ kind: 'proven' });
});

/** A token that HS256 signs with what everybody can read: the public key itself. */
async function confused(form: 'pem' | 'raw'): Promise<string> {
  const [jwk] = shop.configured.keys as readonly JWK[];
  const pem = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const key = form === 'pem' ? Buffer.from(pem as string) : Buffer.from(jwk?.x ?? '', 'base64url');
  return shop.sign('ada', { ...now, header: { alg: 'HS256' }, key });
}

const FAULTS: readonly (readonly [what: string, fault: string, make: () => Promise<string>])[] = [
  ['of another key', 'bad-signature', () => stranger.sign('ada', now)],
  ['whose user was changed after signing', 'bad-signature', async () => forged(await shop.sign('ada', now))],
  ['of another issuer', 'unknown-issuer', () => shop.sign('ada', { ...now, claims: { iss: 'https://other.example' } })],
  ['without issuer', 'unknown-issuer', () => shop.sign('ada', { ...now, claims: { iss: undefined } })],
  ['for another audience', 'wrong-audience', () => shop.sign('ada', { ...now, claims: { aud: 'other' } })],
  ['without audience', 'wrong-audience', () => shop.sign('ada', { ...now, claims: { aud: undefined } })],
  ['of an unknown key id', 'unknown-key', () => shop.sign('ada', { ...now, header: { kid: 'older' } })],
  ['with alg none', 'algorithm-not-allowed', async () => withoutSignature()],
  ['signed HS256 with the public key', 'algorithm-not-allowed', () => confused('pem')],
  ['signed HS256 with its bytes', 'algorithm-not-allowed', () => confused('raw')],
  ['that has ended', 'expired', () => shop.sign('ada', { at: NOW - 2 * HOUR_MS })],
  [
    'of the day before yesterday that never ends',
    'expired',
    () => shop.sign('ada', { at: NOW - 30 * HOUR_MS, lifeSeconds: 1e8 }),
  ],
  ['dated ahead', 'not-yet-valid', () => shop.sign('ada', { at: NOW + 6 * MINUTE_MS })],
  ['not to be used yet', 'not-yet-valid', () => shop.sign('ada', { ...now, claims: { nbf: NOW / 1_000 + 600 } })],
  ['without end', 'claims-missing', () => shop.sign('ada', { ...now, claims: { exp: undefined } })],
  ['without date', 'claims-missing', () => shop.sign('ada', { ...now, claims: { iat: undefined } })],
  ['with a text as its end', 'claims-missing', () => shop.sign('ada', { ...now, claims: { exp: 'never' } })],
  ['of nobody', 'claims-missing', () => shop.sign('ada', { ...now, claims: { sub: undefined } })],
  ['of a blocked value', 'claims-missing', () => shop.sign('undefined', now)],
  ['that ends a session', 'malformed', () => shop.sign('ada', { ...now, header: { typ: 'logout+jwt' } })],
  ['for an API', 'malformed', () => shop.sign('ada', { ...now, header: { typ: 'at+jwt' } })],
  [
    'with a header that must be understood',
    'malformed',
    async () => withHeader(await shop.sign('ada', now), { crit: ['x'], x: 1 }),
  ],
  ['of two parts', 'malformed', async () => (await shop.sign('ada', now)).split('.').slice(0, 2).join('.')],
  ['that is text', 'malformed', async () => 'ada@example.com'],
  ['that is empty', 'malformed', async () => '..'],
  ['that is huge', 'too-long', () => shop.sign('ada', { ...now, claims: { groups: 'x'.repeat(TOKEN_LENGTH_MAX) } })],
];

function forged(token: string): string {
  const [header, , signature] = token.split('.');
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'eve', iat: NOW / 1_000, exp: NOW / 1_000 + 60 };
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
}

function withHeader(token: string, more: object): string {
  const [, claims, signature] = token.split('.');
  const header = { alg: 'EdDSA', kid: 'key-of-EdDSA', typ: 'JWT', ...more };
  return [Buffer.from(JSON.stringify(header)).toString('base64url'), claims, signature].join('.');
}

function withoutSignature(): string {
  return new UnsecuredJWT({ sub: 'ada' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(NOW / 1_000)
    .setExpirationTime(NOW / 1_000 + 60)
    .encode();
}

describe('a token proves nothing', () => {
  test.each(FAULTS)('%s: %s, the second time too', async (_what, fault, make) => {
    const token = await make();
    expect(await tokens.check(MAISON, token, NOW)).toEqual(unproven(fault));
    expect(await tokens.check(MAISON, token, NOW)).toEqual(unproven(fault));
  });

  test('for another brand than its issuer’s', async () => {
    const token = await shop.sign('ada', now);
    expect(await tokens.check('voisin' as BrandId, token, NOW)).toEqual(unproven('unknown-issuer'));
  });

  test('with an address or a number that nobody checked, or a number without its country', async () => {
    const provenOf = async (claims: NonNullable<Signing['claims']>): Promise<unknown> => {
      const verdict = await tokens.check(MAISON, await shop.sign('ada', { ...now, claims }), NOW);
      return verdict.kind === 'proven' ? verdict.identifiers.map(({ namespace }) => namespace) : verdict.fault;
    };
    expect(await provenOf({ email: 'ada@example.com' })).toEqual(['user_id']);
    expect(await provenOf({ email: 'ada@example.com', email_verified: false })).toEqual(['user_id']);
    expect(await provenOf({ email: 'ada@example.com', email_verified: 1 })).toEqual(['user_id']);
    expect(await provenOf({ email: 'no address', email_verified: true })).toEqual(['user_id']);
    expect(await provenOf({ phone_number: '+33639981234' })).toEqual(['user_id']);
    expect(await provenOf({ phone_number: '06 39 98 12 34', phone_number_verified: true })).toEqual(['user_id']);
    expect(await provenOf({ loyalty_card: 7 })).toEqual(['user_id']);
    expect(await provenOf({ email: 'ada@example.com', email_verified: 'true' })).toEqual(['user_id', 'email']);
  });
});

describe('time is judged at each receipt, with five minutes between the clocks', () => {
  test('an end, a date ahead and the age of a day', async () => {
    const ending = await shop.sign('ada', now);
    const proven = { kind: 'proven' };
    expect(await tokens.check(MAISON, ending, later(HOUR_MS + 4 * MINUTE_MS))).toMatchObject(proven);
    expect(await tokens.check(MAISON, ending, later(HOUR_MS + 5 * MINUTE_MS))).toEqual(unproven('expired'));
    const ahead = await shop.sign('ada', { at: NOW + 10 * MINUTE_MS });
    expect(await tokens.check(MAISON, ahead, NOW)).toEqual(unproven('not-yet-valid'));
    expect(await tokens.check(MAISON, ahead, later(6 * MINUTE_MS))).toMatchObject(proven);
    const endless = await shop.sign('ada', { ...now, lifeSeconds: 1e8 });
    expect(await tokens.check(MAISON, endless, later(24 * HOUR_MS))).toMatchObject(proven);
    expect(await tokens.check(MAISON, endless, later(25 * HOUR_MS))).toEqual(unproven('expired'));
    expect(await new IdentityTokens(deployment).check(MAISON, endless, later(25 * HOUR_MS))).toEqual(
      unproven('expired'),
    );
  });
});

test('what came of a token is remembered under its hash alone, for so many tokens and no more', async () => {
  const small = new IdentityTokens(deployment);
  const token = await shop.sign('ada', now);
  const first = await small.check(MAISON, token, NOW);
  expect(await small.check(MAISON, token, NOW)).toBe(first);
  expect(small.rememberedCount).toBe(1);
  for (let n = 0; n < REMEMBERED_TOKENS_MAX + 5; n += 1) await small.check(MAISON, `x${n}`, NOW);
  expect(small.rememberedCount).toBe(REMEMBERED_TOKENS_MAX);
  const again = await small.check(MAISON, token, NOW);
  expect(again).toEqual(first);
  expect(again).not.toBe(first);
});

test('results are counted by source', () => {
  const counting = new IdentityTokens(deployment);
  for (const result of ['verified', 'expired', 'verified'] as const) counting.count('web' as SourceId, result);
  expect([...(counting.counts.get('web' as SourceId) ?? [])]).toEqual([
    ['verified', 2],
    ['expired', 1],
  ]);
});
