import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventsOf, idsOf, namesOf } from './testing/capture.ts';
import { type ClientHouse, consentBody, DAY_MS, HOUR_MS, openClientHouse, someone } from './testing/client-house.ts';
import { send } from './testing/raw-request.ts';

const SHOP = 'https://www.boutique.example';
const PROFILING = 'profiling';
const MEASURING = 'audience_measurement';

let house: ClientHouse;

beforeAll(async () => {
  house = await openClientHouse([
    { id: 'web', kind: 'web' },
    { id: 'app', kind: 'app' },
    { id: 'tracks', kind: 'web', allowedKinds: ['track'] },
    { id: 'shop', kind: 'web', allowedOrigins: [SHOP] },
    { id: 'slow', kind: 'web', quotaPerSecond: 1 },
    { id: 'server', kind: 'server' },
  ]);
});
afterAll(() => house.close());
afterEach(() => vi.useRealTimers());

const track = (more: object = {}) => ({ type: 'track', event: 'Product Viewed', messageId: someone('m'), ...more });

/** A user who agreed to profiling. */
async function aUser(): Promise<string> {
  const userId = someone('user');
  await house.decide({ userId }, [PROFILING]);
  return userId;
}

/** A visitor who agreed to be measured. */
async function aVisitor(source = 'web'): Promise<string> {
  const anonymousId = someone('visitor');
  await house.decide({ anonymousId }, [MEASURING], { key: house.keyOf(source), daysAgo: 5 });
  return anonymousId;
}

