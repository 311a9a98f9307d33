import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { namesOf } from './testing/capture.ts';
import { type ClientHouse, openClientHouse, someone } from './testing/client-house.ts';
import { send } from './testing/raw-request.ts';

// Rules of the wire (wire.md 4.1 to 4.4) that no client in these tests happens to need.

const SHOP = 'https://www.boutique.example';
const PURPOSE = 'profiling';
const LETTERS = ['i', 't', 'p', 's', 'g', 'a', 'b', 'batch', 'identify', 'track', 'page', 'screen', 'group', 'alias'];

let house: ClientHouse;

beforeAll(async () => {
  house = await openClientHouse([
    { id: 'web', kind: 'web' },
    { id: 'server', kind: 'server' },
    { id: 'off', kind: 'web', enabled: false },
  ]);
});
afterAll(() => house.close());

async function aUser(): Promise<string> {
  const userId = someone('user');
  await house.decide({ userId }, [PURPOSE]);
  return userId;
}

const track = (userId: string) => ({ type: 'track', event: 'Product Viewed', userId, messageId: someone('m') });
const get = (path: string): Promise<Response> => fetch(house.url + path, { redirect: 'manual' });

describe('what a page’s browser asks before it lets a client send', () => {
  test.each([
    ['/v1/t', 'authorization,content-type,x-retry-count'],
    ['/v1/batch', 'anonymousid,authorization,content-type,sentat,rsa-retry-attempt'],
    ['/sourceConfig/', 'authorization'],
    ['/v1/consents', 'content-type,x-write-key'],
    ['/api/s/track', 'content-type,x-write-key'],
  ])('OPTIONS %s for %s: 204, each header by name, the origin, and for how long', async (path, asked) => {
    const answer = await fetch(house.url + path, {
      method: 'OPTIONS',
      headers: { origin: SHOP, 'access-control-request-method': 'POST', 'access-control-request-headers': asked },
    });
    const of = (name: string): string => answer.headers.get(`access-control-${name}`) ?? '';
    expect([answer.status, of('allow-origin'), of('allow-methods')]).toEqual([204, SHOP, 'GET, POST, OPTIONS']);
    expect(of('allow-headers').split(', ')).toEqual(asked.split(','));
    expect(Number(of('max-age'))).toBeGreaterThanOrEqual(600);
    expect(answer.headers.has('access-control-allow-credentials'), 'no cookie is ever read').toBe(false);
  });

  test('a header that no client needs is not allowed', async () => {
    const headers = { origin: SHOP, 'access-control-request-headers': 'cookie, x-admin, authorization' };
    const answer = await fetch(`${house.url}/v1/t`, { method: 'OPTIONS', headers });
    expect(answer.headers.get('access-control-allow-headers')).toBe('authorization');
  });
});

