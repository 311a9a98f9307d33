import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { type Instant, instant } from '@filrouge/domain/base';
import type { SourceId } from '@filrouge/domain/deployment';
import { createDoor, type Door, type Submission } from '@filrouge/pipeline';
import { createMemoryAccessStore, createMemoryAppendStore, createMemoryVault, MemoryDatabase } from '@filrouge/ports';
import { IMPORT_SOURCE_HEADER } from '@filrouge/wire';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { uuidv7 } from 'uuidv7';
import { beforeEach, expect, test } from 'vitest';
import { IdentityTokens } from '../access/identity-tokens.ts';
import { KeyQuota } from '../access/key-quota.ts';
import { PersonQuota } from '../access/person-quota.ts';
import { secretId } from '../access/secret-text.ts';
import { SourceKeys } from '../access/source-keys.ts';
import { buildDeployment } from '../config/build-deployment.ts';
import { createApp } from '../http/create-app.ts';
import { registerCollectRoutes } from './collect-routes.ts';
import { registerImportConsentsRoute } from './import-consents-route.ts';

const NOW: Instant = instant(Date.UTC(2026, 10, 21, 12));
const deployment = buildDeployment(
  {
    brands: [{ id: 'maison', name: 'Maison' }],
    properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
    sources: [
      { id: 'slow', brand: 'maison', property: 'site', kind: 'web', quotaPerSecond: 1 },
      { id: 'shy', brand: 'maison', property: 'site', kind: 'web', personQuotaPerSecond: 0.01 },
      { id: 'web', brand: 'maison', property: 'site', kind: 'web' },
      { id: 'server', brand: 'maison', property: 'site', kind: 'server' },
      { id: 'tills', brand: 'maison', property: 'site', kind: 'store', personQuotaPerSecond: 0.01 },
    ],
  },
  'collect-routes',
);

let app: FastifyInstance;
let submitted: Submission[];
let keys: SourceKeys;
const keyOf = new Map<string, string>();

beforeEach(async () => {
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
  keys = new SourceKeys(createMemoryAccessStore(database), deployment, now);
  const identityTokens = new IdentityTokens(deployment);
  const service = {
    door,
    keys,
    quota: new KeyQuota(),
    persons: new PersonQuota(),
    identityTokens,
    now,
    publicUrl: () => '',
  };
  app = createApp({ logger: pino({ level: 'silent' }), isEngineFault: () => false });
  registerCollectRoutes(app, service);
  registerImportConsentsRoute(app, { ...service, deployment });
  for (const id of deployment.sources.keys()) keyOf.set(id, await keys.create(id));
});

const post = (source: string, url: string, payload: object, headers: Readonly<Record<string, string>> = {}) =>
  app.inject({ method: 'POST', url, payload, headers: { 'x-write-key': keyOf.get(source) ?? source, ...headers } });

test.each(['/v1/import', '/v1/import/consents'])('%s: a key of another source than the one named brings nothing', async (path) => {
  const batch = [{ type: 'track', event: 'A', userId: 'ada', messageId: '1' }];
  const wrong = await post('tills', path, { batch }, { [IMPORT_SOURCE_HEADER]: 'server' });
  expect([wrong.statusCode, wrong.json()]).toEqual([
    403,
    expect.objectContaining({ code: 'key-of-other-source', detail: 'This key is of tills, not of server.' }),
  ]);
  expect(submitted).toEqual([]);
  for (const headers of [{ [IMPORT_SOURCE_HEADER]: 'tills' }, {}]) {
    expect((await post('tills', path, { batch }, headers)).body).not.toContain('key-of-other-source');
  }
  expect(submitted).toHaveLength(2);
}); // biome-ignore format: one path a row

test('the id of a key in the place of the key is told as that', async () => {
  const answer = await post(secretId(keyOf.get('web') ?? ''), '/v1/track', { event: 'A', userId: 'ada' });
  expect([answer.statusCode, answer.json().code]).toEqual([401, 'write-key-unknown']);
  expect(answer.json().detail).toMatch(/^This is the id of a key\. .*shown once.*filrouge key create/);
});

const order = {
  event: 'Order Completed',
  anonymousId: 'a',
  properties: { order_id: '1', currency: 'EUR', total: 12.5 },
};

test('of a file it is told what became of its rows; a client of the same path hears the ok of its dialect', async () => {
  const batch = [{ ...order, type: 'track', messageId: 'o1' }];
  const ofFile = { [IMPORT_SOURCE_HEADER]: 'server' };
  const outcome = { new: 0, duplicates: 0, withheld: 0, quarantined: 0 };
  const first = await post('server', '/v1/import', { batch }, ofFile);
  expect(first.json()).toMatchObject({ outcome: { ...outcome, new: 1 } });
  const again = await post('server', '/v1/import', { batch }, ofFile);
  expect(again.json()).toMatchObject({ outcome: { ...outcome, duplicates: 1 } });
  const other = [{ ...order, type: 'track', messageId: 'o1', userId: 'ada' }];
  expect((await post('server', '/v1/import', { batch: other }, ofFile)).json()).toMatchObject({
    outcome: { ...outcome, quarantined: 1 },
  });
  expect((await post('server', '/v1/import', { batch })).body).toBe('ok');
});

