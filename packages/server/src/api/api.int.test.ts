import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type ApiHouse, openApiHouse } from './testing/api-house.ts';

let house: ApiHouse;
beforeAll(async () => {
  house = await openApiHouse();
});
afterAll(() => house?.close());

const HOUR = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
let serial = 0;
function messageId(): string {
  serial += 1;
  return `message-${serial}`;
}

async function send(source: string, call: Record<string, unknown>): Promise<string> {
  const id = (call['messageId'] as string | undefined) ?? messageId();
  const answer = await house.post(source, '/v1/batch', { batch: [{ timestamp: ago(1_000), ...call, messageId: id }] });
  expect(answer, answer.text).toMatchObject({ status: 200, body: { success: true } });
  expect(answer.body.rejected).toBeUndefined();
  return id;
}

function decide(
  source: string,
  subject: Record<string, string>,
  status: string,
  purposes: readonly string[],
  more: Record<string, unknown> = {},
): Promise<Answer> {
  return house.post(source, '/v1/consents', {
    subject,
    brand: 'atelier',
    property: 'site',
    decisions: purposes.map((purpose) => ({ purpose, status })),
    notice: { id: 'banner', version: '1' },
    channel: 'web',
    indicatedAt: ago(status === 'given' ? HOUR : 0),
    indicatedBy: { kind: 'subject' },
    ...more,
  });
}

const profile = (subject: string, purpose: string, rest = '', token?: string): Promise<Answer> => {
  const [namespace, ...value] = subject.split(':');
  const address = `/api/profiles/${namespace}:${encodeURIComponent(value.join(':'))}`;
  const [path = '', query = ''] = rest.split('?');
  const asked = `${address}${path}?brand=atelier&purpose=${purpose}${query === '' ? '' : `&${query}`}`;
  return house.ask('GET', asked, token === undefined ? {} : { token });
};
const order = (number: string, total = 12.5): Record<string, unknown> => ({
  type: 'track',
  event: 'Order Completed',
  properties: {
    order_id: number,
    total,
    currency: 'EUR',
    products: [{ product_id: 'P1', sku: 'LAMP-1', name: 'Lamp', category: 'Home', price: total, quantity: 1 }],
  },
});
const flow = async (): Promise<Record<string, number> & { balanced: boolean }> =>
  (await house.ask('GET', '/api/flow')).body;