describe('addresses', () => {
  test('each call by name and letter, with /v1 and without, with a slash behind and without: 200, never a redirect', async () => {
    const userId = await aUser();
    const item = { ...track(userId), previousId: someone('user'), groupId: 'g', batch: [] };
    const paths = LETTERS.flatMap((word) => [`/v1/${word}`, `/${word}`, `/v1/${word}/`]);
    const answers = await Promise.all(paths.map((path) => send(house, 'server', path, { ...item, messageId: someone('m') })));
    expect(answers.map(({ status }, at) => `${paths[at]} ${status}`)).toEqual(paths.map((path) => `${path} 200`));
  }); // biome-ignore format: one line a step

  test('Segment’s telemetry about itself is answered and never read', async () => {
    const before = await house.flowOf('web');
    for (const path of ['/v1/m', '/m']) {
      const answer = await fetch(house.url + path, { method: 'POST', body: '{"series":[' });
      expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    }
    expect(await house.flowOf('web')).toEqual(before);
  });

  test('RudderStack’s /health, /version and /robots.txt', async () => {
    expect(await (await get('/health')).json()).toEqual({ server: 'UP' });
    expect(await (await get('/version')).json()).toEqual({ Version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(await (await get('/robots.txt')).text()).toBe('User-agent: *\nDisallow: /\n');
  });
});

describe('credentials', () => {
  test('Dittofeed’s header as people give it: the key itself after Basic', async () => {
    const userId = await aUser();
    const answer = await fetch(`${house.url}/api/public/apps/track`, {
      method: 'POST',
      headers: { authorization: `Basic ${house.keyOf('server')}` },
      body: JSON.stringify(track(userId)),
    });
    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    expect(namesOf(await house.timeline({ userId }, PURPOSE))).toEqual(['Product Viewed']);
  });

  test('a key that stands twice in the address is refused, wherever it is read: two readers would believe two keys', async () => {
    const twice = `writeKey=${house.keyOf('web')}&writeKey=other`;
    const answers = await Promise.all([
      get(`/sourceConfig/?${twice}`),
      get(`/v1/consents?${twice}&anonymousId=a`),
      fetch(`${house.url}/beacon/v1/batch?${twice}`, { method: 'POST', body: '{"batch":[]}' }),
    ]);
    expect(await Promise.all(answers.map(async (one) => ((await one.json()) as { code: string }).code))).toEqual(
      answers.map(() => 'duplicate-key'),
    );
  });

  test('the settings of a key that nobody knows are a problem, which the page can read', async () => {
    for (const path of [
      '/v1/projects/nobody/settings',
      '/projects/nobody/settings',
      '/sourceConfig/?writeKey=nobody',
    ]) {
      const answer = await fetch(house.url + path, { headers: { origin: SHOP } });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([401, 'write-key-unknown']);
      expect(answer.headers.get('access-control-allow-origin')).toBe(SHOP);
    }
  });
});

test('a source that is switched off is 404, its image a pixel; RudderStack’s clients are told; a decision is heard', async () => {
  const key = house.keyOf('off');
  expect(await send(house, 'off', '/v1/track', track('u'))).toMatchObject({
    status: 404,
    json: { code: 'source-disabled' },
  });
  expect((await get(`/v1/projects/${key}/settings`)).status).toBe(404);
  expect(await (await get(`/sourceConfig/?writeKey=${key}`)).json()).toMatchObject({ source: { enabled: false } });
  expect((await get(`/pixel/v1/track?writeKey=${key}&userId=u&event=x`)).status).toBe(200);
  const anonymousId = someone('visitor');
  await house.decide({ anonymousId }, ['audience_measurement'], { key, daysAgo: 1 });
  expect(await house.statusesOf(anonymousId)).toMatchObject({ audience_measurement: 'given' });
  expect(await house.flowOf('off')).toMatchObject({ accepted: 0, withheld: 0 });
});

describe('RudderStack’s merge and webhook', () => {
  test('S11: a merge by a server key joins a user and a card; by a web key it joins nobody', async () => {
    const [one, two] = [await aUser(), await aUser()];
    const loyaltyCard = someone('card');
    for (const userId of [one, two]) await send(house, 'server', '/v1/track', track(userId));
    const merge = (source: string, userId: string) =>
      send(house, source, '/v1/merge', {
        messageId: someone('m'),
        mergeProperties: [
          { type: 'userId', value: userId },
          { type: 'loyaltyCard', value: loyaltyCard },
        ],
      });
    expect((await merge('server', one)).status).toBe(200);
    expect((await merge('web', two)).status).toBe(200);
    expect(await house.personOf({ loyaltyCard }, PURPOSE)).toBe(await house.personOf({ userId: one }, PURPOSE));
    expect(await house.personOf({ userId: two }, PURPOSE)).not.toBe(await house.personOf({ userId: one }, PURPOSE));
    expect(await send(house, 'server', '/v1/merge', { mergeProperties: [] })).toMatchObject({
      status: 400,
      json: { code: 'field-wrong-type', pointer: '/mergeProperties' },
    });
  });

  test('a webhook by POST and GET is an event of whom it names, and withheld without a consent', async () => {
    const before = await house.flowOf('server');
    const [userId, stranger] = [await aUser(), someone('user')];
    const key = house.keyOf('server');
    const payload = { kind: 'invoice.paid', amount: 12 };
    for (const who of [userId, stranger]) {
      const body = JSON.stringify({ ...payload, userId: who });
      const posted = await fetch(`${house.url}/v1/webhook?writeKey=${key}`, { method: 'POST', body });
      expect([posted.status, await posted.text()]).toEqual([200, 'ok']);
    }
    expect(await (await get(`/v1/webhook?writeKey=${key}&userId=${userId}&kind=late`)).text()).toBe('ok');
    const names = namesOf(await house.timeline({ userId }, PURPOSE));
    expect(names).toEqual(['webhook_source_event', 'webhook_source_event']);
    expect((await house.flowOf('server')).withheld - before.withheld).toBe(1);
  });
});