describe('what a key may do', () => {
  test('only the types of its source: the others are refused one by one, and alone with 403', async () => {
    const anonymousId = await aVisitor('tracks');
    const mixed = await send(house, 'tracks', '/v1/batch', {
      batch: [track({ anonymousId }), { type: 'page', anonymousId }],
    });
    expect(mixed).toMatchObject({
      status: 200,
      json: { rejected: [{ index: 1, code: 'type-not-allowed', pointer: '/type' }] },
    });
    const alone = await send(house, 'tracks', '/v1/page', { anonymousId });
    expect(alone).toMatchObject({ status: 403, json: { code: 'type-not-allowed' } });
    expect(namesOf(await house.timeline({ anonymousId }, MEASURING))).toEqual(['Product Viewed']);
  });

  test('only from the origins of its source, and the refusal can be read by the page', async () => {
    const anonymousId = await aVisitor('shop');
    const foreign = await send(house, 'shop', '/v1/track', track({ anonymousId }), { origin: 'https://other.example' });
    expect(foreign).toMatchObject({ status: 403, json: { code: 'origin-not-allowed', title: expect.any(String) } });
    expect(foreign.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(foreign.headers.get('access-control-allow-origin')).toBe('https://other.example');
    const consent = await send(
      house,
      'shop',
      '/v1/consents',
      consentBody({ anonymousId }, [MEASURING], { daysAgo: 1 }),
      { origin: 'https://other.example' },
    );
    expect(consent).toMatchObject({ status: 403, json: { code: 'origin-not-allowed' } });
    expect((await send(house, 'shop', '/v1/track', track({ anonymousId }), { origin: SHOP })).status).toBe(200);
    expect(namesOf(await house.timeline({ anonymousId }, MEASURING))).toHaveLength(1);
  });

  test('G18: as much as its quota; then 429 with the seconds to wait, and the other keys notice nothing', async () => {
    const burst = { batch: Array.from({ length: 10 }, () => track({ anonymousId: 'a' })) };
    expect((await send(house, 'slow', '/v1/batch', burst)).status).toBe(200);
    const tooFast = await send(house, 'slow', '/v1/track', track({ anonymousId: 'a' }), { origin: SHOP });
    expect(tooFast).toMatchObject({ status: 429, json: { code: 'quota-exceeded' } });
    expect(Number(tooFast.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(tooFast.headers.get('access-control-expose-headers')).toBe('Retry-After');
    const image = await fetch(`${house.url}/pixel/v1/track?writeKey=${house.keyOf('slow')}&anonymousId=a&event=x`);
    expect([image.status, image.headers.get('content-type')], 'an image that is not taken says so').toEqual([
      429,
      'image/gif',
    ]);
    expect(Number(image.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await send(house, 'web', '/v1/track', track({ anonymousId: 'a' }))).status).toBe(200);
  });

  test('a React Native client sends its key in the body alone, to a path without version', async () => {
    const writeKey = house.keyOf('app');
    const settings = await fetch(`${house.url}/projects/${writeKey}/settings`, {
      headers: { 'cache-control': 'no-cache' },
    });
    expect(await settings.json()).toMatchObject({ integrations: { 'Segment.io': { apiKey: writeKey } } });
    const anonymousId = await aVisitor();
    const body = JSON.stringify({ batch: [track({ anonymousId })], sentAt: new Date().toISOString(), writeKey });
    const headers = { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'okhttp/4.12.0' };
    expect((await fetch(`${house.url}/b`, { method: 'POST', headers, body })).status).toBe(200);
    expect(namesOf(await house.timeline({ anonymousId }, MEASURING))).toEqual(['Product Viewed']);
  });

  test('an unknown key and none at all are told apart', async () => {
    const unknown = await fetch(`${house.url}/v1/track`, {
      method: 'POST',
      body: JSON.stringify(track({ writeKey: 'nobody' })),
    });
    expect([unknown.status, ((await unknown.json()) as { code: string }).code]).toEqual([401, 'write-key-unknown']);
    const none = await fetch(`${house.url}/v1/track`, { method: 'POST', body: JSON.stringify(track()) });
    expect([none.status, ((await none.json()) as { code: string }).code]).toEqual([401, 'write-key-missing']);
  });
});

describe('what a web key may not do', () => {
  test('write a decision that a shop has witnessed', async () => {
    const body = consentBody({ anonymousId: someone('visitor') }, [MEASURING], { channel: 'store', daysAgo: 1 });
    const answer = await send(house, 'web', '/v1/consents', body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.json).toMatchObject({ code: 'channel-not-allowed', pointer: '/channel' });
  });

  test('S11: join two known persons, by a common e-mail or by alias; a server key may join a card to its user', async () => {
    const [one, two] = [await aUser(), await aUser()];
    const email = `${someone('zoe')}@example.com`;
    const anonymousId = await aVisitor();
    for (const [type, item] of [
      ['identify', { userId: one, anonymousId, traits: { email } }],
      ['identify', { userId: two, anonymousId, traits: { email } }],
      ['alias', { userId: two, previousId: one, anonymousId }],
    ] as const) {
      expect((await send(house, 'web', `/v1/${type}`, { ...item, messageId: someone('m') })).status).toBe(200);
    }
    const loyaltyCard = someone('card');
    for (const userId of [one, two]) await send(house, 'server', '/v1/track', track({ userId }));
    await send(house, 'server', '/v1/identify', { userId: one, messageId: someone('m'), traits: { loyaltyCard } });
    const ids = await Promise.all([one, two].map((userId) => house.personOf({ userId }, PROFILING)));
    expect(new Set(ids).size).toBe(2);
    expect(await house.personOf({ loyaltyCard }, PROFILING)).toBe(ids[0]);
  });

  test('state a sale: a forged order is a track event without receipt, a native one is refused', async () => {
    const anonymousId = await aVisitor();
    const order = {
      order_id: someone('order'),
      total: 1_000_000,
      currency: 'EUR',
      products: [{ sku: 'A', price: 1_000_000, quantity: 1 }],
    };
    await send(house, 'web', '/v1/track', track({ event: 'Order Completed', anonymousId, properties: order }));
    const [event] = eventsOf(await house.timeline({ anonymousId }, MEASURING));
    expect(event).toMatchObject({ type: 'track', name: 'Order Completed' });
    expect(event?.receipt).toBeUndefined();

    const native = {
      type: 'order',
      anonymousId,
      receipt: { type: 'sale', number: '1', currency: 'EUR', amountMinor: 1, lines: [] },
    };
    expect(await send(house, 'web', '/v1/batch', { batch: [native] })).toMatchObject({
      status: 403,
      json: { code: 'type-not-allowed' },
    });

    const userId = await aUser();
    await send(
      house,
      'server',
      '/v1/track',
      track({ event: 'Order Completed', userId, properties: { ...order, total: 10, products: [] } }),
    );
    const [real] = eventsOf(await house.timeline({ userId }, PROFILING));
    expect(real).toMatchObject({ type: 'order', receipt: { amountMinor: 1_000 } });
  });
});

describe('bodies', () => {
  test.each([
    ['empty', '', 400, 'body-empty'],
    ['cut off', '{"event":"x"', 400, 'json-malformed'],
    ['no object', '[1,2]', 400, 'item-not-an-object'],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'body-not-utf8'],
    ['a key twice', '{"event":"x","userId":"u","event":"y"}', 400, 'duplicate-key'],
    [
      '33 levels',
      `{"event":"x","userId":"u","properties":${'{"a":'.repeat(32)}1${'}'.repeat(32)}}`,
      400,
      'depth-exceeded',
    ],
    [
      'an item of 33 KB',
      JSON.stringify({ event: 'x', userId: 'u', properties: { a: 'b'.repeat(33_000) } }),
      413,
      'item-too-large',
    ],
    [
      '600 KB',
      JSON.stringify({ event: 'x', userId: 'u', properties: { a: 'b'.repeat(600_000) } }),
      413,
      'body-too-large',
    ],
    ['2 MB', 'x'.repeat(2_000_000), 413, 'body-too-large'],
  ])('%s', async (_, body, status, code) => {
    expect(await send(house, 'server', '/v1/track', body)).toMatchObject({
      status,
      json: { code, title: expect.any(String), message: expect.any(String) },
    });
  });

  test('1,001 keys cost their item alone', async () => {
    const userId = await aUser();
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`k${at}`, 1]));
    const answer = await send(house, 'server', '/v1/batch', {
      batch: [track({ userId, properties: many }), track({ userId })],
    });
    expect(answer).toMatchObject({ status: 200, json: { rejected: [{ index: 0, code: 'keys-exceeded' }] } });
  });

  test('of 2,501 items the last is refused by count', async () => {
    const batch = Array.from({ length: 2_501 }, () => ({ type: 'track', event: 'x', userId: 'u' }));
    const answer = await send(house, 'server', '/v1/batch', { batch });
    expect(answer).toMatchObject({
      status: 200,
      json: { rejected: [{ index: 2_500, count: 1, code: 'too-many-items' }] },
    });
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('packed as %s are read', async (encoding, pack) => {
    const userId = await aUser();
    const body = pack(JSON.stringify({ batch: [track({ userId })] }));
    expect((await send(house, 'server', '/v1/batch', body, { 'content-encoding': encoding })).status).toBe(200);
    expect(namesOf(await house.timeline({ userId }, PROFILING))).toEqual(['Product Viewed']);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ] as const)('a bomb of 64 MB packed as %s is 413, and costs no more than the limit', async (encoding, pack) => {
    const bomb = pack(Buffer.alloc(64 * 1024 * 1024, 0x20));
    const before = process.memoryUsage.rss();
    expect(await send(house, 'server', '/v1/batch', bomb, { 'content-encoding': encoding })).toMatchObject({
      status: 413,
      json: { code: 'body-too-large' },
    });
    expect(process.memoryUsage.rss() - before).toBeLessThan(48 * 1024 * 1024);
  });

  test.each([
    ['an encoding that nobody has', 'lzma', Buffer.from('{}')],
    ['one that JavaScript has for itself', 'constructor', Buffer.from('{}')],
    ['gzip that breaks off', 'gzip', gzipSync(JSON.stringify(track())).subarray(0, 40)],
  ])('%s is 400', async (_, encoding, body) => {
    expect(await send(house, 'server', '/v1/track', body, { 'content-encoding': encoding })).toMatchObject({
      status: 400,
      json: { code: 'encoding-unreadable' },
    });
  });

  test('S2: one bad item never costs the batch', async () => {
    const userId = await aUser();
    const batch = Array.from({ length: 100 }, (_, at) => track({ userId, properties: { at } }));
    const spoiled = JSON.stringify({ batch }).replace('"at":57', '"at":57,"at":58');
    const answer = await send(house, 'server', '/v1/batch', spoiled);
    expect(answer.status).toBe(200);
    expect(answer.json.rejected).toMatchObject([{ index: 57, code: 'duplicate-key', pointer: '/properties/at' }]);
    const kept = batch.filter((_, at) => at !== 57).map(({ messageId }) => messageId);
    expect(idsOf(await house.timeline({ userId }, PROFILING))).toEqual(kept.toSorted());
  });
});

describe('times and repetitions', () => {
  test('S4: a batch from a queue of thirty days, sent by a clock three hours slow, keeps its true times', async () => {
    const userId = await aUser();
    const [slow, age] = [3 * HOUR_MS, 30 * DAY_MS];
    const now = Date.now();
    const item = track({ userId, timestamp: new Date(now - slow - age).toISOString() });
    await send(house, 'server', '/v1/batch', { batch: [item], sentAt: new Date(now - slow).toISOString() });
    const [event] = eventsOf(await house.timeline({ userId }, PROFILING));
    expect(Math.abs(Date.parse(event?.at ?? '') - (now - age))).toBeLessThan(5_000);
  });

  test.each([
    ['with a time', new Date(Date.now() - HOUR_MS).toISOString()],
    ['without a time', undefined],
  ])('S16: an item %s that is sent again the next day is a duplicate', async (_, timestamp) => {
    const userId = await aUser();
    const item = track({ userId, ...(timestamp === undefined ? {} : { timestamp }) });
    const before = await house.flowOf('server');
    await send(house, 'server', '/v1/track', { ...item, sentAt: new Date().toISOString() });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 26 * HOUR_MS });
    await send(house, 'server', '/v1/track', { ...item, sentAt: new Date().toISOString() });
    vi.useRealTimers();
    const flow = await house.flowOf('server');
    expect([flow.accepted - before.accepted, flow.duplicates - before.duplicates]).toEqual([1, 1]);
    expect(idsOf(await house.timeline({ userId }, PROFILING))).toEqual([item.messageId]);
  });

  test('S16: an id that comes back with another body is quarantined, and the first stands', async () => {
    const userId = await aUser();
    const item = track({ userId, properties: { sku: 'first' } });
    for (const sku of ['first', 'second', 'first'])
      await send(house, 'server', '/v1/track', { ...item, properties: { sku } });
    expect(eventsOf(await house.timeline({ userId }, PROFILING))).toMatchObject([{ properties: { sku: 'first' } }]);
    expect(await house.quarantined()).toMatchObject([
      { source: 'server', name: 'Product Viewed', reason: 'message-id-reused' },
    ]);
  });
});