describe('S10, S13: a person by each identifier, for each purpose', () => {
  const KNOWN = {
    userId: 'anna',
    anonymousId: 'anna-laptop',
    email: 'Anna@Example.com',
    phone: '06 39 98 10 01',
    loyaltyCard: '2900 0001',
    deviceId: 'anna-phone',
    pushToken: 'anna-push',
  };
  let page = '';
  let bought = '';

  beforeAll(async () => {
    await decide('web', { anonymousId: 'anna-laptop' }, 'given', ['audience_measurement', 'store_measurement']);
    await decide('server', { userId: 'anna' }, 'given', ['profiling', 'email_marketing', 'store_measurement']);
    page = await send('web', {
      type: 'page',
      anonymousId: 'anna-laptop',
      name: 'Lamps',
      properties: { url: 'https://atelier.example/lamps?mail=anna@example.com', note: 'a private remark' },
    });
    bought = await send('server', { ...order('1001'), userId: 'anna' });
    await send('server', { type: 'identify', identifiers: KNOWN, traits: { firstName: 'Anna' } });
    await house.server.drain();
  });

  test('each namespace, and the person’s own id, finds the same person', async () => {
    const ids = new Set<string>();
    for (const subject of [
      'user_id:anna',
      'anonymous_id:anna-laptop',
      'email:anna@example.COM',
      'phone:+33639981001',
      'loyalty_card:2900 0001',
      'device_id:anna-phone',
      'push_token:anna-push',
    ]) {
      const answer = await profile(subject, 'profiling');
      expect(answer.status, `${subject} ${answer.text}`).toBe(200);
      ids.add(answer.body.id);
    }
    expect(ids.size).toBe(1);
    const [id] = ids;
    const own = await profile(`person:${id}`, 'profiling');
    expect(own.body).toMatchObject({ id, brand: 'atelier', purpose: 'profiling', allowedBy: { by: 'consent' } });
    expect(own.body.asOf.ledgerPosition).toBeGreaterThan(0);
    expect(own.headers.get('cache-control')).toBe('no-store');
    expect(own.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('traits are stated and computed, for the purpose that may see them', async () => {
    const { traits } = (await profile('user_id:anna', 'profiling', '/traits')).body;
    expect(traits.firstName).toMatchObject({ value: 'Anna', source: 'server' });
    expect(traits.purchase_count).toMatchObject({ value: 1, computed: true });
    expect(traits.total_spent.value).toEqual({ EUR: 1250 });
    expect((await profile('user_id:anna', 'order_fulfilment', '/traits')).body.traits).toEqual({});
  });

  test('identifiers are those that stand on the purpose themselves', async () => {
    const shown = async (purpose: string): Promise<readonly string[]> =>
      (await profile('user_id:anna', purpose, '/identifiers')).body.identifiers.map(
        ({ namespace, value }: { namespace: string; value: string }) => `${namespace}:${value}`,
      );
    expect(await shown('profiling')).toEqual(
      expect.arrayContaining(['user_id:anna', 'email:anna@example.com', 'phone:+33639981001']),
    );
    expect(await shown('audience_measurement')).toEqual(['anonymous_id:anna-laptop']);
  });

  test('S4: an event of the future is dated to its receipt, and says so in the answer and on the timeline', async () => {
    await decide('server', { userId: 'dated' }, 'given', ['profiling']);
    const batch = ['2199-01-01T00:00:00Z', ago(1_000)].map((timestamp) => ({
      type: 'track',
      event: 'Dated',
      userId: 'dated',
      messageId: messageId(),
      timestamp,
    }));
    const { body } = await house.post('server', '/v1/batch', { batch: [{ type: 'nonsense' }, ...batch] });
    expect(body).toMatchObject({ success: true, rejected: [{ index: 0 }] });
    expect(body.warnings).toEqual([{ index: 1, code: 'time-in-future', message: expect.stringContaining('receipt') }]);
    expect((await house.post('server', '/v1/track', { ...batch[1], messageId: messageId() })).body).toEqual({
      success: true,
    });
    await house.server.drain();
    const { items } = (await profile('user_id:dated', 'profiling', '/events')).body;
    const dated = items.find(({ id }: { id: string }) => id === batch[0]?.messageId);
    expect(dated).toMatchObject({ marks: ['time-in-future'], at: dated.receivedAt });
    const other = items.find(({ id }: { id: string }) => id === batch[1]?.messageId);
    expect(other).toMatchObject({ marks: [], at: batch[1]?.timestamp });
  });

  test('the timeline holds each event with its id, true time and properties, for the purposes that it serves', async () => {
    const measured = (await profile('user_id:anna', 'audience_measurement', '/events')).body;
    const visit = measured.items.find(({ id }: { id: string }) => id === page);
    expect(visit).toMatchObject({ type: 'page', name: 'Page Viewed', source: 'web', channel: 'web', property: 'site' });
    expect(visit.properties).toMatchObject({ note: 'a private remark' });
    expect(visit.purposes).toEqual(['audience_measurement', 'store_measurement']);
    expect(measured.items.map(({ id }: { id: string }) => id)).not.toContain(bought);

    const fulfilled = (await profile('email:anna@example.com', 'order_fulfilment', '/events')).body;
    expect(fulfilled.items).toHaveLength(1);
    expect(fulfilled.items[0]).toMatchObject({
      id: bought,
      type: 'order',
      receipt: { number: '1001', amountMinor: 1250 },
    });
    expect((await profile('user_id:anna', 'profiling', '/events?kind=order')).body.items).toHaveLength(1);
    expect((await profile('user_id:anna', 'profiling', '/events?kind=page')).body.items).toHaveLength(0);
  });

  test('pages of one event hold what one page of all holds', async () => {
    const all = (await profile('user_id:anna', 'rights', '/events')).body.items;
    const one: unknown[] = [];
    let cursor = '';
    for (let at = 0; at <= all.length && cursor !== null; at += 1) {
      const { body } = await profile(
        'user_id:anna',
        'rights',
        `/events?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      one.push(...body.items);
      cursor = body.next;
    }
    expect(all).toHaveLength(3);
    expect(one).toEqual(all);
  });

  test('consents: the state of each purpose and the decisions that led there', async () => {
    const { purposes, devices, history } = (await profile('user_id:anna', 'profiling', '/consents')).body;
    expect(purposes.profiling).toMatchObject({ status: 'given' });
    expect(purposes.advertising).toEqual({ status: 'unknown', basis: 'consent', allowed: false });
    expect(purposes.order_fulfilment).toEqual({ status: 'unknown', basis: 'contract', allowed: true });
    expect(devices.find(({ namespace }: { namespace: string }) => namespace === 'anonymous_id').purposes).toMatchObject(
      {
        audience_measurement: { status: 'given' },
      },
    );
    expect(history).toHaveLength(5);
    expect(history[0]).toMatchObject({ channel: 'web', notice: { id: 'banner', version: '1' } });
  });

  test('explain: each identifier with its evidence, and the device with its stay', async () => {
    const { identifiers, complete } = (await profile('user_id:anna', 'profiling', '/explain')).body;
    expect(complete).toBe(true);
    const email = identifiers.find(
      ({ identifier }: { identifier: { namespace: string } }) => identifier.namespace === 'email',
    );
    expect(email).toMatchObject({
      identifier: { value: 'anna@example.com' },
      standing: 'joined',
      why: [{ kind: 'link', verified: true, evidence: expect.any(String), source: 'server', sourceKind: 'server' }],
    });
    const laptop = identifiers.find(
      ({ identifier }: { identifier: { namespace: string } }) => identifier.namespace === 'anonymous_id',
    );
    const stay = laptop.why.at(-1);
    expect(stay).toMatchObject({ kind: 'stay', reason: expect.any(String) });
    expect(JSON.stringify(identifiers), 'no end is no date').not.toMatch(/"(1900|2299)-/);
    const { items } = (await profile('user_id:anna', 'profiling', '/events')).body;
    expect(items.map(({ eventId }: { eventId: string }) => eventId)).toContain(email.why[0].event);
  });
});

describe('what may not be seen', () => {
  beforeAll(async () => {
    await decide('server', { userId: 'bruno' }, 'refused', ['profiling', 'email_marketing']);
    await send('server', { ...order('2001'), userId: 'bruno' });
    await house.server.drain();
  });

  test('a refusal answers 403 for that purpose, and a contract shows what it needs', async () => {
    const refused = await profile('user_id:bruno', 'email_marketing');
    expect(refused).toMatchObject({ status: 403, body: { code: 'purpose-not-permitted', pointer: '/purpose' } });
    expect(refused.body).toMatchObject({ purpose: 'email_marketing', standing: 'refused' });
    expect(refused.body.detail).toBe('email_marketing: it was refused.');
    expect((await profile('user_id:bruno', 'sms_marketing')).body).toMatchObject({ standing: 'unknown' });
    const reader = await profile('user_id:bruno', 'email_marketing', '', await house.tokenFor(['profiles:read']));
    expect(reader).toMatchObject({ status: 403, body: { purpose: 'email_marketing' } });
    expect(reader.text).not.toContain('refused');
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect((await profile('user_id:bruno', 'order_fulfilment')).status).toBe(200);
    for (const part of ['/traits', '/identifiers', '/events', '/consents', '/explain']) {
      expect((await profile('user_id:bruno', 'profiling', part)).status, part).toBe(403);
    }
  });

  test('unknown persons, purposes, namespaces and parameters', async () => {
    expect(await profile('user_id:nobody-here', 'profiling')).toMatchObject({
      status: 404,
      body: { code: 'profile-not-found' },
    });
    expect(await profile(`person:per_${'0'.repeat(26)}`, 'profiling')).toMatchObject({ status: 404 });
    expect(await profile('user_id:bruno', 'curiosity')).toMatchObject({
      status: 400,
      body: { code: 'unknown-purpose' },
    });
    expect(await profile('name:bruno', 'profiling')).toMatchObject({ status: 400, body: { pointer: '/namespace' } });
    expect(await profile('email:no-address', 'profiling')).toMatchObject({ status: 400, body: { pointer: '/value' } });
    expect(await profile('user_id:bruno', 'profiling', '?limitt=3')).toMatchObject({
      status: 400,
      body: { code: 'parameter-unknown', pointer: '/limitt' },
    });
    expect(await profile('user_id:bruno', 'order_fulfilment', '/events?cursor=abc')).toMatchObject({
      status: 400,
      body: { code: 'cursor-unreadable' },
    });
    expect(await house.ask('GET', '/api/profiles/user_id:bruno?brand=atelier')).toMatchObject({
      status: 400,
      body: { code: 'purpose-missing', pointer: '/purpose' },
    });
    expect(await house.ask('GET', '/api/profiles/user_id:bruno?purpose=profiling')).toMatchObject({
      status: 400,
      body: { code: 'field-missing', pointer: '/brand' },
    });
  });

  test('tokens: none, an unknown one, one without the scope, one of another brand', async () => {
    const path = '/api/profiles/user_id:bruno?brand=atelier&purpose=order_fulfilment';
    expect(await house.ask('GET', path, { token: null })).toMatchObject({
      status: 401,
      body: { code: 'token-missing' },
    });
    expect(await house.ask('GET', path, { token: 'api_x' })).toMatchObject({
      status: 401,
      body: { code: 'token-unknown' },
    });
    const reports = await house.tokenFor(['reports:read']);
    expect(await house.ask('GET', path, { token: reports })).toMatchObject({
      status: 403,
      body: { code: 'scope-missing', detail: 'profiles:read' },
    });
    const other = await house.tokenFor(['profiles:read', 'flow:read', 'reports:read'], 'voisin');
    expect(await house.ask('GET', path, { token: other })).toMatchObject({
      status: 403,
      body: { code: 'brand-not-allowed' },
    });
    expect(
      await house.ask('GET', '/api/profiles/user_id:bruno?purpose=order_fulfilment', { token: other }),
    ).toMatchObject({
      status: 404,
    });
    expect(await house.ask('GET', '/api/reports/ropo?brand=atelier', { token: other })).toMatchObject({ status: 403 });
    expect((await house.ask('GET', '/api/flow', { token: other })).body.accepted).toBe(0);
  });

  test('rights: every row of the person, with the scope of its own', async () => {
    const reader = await house.tokenFor(['profiles:read']);
    expect(await profile('user_id:bruno', 'rights', '', reader)).toMatchObject({
      status: 403,
      body: { code: 'scope-missing', detail: 'rights:read' },
    });
    const answer = await profile('user_id:bruno', 'rights', '/events');
    expect(answer.body.allowedBy).toEqual({ by: 'legal-obligation' });
    expect(answer.body.items).toHaveLength(1);
    expect(answer.body.items[0].context).toBeDefined();
  });

  test('S2: what is withheld is nowhere but in a counter', async () => {
    const before = await flow();
    await send('web', { type: 'page', anonymousId: 'stranger', name: 'Home' });
    await house.server.drain();
    expect(await profile('anonymous_id:stranger', 'rights')).toMatchObject({ status: 404 });
    const after = await flow();
    expect(after['withheld']).toBe((before['withheld'] ?? 0) + 1);
    expect(after.balanced).toBe(true);
  });

  test('invariant 11: a web key writes no consent of a store', async () => {
    const forged = await decide('web', { anonymousId: 'forger' }, 'given', ['profiling'], { channel: 'store' });
    expect(forged).toMatchObject({ status: 403, body: { code: 'channel-not-allowed', pointer: '/channel' } });
  });
});

describe('S13: un-merge', () => {
  const kept = async (subject: string): Promise<readonly string[]> =>
    (await profile(subject, 'order_fulfilment', '/events')).body.items.map(({ id }: { id: string }) => id).sort();

  test('each gets back what it had, consents too, and taking it back makes them one again', async () => {
    const chloe = await send('server', { ...order('3001'), userId: 'chloe' });
    const shared = await send('server', { ...order('3002'), identifiers: { email: 'shared@example.com' } });
    await decide('server', { userId: 'chloe' }, 'given', ['email_marketing']);
    await decide('server', { email: 'shared@example.com' }, 'refused', ['email_marketing']);
    await house.server.drain();
    const [apart, other] = [
      await profile('user_id:chloe', 'order_fulfilment'),
      await profile('email:shared@example.com', 'order_fulfilment'),
    ];
    expect(apart.body.id).not.toBe(other.body.id);
    expect((await profile('user_id:chloe', 'email_marketing')).status).toBe(200);

    const joined = await send('server', {
      ...order('3003'),
      identifiers: { userId: 'chloe', email: 'shared@example.com' },
    });
    await house.server.drain();
    const one = [chloe, shared, joined].sort();
    expect(await kept('user_id:chloe')).toEqual(one);
    expect(await kept('email:shared@example.com')).toEqual(one);
    expect((await profile('user_id:chloe', 'email_marketing')).status).toBe(403);

    const separated = await house.ask('POST', '/api/separations', {
      body: {
        brand: 'atelier',
        a: { namespace: 'user_id', value: 'chloe' },
        b: { namespace: 'email', value: 'Shared@example.com' },
        reason: 'a family address',
      },
    });
    expect(separated, separated.text).toMatchObject({ status: 201, body: { stands: true, brand: 'atelier' } });
    expect(separated.body.persons).toEqual({ a: apart.body.id, b: other.body.id });
    expect(await kept('user_id:chloe')).toEqual([chloe, joined].sort());
    expect(await kept('email:shared@example.com')).toEqual([shared]);
    expect((await profile('user_id:chloe', 'email_marketing')).status).toBe(200);
    expect((await profile('email:shared@example.com', 'email_marketing')).status).toBe(403);
    const { notJoined } = (await profile('user_id:chloe', 'order_fulfilment', '/explain')).body;
    expect(notJoined[0]).toMatchObject({ reason: 'separated' });
    expect(JSON.stringify(notJoined)).not.toContain('shared@example.com');

    const undone = await house.ask('DELETE', `/api/separations/${separated.body.id}`);
    expect(undone, undone.text).toMatchObject({ status: 200, body: { stands: false } });
    expect(undone.body.persons.a).toBe(undone.body.persons.b);
    expect(await kept('email:shared@example.com')).toEqual(one);
    expect((await house.ask('DELETE', `/api/separations/${separated.body.id}`)).body.stands).toBe(false);
  });

  test('what cannot be taken apart', async () => {
    const ask = (a: object, b: object, token?: string): Promise<Answer> =>
      house.ask('POST', '/api/separations', {
        body: { brand: 'atelier', a, b, reason: 'test' },
        ...(token === undefined ? {} : { token }),
      });
    await send('server', { ...order('3101'), userId: 'anton' });
    await send('server', { ...order('3102'), userId: 'bruno' });
    await house.server.drain();
    const anton = { namespace: 'user_id', value: 'anton' };
    expect(await ask(anton, anton)).toMatchObject({ status: 400, body: { pointer: '/b' } });
    expect(await ask(anton, { namespace: 'email', value: 'unknown@example.com' })).toMatchObject({
      status: 404,
      body: { code: 'profile-not-found', pointer: '/b' },
    });
    expect(await ask(anton, { namespace: 'anonymous_id', value: 'x' })).toMatchObject({
      status: 400,
      body: { code: 'value-not-allowed', pointer: '/b/namespace' },
    });
    const reader = await house.tokenFor(['profiles:read']);
    expect(await ask(anton, anton, reader)).toMatchObject({ status: 403, body: { code: 'scope-missing' } });
    const elsewhere = await house.tokenFor(['identity:write'], 'voisin');
    expect(await ask(anton, { namespace: 'user_id', value: 'bruno' }, elsewhere)).toMatchObject({ status: 403 });
  });
});

describe('S2: quarantine', () => {
  const open = async (): Promise<readonly { id: string; reason: string }[]> =>
    (await house.ask('GET', '/api/quarantine?limit=100')).body.items;
  const heldFor = async (reason: string): Promise<string> => {
    const [entry] = (await open()).filter((each) => each.reason === reason);
    if (entry === undefined) throw new Error(`nothing is held for ${reason}`);
    return entry.id;
  };
  const expectBalance = async (): Promise<void> => {
    await house.server.drain();
    expect(await flow()).toMatchObject({ balanced: true, pending: 0 });
  };

  test('an entry is read, let in as it is, and stands on the timeline with its id and time', async () => {
    const at = ago(500 * 24 * HOUR);
    const id = await send('server', { ...order('4001'), userId: 'denis', timestamp: at });
    await expectBalance();
    expect(await profile('user_id:denis', 'order_fulfilment')).toMatchObject({ status: 404 });
    const entry = await heldFor('too-old');
    const read = await house.ask('GET', `/api/quarantine/${entry}`);
    expect(read.body.item).toMatchObject({
      type: 'order',
      messageId: id,
      timestamp: at,
      identifiers: { userId: 'denis' },
    });
    const reader = await house.tokenFor(['quarantine:read']);
    expect(await house.ask('POST', `/api/quarantine/${entry}/replay`, { token: reader })).toMatchObject({
      status: 403,
    });

    const replayed = await house.ask('POST', `/api/quarantine/${entry}/replay`);
    expect(replayed, replayed.text).toMatchObject({ status: 200, body: { outcome: { kind: 'pending' } } });
    await expectBalance();
    const { items } = (await profile('user_id:denis', 'order_fulfilment', '/events')).body;
    expect(items).toMatchObject([{ id, at }]);
    expect(await house.ask('POST', `/api/quarantine/${entry}/replay`)).toMatchObject({
      status: 409,
      body: { code: 'entry-decided' },
    });
    expect((await house.ask('GET', `/api/quarantine/${entry}`)).body).toMatchObject({ state: 'released', item: null });
  });

  test('two who let the same entry in at once: one does', async () => {
    await send('server', { ...order('4002'), userId: 'denis', timestamp: ago(501 * 24 * HOUR) });
    const entry = await heldFor('too-old');
    const answers = await Promise.all([1, 2, 3].map(() => house.ask('POST', `/api/quarantine/${entry}/replay`)));
    expect(answers.map(({ status }) => status).sort((x, y) => x - y)).toEqual([200, 409, 409]);
    await expectBalance();
    expect((await profile('user_id:denis', 'order_fulfilment', '/events')).body.items).toHaveLength(2);
  });

  test('a messageId that came back with another body is an event of its own once it is let in', async () => {
    const id = await send('server', { ...order('4003'), userId: 'eva' });
    await send('server', { ...order('4004'), userId: 'eva', messageId: id });
    await expectBalance();
    const entry = await heldFor('message-id-reused');
    expect((await house.ask('POST', `/api/quarantine/${entry}/replay`)).body.outcome).toEqual({ kind: 'pending' });
    await expectBalance();
    const { items } = (await profile('user_id:eva', 'order_fulfilment', '/events')).body;
    expect(items.map(({ receipt }: { receipt: { number: string } }) => receipt.number).sort()).toEqual([
      '4003',
      '4004',
    ]);
  });

  test('a mended entry is understood like one that a client sends', async () => {
    await send('server', { ...order('4005'), userId: 'fanny', timestamp: ago(900 * 24 * HOUR) });
    const entry = await heldFor('too-old');
    const { item } = (await house.ask('GET', `/api/quarantine/${entry}`)).body;
    const wrong = await house.ask('POST', `/api/quarantine/${entry}/replay`, {
      body: { item: { ...item, identifiers: { email: 'no address' }, receipt: { ...item.receipt, currency: '€' } } },
    });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'currency-unknown', pointer: '/item/receipt/currency' } });
    const at = ago(2 * HOUR);
    const right = await house.ask('POST', `/api/quarantine/${entry}/replay`, {
      body: { item: { ...item, timestamp: at } },
    });
    expect(right, right.text).toMatchObject({ status: 200, body: { outcome: { kind: 'pending' } } });
    await expectBalance();
    const { items } = (await profile('user_id:fanny', 'order_fulfilment', '/events')).body;
    expect(items).toMatchObject([{ at, receipt: { number: '4005' } }]);
  });

  test('S3: a withdrawal in between withholds what is let in', async () => {
    await decide('web', { anonymousId: 'gil-phone' }, 'given', ['audience_measurement']);
    const id = await send('web', { type: 'page', anonymousId: 'gil-phone', name: 'A' });
    await send('web', { type: 'page', anonymousId: 'gil-phone', name: 'B', messageId: id });
    await decide('web', { anonymousId: 'gil-phone' }, 'withdrawn', ['audience_measurement']);
    const entry = await heldFor('message-id-reused');
    expect((await house.ask('POST', `/api/quarantine/${entry}/replay`)).body.outcome).toEqual({
      kind: 'withheld',
      reason: 'withdrawn',
    });
    await expectBalance();
  });

  test('S10: the person’s own request sees what is held of the person, and no other purpose does', async () => {
    await send('server', { ...order('4007'), userId: 'denis', timestamp: ago(700 * 24 * HOUR) });
    const entry = await heldFor('too-old');
    const own = (await profile('user_id:denis', 'rights')).body;
    expect(own.held).toMatchObject([{ id: entry, reason: 'too-old', item: { receipt: { number: '4007' } } }]);
    expect((await profile('user_id:denis', 'order_fulfilment')).body.held).toBeUndefined();
    expect((await profile('user_id:bruno', 'rights')).body.held).toEqual([]);
    await house.ask('POST', `/api/quarantine/${entry}/replay`);
    await expectBalance();
  });

  test('an entry is discarded by name and for a reason', async () => {
    await send('server', { ...order('4006'), userId: 'hugo', timestamp: ago(900 * 24 * HOUR) });
    const entry = await heldFor('too-old');
    const before = await flow();
    expect(await house.ask('POST', `/api/quarantine/${entry}/discard`)).toMatchObject({ status: 400 });
    const discarded = await house.ask('POST', `/api/quarantine/${entry}/discard`, { body: { reason: 'a test order' } });
    expect(discarded).toMatchObject({
      status: 200,
      body: { state: 'discarded', by: expect.stringContaining('test (api_') },
    });
    await expectBalance();
    expect((await flow())['discarded']).toBe((before['discarded'] ?? 0) + 1);
    expect((await house.ask('GET', '/api/quarantine?state=discarded')).body.items).toMatchObject([{ id: entry }]);
    const other = await house.tokenFor(['quarantine:read'], 'voisin');
    expect(await house.ask('GET', `/api/quarantine/${entry}`, { token: other })).toMatchObject({ status: 404 });
    expect(await house.ask('GET', '/api/quarantine/not-an-id')).toMatchObject({ status: 400 });
  });
});

describe('S10: the ROPO report', () => {
  test('a visit before a ticket is counted, and a withdrawal answered before the question is in', async () => {
    await decide('web', { anonymousId: 'ines-phone' }, 'given', ['store_measurement', 'audience_measurement']);
    await decide('server', { userId: 'ines' }, 'given', ['store_measurement']);
    await send('server', {
      type: 'identify',
      identifiers: { userId: 'ines', loyaltyCard: '2900 0777', anonymousId: 'ines-phone' },
    });
    // The till's card is Ines's once the identify is projected: the door knows what was known (S3).
    await house.server.drain();
    await send('web', { type: 'page', anonymousId: 'ines-phone', name: 'Lamps', timestamp: ago(20 * 60_000) });
    await send('till', {
      type: 'ticket',
      identifiers: { loyaltyCard: '2900 0777' },
      receipt: {
        number: 'T-1',
        currency: 'EUR',
        amountMinor: 1990,
        store: 'lyon',
        lines: [{ sku: 'LAMP-1', quantity: 1, amountMinor: 1990 }],
      },
      timestamp: ago(60_000),
    });
    const ask = (query = ''): Promise<Answer> => house.ask('GET', `/api/reports/ropo?brand=atelier${query}`);
    const report = await ask();
    expect(report, report.text).toMatchObject({ status: 200 });
    expect(report.body).toMatchObject({
      population: 1,
      coverage: { value: 1 },
      consentedBase: 1,
      observed: 1,
      window: 7,
    });
    expect(report.body.rows).toMatchObject([{ key: 'lyon', name: 'Lyon Bellecour', population: 1 }]);
    expect(report.body.definition).toContain('Store purchase');
    expect(report.body.asOf.journalPosition).toBeGreaterThan(0);

    const csv = await house.ask('GET', '/api/reports/ropo?brand=atelier', { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(
      csv.text
        .split('\r\n')
        .slice(1, 3)
        .map((line) => line.split(',').slice(0, 5)),
    ).toEqual([
      ['total', '1', '1', '', ''],
      ['lyon', '1', '1', '', ''],
    ]);

    await decide('web', { anonymousId: 'ines-phone' }, 'withdrawn', ['store_measurement']);
    const { position } = (await decide('server', { userId: 'ines' }, 'withdrawn', ['store_measurement'])).body;
    const after = await ask();
    expect(after.body).toMatchObject({ population: 1, consentedBase: 0, observed: null });
    expect(after.body.asOf.ledgerPosition).toBeGreaterThanOrEqual(position);
    expect(await ask('&window=8')).toMatchObject({ status: 400, body: { pointer: '/window', detail: '1, 7, 30' } });
    expect(await ask('&from=2026-01-02&to=2026-01-01')).toMatchObject({ status: 400, body: { pointer: '/from' } });
    expect((await ask('&direction=store-to-online')).status).toBe(200);
  });
});

describe('keys, tokens, sessions', () => {
  test('a key is shown once, listed without itself, and refused once revoked', async () => {
    const made = (await house.ask('POST', '/api/keys', { body: { source: 'web' } })).body;
    const listed = await house.ask('GET', '/api/keys');
    expect(listed.text).not.toContain(made.key);
    expect(listed.body.items).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: made.id, source: 'web', brand: 'atelier' })]),
    );
    const use = (): Promise<number> =>
      fetch(`${house.server.url}/v1/page`, {
        method: 'POST',
        headers: { 'x-write-key': made.key },
        body: JSON.stringify({ anonymousId: 'k', messageId: messageId() }),
      }).then(({ status }) => status);
    expect(await use()).toBe(200);
    expect((await house.ask('DELETE', `/api/keys/${made.id}`)).status).toBe(200);
    expect(await use()).toBe(401);
    expect((await house.ask('DELETE', '/api/keys/web_nothing')).status).toBe(404);
    expect(await house.ask('POST', '/api/keys', { body: { source: 'nowhere' } })).toMatchObject({
      status: 400,
      body: { pointer: '/source' },
    });
  });

  test('nobody hands out more than they have, nor for another brand', async () => {
    const token = await house.tokenFor(['keys:write', 'flow:read'], 'voisin');
    const create = (body: object): Promise<Answer> => house.ask('POST', '/api/tokens', { token, body });
    expect(await create({ name: 'x', scopes: ['profiles:read'] })).toMatchObject({
      status: 403,
      body: { detail: 'profiles:read' },
    });
    expect(await create({ name: 'x', scopes: ['flow:read'], brand: 'atelier' })).toMatchObject({ status: 403 });
    const made = await create({ name: 'x', scopes: ['flow:read'] });
    expect(made).toMatchObject({ status: 201, body: { brand: 'voisin' } });
    expect((await house.ask('GET', '/api/flow', { token: made.body.token })).status).toBe(200);
    expect((await house.ask('GET', '/api/tokens', { token })).text).not.toContain('"brand":"atelier"');
    expect((await house.ask('DELETE', `/api/tokens/${made.body.id}`, { token })).status).toBe(200);
    expect((await house.ask('GET', '/api/flow', { token: made.body.token })).status).toBe(401);
    expect(await house.ask('POST', '/api/keys', { token, body: { source: 'web' } })).toMatchObject({ status: 403 });
    const slip = await house.ask('POST', '/api/keys', { token, body: { source: 'nowhere' } });
    expect(slip.body, 'no source of another brand is named').toMatchObject({ detail: 'other-web' });
    const account = { email: 'x@example.com', password: 'long enough, surely' };
    expect(await house.ask('POST', '/api/accounts', { token, body: account })).toMatchObject({ status: 403 });
    expect(await create({ name: 'session:x@example.com', scopes: ['flow:read'] })).toMatchObject({ status: 400 });
  });

  test('signing in gives a token that a new password ends; wrong passwords and strangers get the same answer', async () => {
    const account = { email: 'Staff@Example.com', password: 'correct horse battery' };
    expect((await house.ask('POST', '/api/accounts', { body: { ...account, password: 'short' } })).status).toBe(400);
    const made = await house.ask('POST', '/api/accounts', { body: account });
    expect(made, made.text).toMatchObject({ status: 201, body: { email: 'staff@example.com' } });
    const enter = (body: object): Promise<Answer> => house.ask('POST', '/api/session', { token: null, body });
    const session = await enter(account);
    expect(session, session.text).toMatchObject({ status: 201 });
    expect((await house.ask('GET', '/api/flow', { token: session.body.token })).status).toBe(200);
    const wrong = await enter({ ...account, password: 'wrong' });
    const stranger = await enter({ ...account, email: 'nobody@example.com' });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'credentials-wrong' } });
    expect(stranger.body).toEqual(wrong.body);
    const another = { ...account, password: 'another horse battery' };
    const again = await house.ask('POST', '/api/accounts', { body: another });
    expect(again, 'nobody takes an account over by making it').toMatchObject({
      status: 409,
      body: { code: 'account-exists' },
    });
    expect((await enter(another)).status).toBe(401);
    const stray = await house.ask('POST', '/api/accounts/password', { body: { ...another, email: 'no@example.com' } });
    expect(stray).toMatchObject({ status: 404, body: { code: 'account-unknown' } });
    expect((await house.ask('POST', '/api/accounts/password', { body: another })).status).toBe(200);
    expect((await house.ask('GET', '/api/flow', { token: session.body.token })).status).toBe(401);
    for (let at = 0; at < 10; at += 1) await enter({ ...account, password: 'wrong' });
    const refused = await enter({ ...account, password: 'another horse battery' });
    expect(refused).toMatchObject({ status: 429, body: { code: 'too-many-attempts' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('operation', () => {
  test('alive, ready with every part, figures without a person in them, and the document', async () => {
    expect((await house.ask('GET', '/healthz', { token: null })).body).toEqual({ status: 'ok' });
    expect((await house.ask('GET', '/readyz', { token: null })).body).toEqual({
      status: 'ready',
      parts: { postgres: 'ok', clickhouse: 'ok', vault: 'ok', disk: 'ok', projector: 'ok' },
    });
    const { text } = await house.ask('GET', '/metrics', { token: null });
    const sums = await flow();
    expect(text).toMatch(/filrouge_items_accepted_total\{source="server"\} \d+/);
    expect(text).toMatch(/filrouge_items_withheld_total\{source="web",reason="unknown"\} \d+/);
    expect(text).toContain(`filrouge_items_discarded ${sums['discarded']}`);
    expect(text).toContain('filrouge_flow_balanced 1');
    expect(text).toMatch(
      /filrouge_http_request_duration_seconds_count\{method="GET",route="\/api\/profiles\/:subject",status="200"\} \d+/,
    );
    for (const personal of ['anna', 'example.com', 'chloe']) expect(text).not.toContain(personal);
    expect(
      await house.ask('GET', '/metrics', { token: null, headers: { 'x-forwarded-for': '192.0.2.1' } }),
    ).toMatchObject({
      status: 401,
    });
    const document = await house.ask('GET', '/api/openapi.json', { token: null });
    expect(document.body.paths['/api/flow'].get['x-scope']).toBe('flow:read');
  });

  test('faults are problems that say where, in the reader’s language', async () => {
    const french = await house.ask('POST', '/api/tokens', {
      body: { name: 'x', scopes: ['all'] },
      headers: { 'accept-language': 'fr' },
    });
    expect(french).toMatchObject({ status: 400, body: { code: 'value-not-allowed', pointer: '/scopes/0' } });
    const raw = await fetch(`${house.server.url}/api/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${house.token}` },
      body: '{"name":"x","name":"y"}',
    });
    expect(await raw.json()).toMatchObject({ code: 'duplicate-key', pointer: '/name' });
    expect((await house.ask('POST', '/api/tokens')).body).toMatchObject({ code: 'body-empty' });
    expect((await house.ask('GET', '/api/nothing')).body).toMatchObject({ status: 404, code: 'not-found' });
  });
});
