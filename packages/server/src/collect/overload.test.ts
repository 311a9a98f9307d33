import { type Instant, instant } from '@filrouge/domain/base';
import type { SourceId } from '@filrouge/domain/deployment';
import { createDoor } from '@filrouge/pipeline';
import {
  type AppendStore,
  createMemoryAccessStore,
  createMemoryAppendStore,
  createMemoryVault,
  EngineError,
  MemoryDatabase,
} from '@filrouge/ports';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { IdentityTokens } from '../access/identity-tokens.ts';
import { KeyQuota } from '../access/key-quota.ts';
import { PersonQuota } from '../access/person-quota.ts';
import { SourceKeys } from '../access/source-keys.ts';
import { buildDeployment } from '../config/build-deployment.ts';
import { createApp } from '../http/create-app.ts';
import { registerCollectRoutes } from './collect-routes.ts';

const NOW: Instant = instant(Date.UTC(2026, 10, 21));
const BATCH_ITEMS = 2_500;

/** An engine that takes the first group and does not come back: what comes then waits. */
const stuck: AppendStore = {
  append: () => new Promise(() => undefined),
  count: async () => undefined,
  expire: async () => ({ days: [], ids: 0 }),
  allot: async (purposes) => purposes,
};

/** An engine that is away. */
const away: AppendStore = {
  ...stuck,
  append: () => Promise.reject(new EngineError('unavailable', 'the database does not answer')),
};

/** A server whose journal is this store, and the key of its one source. */
async function houseOn(store: AppendStore) {
  const deployment = buildDeployment(
    {
      brands: [{ id: 'maison', name: 'Maison' }],
      properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
      sources: [
        {
          id: 'backend',
          brand: 'maison',
          property: 'site',
          kind: 'server',
          quotaPerSecond: 100_000,
          personQuotaPerSecond: 1_000,
        },
      ],
    },
    'overload',
  );
  const vault = createMemoryVault();
  const isEngineFault = (fault: unknown): boolean => fault instanceof EngineError;
  const door = createDoor({ store, vault, deployment, newId: () => '', isEngineFault });
  const now = (): Instant => NOW;
  const keys = new SourceKeys(createMemoryAccessStore(new MemoryDatabase()), deployment, now);
  const app = createApp({ logger: pino({ level: 'silent' }), isEngineFault });
  const identityTokens = new IdentityTokens(deployment);
  registerCollectRoutes(app, {
    door,
    keys,
    quota: new KeyQuota(),
    persons: new PersonQuota(),
    identityTokens,
    now,
    publicUrl: () => '',
  });
  return { app, door, writeKey: await keys.create('backend' as SourceId) };
}

test('503 with Retry-After once 50,000 items wait for the disk: nothing is dropped silently', async () => {
  const { app, door, writeKey } = await houseOn(stuck);
  const batch = Array.from({ length: BATCH_ITEMS }, () => ({ type: 'track', event: 'x', userId: 'u' }));
  const payload = JSON.stringify({ writeKey, batch });
  const send = () => app.inject({ method: 'POST', url: '/v1/batch', payload });

  // The first batch is with the engine, the next twenty fill the queue; none of them is answered.
  let answered = 0;
  const waiting = Array.from({ length: 21 }, () =>
    send().finally(() => {
      answered += 1;
    }),
  );
  await expect.poll(() => door.waiting, { timeout: 15_000 }).toBe(20 * BATCH_ITEMS);
  const beyond = await send();
  expect([beyond.statusCode, beyond.headers['retry-after']]).toEqual([503, '1']);
  expect(beyond.headers['content-type']).toContain('application/problem+json');
  expect(beyond.json()).toMatchObject({ code: 'overloaded' });
  const pixel = await app.inject({ url: `/pixel/v1/track?writeKey=${writeKey}&event=x&userId=u` });
  expect([pixel.statusCode, pixel.headers['content-type'], Number(pixel.headers['retry-after']) > 0]).toEqual([
    503,
    'image/gif',
    true,
  ]);
  expect([waiting.length, answered], 'no 200 before the write has come back').toEqual([21, 0]);
});

test('G4: while the engine is away every form of call is told to come back, an image too: 200 means that it is on disk', async () => {
  const { app, writeKey } = await houseOn(away);
  const item = { writeKey, type: 'track', event: 'x', userId: 'u' };
  const data = Buffer.from(JSON.stringify(item)).toString('base64url');
  const answers = await Promise.all([
    app.inject({ method: 'POST', url: '/v1/track', payload: item, headers: { origin: 'https://shop.example' } }),
    app.inject({ method: 'POST', url: '/v1/batch', payload: { writeKey, batch: [item] } }),
    app.inject({ method: 'POST', url: '/beacon/v1/batch', query: { writeKey }, payload: { batch: [item] } }),
    app.inject({ url: `/v1/pixel/track?data=${data}` }),
  ]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 503, 503, 503]);
  expect(answers.map(({ headers }) => Number(headers['retry-after']) > 0)).toEqual([true, true, true, true]);
  expect(answers[0]?.json()).toMatchObject({ code: 'storage-unavailable' });
  expect(answers[0]?.headers).toMatchObject({
    'access-control-allow-origin': 'https://shop.example',
    'access-control-expose-headers': 'Retry-After',
  });
  expect(answers[3]?.headers['content-type']).toBe('image/gif');
});

test('a pixel that is refused is a pixel all the same: a page can do nothing about it', async () => {
  const { app, writeKey } = await houseOn(createMemoryAppendStore(new MemoryDatabase(), () => NOW));
  for (const query of ['data=%7B', `writeKey=${writeKey}&event=x`, 'writeKey=nobody&event=x&userId=u']) {
    const { statusCode, headers } = await app.inject({ url: `/pixel/v1/track?${query}` });
    expect([statusCode, headers['content-type']]).toEqual([200, 'image/gif']);
  }
});
