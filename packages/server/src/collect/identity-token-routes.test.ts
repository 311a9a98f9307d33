import { HOUR_MS, type Instant, instant } from '@filrouge/domain/base';
import type { SourceId } from '@filrouge/domain/deployment';
import { createDoor, type Door, type Submission } from '@filrouge/pipeline';
import {
  createMemoryAccessStore,
  createMemoryAppendStore,
  createMemoryReadingStore,
  createMemoryVault,
  MemoryDatabase,
} from '@filrouge/ports';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { uuidv7 } from 'uuidv7';
import { beforeEach, describe, expect, test } from 'vitest';
import { ApiTokens } from '../access/api-tokens.ts';
import { IdentityTokens } from '../access/identity-tokens.ts';
import { KeyQuota } from '../access/key-quota.ts';
import { PersonQuota } from '../access/person-quota.ts';
import { SourceKeys } from '../access/source-keys.ts';
import { openTokenIssuer, type TokenIssuer } from '../access/testing/token-issuer.ts';
import { buildDeployment } from '../config/build-deployment.ts';
import { createApp } from '../http/create-app.ts';
import { registerCollectRoutes } from './collect-routes.ts';
import { registerConsentRoutes } from './consent-routes.ts';
import { TOKENS_PER_REQUEST_MAX } from './prove-items.ts';

const NOW: Instant = instant(Date.UTC(2026, 10, 21, 12));

let shop: TokenIssuer;
let app: FastifyInstance;
let key: string;
let tokens: IdentityTokens;
/** Everything that was handed to the door. */
let submitted: Submission[];

beforeEach(async () => {
  shop = await openTokenIssuer();
  const deployment = buildDeployment(
    {
      brands: [{ id: 'maison', name: 'Maison', identityIssuers: [shop.configured] }],
      properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
      sources: [{ id: 'web', brand: 'maison', property: 'site', kind: 'web' }],
      notices: [{ id: 'banner', version: '1', brand: 'maison', purposes: ['email_marketing'], text: { en: 'Mails' } }],
    },
    'identity-token-routes',
  );
  const database = new MemoryDatabase();
  const now = (): Instant => NOW;
  const vault = createMemoryVault();
  const store = createMemoryAppendStore(database, now);
  const real = createDoor({ store, vault, deployment, newId: uuidv7, isEngineFault: () => false });
  submitted = [];
  const door: Door = {
    submit: (submission) => {
      submitted.push(submission);
      return real.submit(submission);
    },
    waiting: 0,
    idle: () => real.idle(),
  };
  const access = createMemoryAccessStore(database);
  const keys = new SourceKeys(access, deployment, now);
  tokens = new IdentityTokens(deployment);
  const service = {
    door,
    keys,
    quota: new KeyQuota(),
    persons: new PersonQuota(),
    identityTokens: tokens,
    now,
    publicUrl: () => '',
  };
  app = createApp({ logger: pino({ level: 'silent' }), isEngineFault: () => false });
  registerCollectRoutes(app, service);
  const reading = createMemoryReadingStore(database);
  registerConsentRoutes(app, { ...service, vault, deployment, reading, tokens: new ApiTokens(access, now) });
  key = await keys.create('web' as SourceId);
});

const counted = (): object => Object.fromEntries(tokens.counts.get('web' as SourceId) ?? []);

describe('S11 tokens with items', () => {
  const call = { type: 'identify', userId: 'ada', traits: { email: 'ada@example.com' }, anonymousId: 'a' };
  async function post(...items: readonly object[]): Promise<number> {
    const payload = { writeKey: key, batch: items };
    return (await app.inject({ method: 'POST', url: '/v1/batch', payload })).statusCode;
  }

  test('a token proves its own item, and what came of each is counted by source', async () => {
    const good = await shop.sign('ada', { at: NOW });
    const withToken = (identityToken: unknown): object => ({ ...call, context: { identityToken } });
    const old = await shop.sign('ada', { at: NOW - 3 * HOUR_MS });
    const other = await shop.sign('eve', { at: NOW });
    expect(await post(withToken(good), call, withToken(old), withToken(other), withToken('x'), withToken(good))).toBe(
      200,
    );
    const proofs = submitted[0]?.items.map(({ proof }) => proof?.covers.map(({ value }) => value));
    expect(proofs).toEqual([['ada'], undefined, undefined, undefined, undefined, ['ada']]);
    expect(counted()).toEqual({ verified: 2, expired: 1, 'other-subject': 1, malformed: 1 });
    for (const token of [good, old, other]) expect(JSON.stringify([...submitted], seen)).not.toContain(token);
  });

  test('one bad token leaves its item what it would be without', async () => {
    const context = { locale: 'fr' };
    await post({ ...call, messageId: 'm1', context });
    await post({ ...call, messageId: 'm1', context: { ...context, identityToken: 'a.b.c' } });
    const without = submitted[0]?.items.map(({ texts: _, ...said }) => said);
    expect(submitted[1]?.items).toEqual(without);
  });

  test('so many different tokens of one request are checked, the rest is counted', async () => {
    const items = Array.from({ length: TOKENS_PER_REQUEST_MAX + 3 }, (_, n) => ({
      ...call,
      context: { identityToken: `x${n}` },
    }));
    expect(await post(...items)).toBe(200);
    expect(counted()).toEqual({ malformed: TOKENS_PER_REQUEST_MAX, 'too-many': 3 });
  });
});

/** Maps of a submission as lists. */
function seen(_name: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

describe('S7 S11 tokens with decisions', () => {
  async function decide(identityToken: unknown, status = 'given', purpose = 'email_marketing') {
    const payload = {
      subject: { userId: 'ada', anonymousId: 'a' },
      brand: 'maison',
      property: 'site',
      decisions: [{ purpose, status }],
      notice: { id: 'banner', version: '1' },
      channel: 'web',
      indicatedAt: new Date(NOW).toISOString(),
      indicatedBy: { kind: 'subject' },
      ...(identityToken === undefined ? {} : { identityToken }),
    };
    return app.inject({ method: 'POST', url: '/v1/consents', headers: { 'x-write-key': key }, payload });
  }

  test('a yes for the signed-in person is given; without a token it is requested', async () => {
    expect((await decide(undefined)).json()).toMatchObject({ decisions: [{ effective: 'requested' }] });
    const answer = await decide(await shop.sign('ada', { at: NOW }));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ decisions: [{ effective: 'given' }], identityToken: 'verified' });
    expect(counted()).toEqual({ verified: 1 });
  });

  test.each([
    ['expired', () => shop.sign('ada', { at: NOW - 3 * HOUR_MS })],
    ['other-subject', () => shop.sign('eve', { at: NOW })],
    ['wrong-audience', () => shop.sign('ada', { at: NOW, claims: { aud: 'other' } })],
    ['malformed', async () => 'a.b.c'],
    ['malformed', async () => 7],
  ])(
    'a yes that rests on a token which is %s is refused with the reason, and recorded nowhere',
    async (reason, make) => {
      const token = await make();
      const answer = await decide(token);
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'identity-token-refused', pointer: '/identityToken', reason });
      expect(answer.json().detail).toContain('Or send the decision without a token');
      expect(answer.body).not.toContain(JSON.stringify(token));
      expect(submitted).toEqual([]);
      expect(counted()).toEqual({ [reason]: 1 });
    },
  );

  test('a no needs no proof: it is taken whatever came of the token, and the answer says what', async () => {
    const answer = await decide(await shop.sign('ada', { at: NOW - 3 * HOUR_MS }), 'withdrawn');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ decisions: [{ effective: 'withdrawn' }], identityToken: 'expired' });
  });
});