test('a sale that a web key states is a plain event, and the answer says so', async () => {
  const batch = [
    { type: 'page', anonymousId: 'a' },
    { ...order, type: 'track' },
  ];
  const answer = await post('web', '/v1/batch', { batch });
  expect(answer.json()).toMatchObject({ success: true, warnings: [{ index: 1, code: 'sale-not-trusted' }] });
  expect((await post('server', '/v1/batch', { batch })).json()).toEqual({ success: true });
});

test('an order that cannot be read as one is a plain event, and the answer says so', async () => {
  const answer = await post('server', '/v1/track', { ...order, properties: { order_id: '1', total: 12.5 } });
  expect(answer.json()).toMatchObject({ success: true, warnings: [{ index: 0, code: 'receipt-incomplete' }] });
});

test.each([600_000, 2_000_000])('a body of %d bytes is refused with the limit', async (bytes) => {
  const answer = await post('server', '/v1/track', { ...order, filler: 'x'.repeat(bytes) });
  expect([answer.statusCode, answer.json().detail]).toEqual([413, 'at most 512000 bytes, uncompressed']);
});

test('G18: the flood of one key does not touch another key of its own source', async () => {
  const burst = { batch: Array.from({ length: 10 }, () => ({ type: 'track', event: 'A', anonymousId: 'a' })) };
  const other = await keys.create('slow' as SourceId);
  expect((await post('slow', '/v1/batch', burst)).statusCode).toBe(200);
  expect((await post('slow', '/v1/batch', burst)).statusCode).toBe(429);
  expect((await post(other, '/v1/batch', burst)).statusCode).toBe(200);
});

test('G18: a key that has nothing left is told so before its body comes, and its connection goes on', async () => {
  const burst = { batch: Array.from({ length: 10 }, () => ({ type: 'track', event: 'A', anonymousId: 'a' })) };
  expect((await post('slow', '/v1/batch', burst)).statusCode).toBe(200);
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const body = Buffer.alloc(300_000, 'x');
  const headers = { 'x-write-key': keyOf.get('slow'), 'content-length': body.length, origin: 'https://site.example' };
  const sockets = new Set<unknown>();
  for (let n = 0; n < 3; n += 1) {
    const asked = request({ host: '127.0.0.1', port, method: 'POST', path: '/v1/batch', agent, headers });
    asked.flushHeaders();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '1']);
    expect(answer.headers['access-control-allow-origin'], 'a page can read it').toBe('https://site.example');
    expect(await json(answer)).toMatchObject({ code: 'quota-exceeded' });
    asked.end(body);
    await once(asked, 'close');
    sockets.add(asked.socket);
  }
  expect(sockets.size).toBe(1);
  agent.destroy();
  await app.close();
});

const page = (anonymousId: string, n: number) => ({ type: 'page', anonymousId, messageId: `${anonymousId} ${n}` });
const pages = (anonymousId: string, count: number) => Array.from({ length: count }, (_, n) => page(anonymousId, n));

test('G18: a person beyond their quota is refused item by item, with when to come again; the others of the batch are in', async () => {
  const mixed = await post('shy', '/v1/batch', { batch: [...pages('bot', 7), page('ada', 0)] });
  expect([mixed.statusCode, mixed.headers['retry-after']]).toEqual([200, '100']);
  const { rejected } = mixed.json();
  expect(rejected.map(({ index, code }: { index: number; code: string }) => [index, code])).toEqual([
    [5, 'person-quota-exceeded'],
    [6, 'person-quota-exceeded'],
  ]);
  expect(submitted[0]?.items.map(({ messageId }) => messageId)).toEqual(
    [...pages('bot', 5), page('ada', 0)].map(({ messageId }) => messageId),
  );
  expect([...(submitted[0]?.refused ?? [])], 'and counted').toEqual([['person-quota-exceeded', 2]]);
  const alone = await post('shy', '/v1/page', page('bot', 8));
  expect([alone.statusCode, alone.headers['retry-after'], alone.json().code]).toEqual([
    429,
    '100',
    'person-quota-exceeded',
  ]);
  expect((await post('web', '/v1/page', page('bot', 8))).statusCode, 'by another key').toBe(200);
  expect((await post('shy', '/v1/page', page('ada', 1))).statusCode).toBe(200);
});

test('G18: a file is not held to the pace of a life', async () => {
  const batch = Array.from({ length: 1_500 }, (_, n) => ({ ...page('guest', n), event: 'A', type: 'track' }));
  const ofFile = { [IMPORT_SOURCE_HEADER]: 'tills' };
  expect((await post('tills', '/v1/import', { batch }, ofFile)).json().rejected).toBeUndefined();
  expect(submitted[0]?.items).toHaveLength(1_500);
});

test('G18: a no of the browser is heard of what a limit refuses, that of the person and that of the key', async () => {
  const signal = { 'sec-gpc': '1' };
  await post('shy', '/v1/batch', { batch: pages('bot', 5) });
  expect((await post('shy', '/v1/page', page('bot', 6), signal)).statusCode).toBe(429);
  expect(submitted.at(-1)).toMatchObject({
    items: [],
    overheard: [{ messageId: 'bot 6' }],
    globalPrivacyControl: true,
  });
  await post('slow', '/v1/batch', { batch: pages('a', 10) });
  expect((await post('slow', '/v1/page', page('a', 11), signal)).statusCode).toBe(429);
  expect(submitted.at(-1)).toMatchObject({ items: [], overheard: [{ messageId: 'a 11' }] });
  const heard = submitted.length;
  expect((await post('slow', '/v1/page', page('a', 12))).statusCode).toBe(429);
  expect(submitted.length, 'without a no nothing reaches the door').toBe(heard);
});
