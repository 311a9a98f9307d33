import { type Instant, instant } from '@filrouge/domain/base';
import type { SourceId } from '@filrouge/domain/deployment';
import { createDoor } from '@filrouge/pipeline';
import { type AppendStore, createMemoryAccessStore, createMemoryVault, MemoryDatabase } from '@filrouge/ports';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { IdentityTokens } from '../access/identity-tokens.ts';
import { KeyQuota } from '../access/key-quota.ts';
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

test('503 with Retry-After once 50,000 items wait for the disk: nothing is dropped silently', async () => {
  const deployment = buildDeployment(
    {
      brands: [{ id: 'maison', name: 'Maison' }],
      properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
      sources: [{ id: 'backend', brand: 'maison', property: 'site', kind: 'server' }],
    },
    'overload',
  );
  const vault = createMemoryVault();
  const door = createDoor({ store: stuck, vault, deployment, newId: () => '', isEngineFault: () => false });
  const now = (): Instant => NOW;
  const keys = new SourceKeys(createMemoryAccessStore(new MemoryDatabase()), deployment, now);
  const app = createApp({ logger: pino({ level: 'silent' }), isEngineFault: () => false });
  const identityTokens = new IdentityTokens(deployment);
  registerCollectRoutes(app, { door, keys, quota: new KeyQuota(), identityTokens, now, publicUrl: () => '' });
  const writeKey = await keys.create('backend' as SourceId);
  const batch = Array.from({ length: BATCH_ITEMS }, () => ({ type: 'track', event: 'x', userId: 'u' }));
  const payload = JSON.stringify({ writeKey, batch });
  const send = () => app.inject({ method: 'POST', url: '/v1/batch', payload });

  // The first batch is with the engine, the next twenty fill the queue; none of them is answered.
  const waiting = Array.from({ length: 21 }, send);
  await expect.poll(() => door.waiting, { timeout: 15_000 }).toBe(20 * BATCH_ITEMS);
  const beyond = await send();
  expect([beyond.statusCode, beyond.headers['retry-after']]).toEqual([503, '1']);
  expect(beyond.headers['content-type']).toContain('application/problem+json');
  expect(beyond.json()).toMatchObject({ code: 'overloaded' });
  expect(waiting).toHaveLength(21);
});
