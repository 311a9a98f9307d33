import { describe, expect, test } from 'vitest';
import { aSource, askPixel, onlyCode, onlyItem, send } from '../testing/a-source.ts';
import { credentialsOf } from './credentials.ts';
import { readFrame } from './frame.ts';
import { readPixel } from './pixel.ts';
import { COLLECT_ROUTES, findRoute } from './route.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const track = {
  type: 'track',
  event: 'Product Viewed',
  userId: 'u',
  messageId: 'm',
  timestamp: '2026-11-21T10:00:00Z',
};

/** Rows of the wire matrix (wire.md 4.0): path, body as the client sends it, headers that matter, where the key stands. */
const MATRIX = [
  ['@segment/analytics-node', '/v1/batch', { batch: [track], writeKey: 'K', sentAt: '2026-11-21T10:00:01Z' }, { authorization: basic('K:') }, 'basic'],
  ['analytics-node 6', '/v1/batch', { batch: [track], timestamp: '2026-11-21T10:00:01Z', sentAt: '2026-11-21T10:00:01Z' }, { authorization: basic('K:') }, 'basic'],
  ['@customerio/cdp-analytics-node', '/v1/batch', { batch: [track] }, { authorization: basic('K:') }, 'basic'],
  ['@rudderstack/rudder-sdk-node', '/v1/batch', { batch: [{ ...track, channel: 'server', timestamp: undefined, originalTimestamp: track.timestamp }], timestamp: 'x', sentAt: '2026-11-21T10:00:01Z' }, { authorization: basic('K:') }, 'basic'],
  ['analytics-next', '/v1/t', { ...track, writeKey: 'K', sentAt: '2026-11-21T10:00:01Z' }, { authorization: basic('K:') }, 'basic'],
  ['analytics-next batching', '/v1/b', { writeKey: 'K', batch: [track], sentAt: '2026-11-21T10:00:01Z' }, { authorization: basic('K:') }, 'basic'],
  ['@rudderstack/analytics-js', '/v1/track', { ...track, originalTimestamp: track.timestamp, sentAt: '2026-11-21T10:00:01Z' }, { authorization: basic('K:') }, 'basic'],
  ['@rudderstack/analytics-js batch', '/v1/batch', { batch: [track], sentAt: '2026-11-21T10:00:01Z' }, { authorization: basic('K:') }, 'basic'],
  ['RudderStack beacon', '/beacon/v1/batch', { batch: [track], sentAt: '2026-11-21T10:00:01Z' }, { queryWriteKey: 'K' }, 'query'],
  ['analytics-react-native', '/b', { batch: [track], sentAt: '2026-11-21T10:00:01Z', writeKey: 'K' }, {}, 'body'],
  ['Segment with OAuth', '/v1/batch', { batch: [track], writeKey: 'K' }, { authorization: 'Bearer token' }, 'body'],
  ['@jitsu/js', '/api/s/s2s/track', { ...track, userId: null, anonymousId: 'a', writeKey: 'K:***' }, { xWriteKey: 'K:secret' }, 'header'],
  ['Jitsu browser', '/api/s/track', { ...track, userId: null, anonymousId: 'a' }, { xWriteKey: 'K' }, 'header'],
  ['@dittofeed/sdk-node', '/api/public/apps/batch', { batch: [{ ...track, timestamp: undefined }] }, { authorization: basic('K') }, 'basic'],
] as const; // biome-ignore format: a matrix reads better in rows

describe('wire matrix', () => {
  test.each(MATRIX)('%s: %s delivers, and its key is found', (_client, path, body, headers, via) => {
    const item = onlyItem(send(path, body));
    expect(item).toMatchObject({ kind: 'track', name: 'Product Viewed', messageId: 'm' });
    const route = findRoute('POST', path);
    const frame =
      route?.shape === 'item' || route?.shape === 'batch'
        ? readFrame(route, Buffer.from(JSON.stringify(body)))
        : undefined;
    const bodyWriteKey = frame?.ok === true ? frame.value.writeKey : undefined;
    expect(credentialsOf({ ...headers, bodyWriteKey })[0]).toMatchObject({ writeKey: 'K', via });
  });

  test('S4 the client’s own time is originalTimestamp, else timestamp; sentAt comes from the item or the frame', () => {
    const at = (text: string): number => Date.parse(text);
    const [early, late, sent] = ['2026-11-21T09:00:00.000Z', '2026-11-21T10:00:00.000Z', '2026-11-21T10:00:05.000Z'];
    expect(
      onlyItem(send('/v1/track', { ...track, originalTimestamp: early, timestamp: late, sentAt: sent })).times,
    ).toEqual({
      occurredAt: at(early),
      sentAt: at(sent),
    });
    expect(onlyItem(send('/v1/batch', { batch: [track], sentAt: sent })).times.sentAt).toBe(at(sent));
    expect(onlyItem(send('/v1/track', { event: 'x', userId: 'u' })).times).toEqual({});
  });

  test('S4 an earlier timestamp is what the application says of something told late, unless a server corrected it', () => {
    const [before, called] = ['2026-10-01T09:00:00.000Z', '2026-11-21T10:00:00.000Z'];
    const item = { ...track, originalTimestamp: called, timestamp: before };
    expect(onlyItem(send('/v1/track', item)).times.occurredAt).toBe(Date.parse(before));
    const forwarded = { ...item, receivedAt: '2026-11-21T10:00:07.000Z' };
    expect(onlyItem(send('/v1/track', forwarded)).times.occurredAt).toBe(Date.parse(called));
    expect(onlyItem(send('/v1/track', { ...item, timestamp: 'x' })).times.occurredAt).toBe(Date.parse(called));
  });

  test('an unreadable time refuses its item and says where; an unreadable sentAt only loses the correction', () => {
    for (const timestamp of [
      '31/02/2026 25:61',
      '2026-02-30T00:00:00Z',
      '2026-11-21T24:30:00Z',
      1e21,
      12,
      true,
      {},
      '',
    ]) {
      expect(send('/v1/track', { ...track, timestamp })).toMatchObject({
        rejected: [{ code: 'time-unreadable', pointer: '/timestamp' }],
      });
    }
    const item = onlyItem(send('/v1/batch', { batch: [track], sentAt: 'yesterday' }));
    expect(item.marks).toContain('time-unreadable');
    expect(item.times).not.toHaveProperty('sentAt');
  });

  test('context and integrations of the frame lie under those of the item', () => {
    const outcome = send('/v1/batch', {
      context: { ip: '192.0.2.1', app: { name: 'frame' } },
      integrations: { All: false, Facebook: true },
      batch: [{ ...track, context: { app: { name: 'item' } }, integrations: { Facebook: false } }, track],
    });
    expect(outcome.refusal === undefined && outcome.items.map(({ context }) => context)).toEqual([
      { ip: '192.0.2.1', app: { name: 'item' }, integrations: { All: false, Facebook: false } },
      { ip: '192.0.2.1', app: { name: 'frame' }, integrations: { All: false, Facebook: true } },
    ]);
  });

  test('what was changed or inexact in the frame holds for each item that inherits it', () => {
    const frame = (context: string, item: object): string => `{"context":${context},"batch":[${JSON.stringify(item)}]}`;
    expect(onlyItem(send('/v1/batch', frame('{"a":"\\u0000"}', track))).marks).toEqual(['nul-replaced']);
    expect(onlyCode(send('/v1/batch', frame('{"device":{"id":9007199254740993}}', track)))).toBe('number-not-exact');
  });

  test('the word of the path wins over the type of the item', () => {
    expect(onlyItem(send('/v1/page', { ...track, type: 'track' })).kind).toBe('page');
    expect(onlyCode(send('/v1/batch', { batch: [{ event: 'x', userId: 'u' }] }))).toBe('type-missing');
    expect(onlyCode(send('/v1/batch', { batch: [{ type: 'nonsense', userId: 'u' }] }))).toBe('type-unknown');
    expect(onlyCode(send('/v1/batch', { batch: [{ type: 'consent', purposes: { ads: true } }] }))).toBe(
      'consent-not-here',
    );
  });

  test('every path is served once, with and without /v1', () => {
    const addresses = COLLECT_ROUTES.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const path of ['/v1/identify', '/identify', '/v1/i', '/i', '/v1/b', '/batch', '/v1/batch', '/v1/import']) {
      expect(findRoute('POST', path)).toMatchObject({ path });
    }
    expect(findRoute('POST', '/v1/track/')).toMatchObject({ path: '/v1/track' });
    expect(findRoute('GET', '/v1/track')).toBeUndefined();
  });

  test('S2 what is no batch, no object or no JSON is refused as a whole', () => {
    expect(onlyCode(send('/v1/batch', ''))).toBe('body-empty');
    expect(onlyCode(send('/v1/batch', ' \n'))).toBe('body-empty');
    expect(onlyCode(send('/v1/batch', '[]'))).toBe('body-not-an-object');
    expect(onlyCode(send('/v1/batch', '{}'))).toBe('batch-missing');
    expect(onlyCode(send('/v1/batch', '{"batch":{}}'))).toBe('batch-missing');
    expect(onlyCode(send('/v1/batch', '{"batch":[],"batch":[]}'))).toBe('duplicate-key');
    expect(onlyCode(send('/v1/track', '[]'))).toBe('item-not-an-object');
    expect(onlyCode(send('/v1/track', Buffer.from([0x7b, 0xff, 0x7d])))).toBe('body-not-utf8');
    expect(onlyCode(send('/v1/batch', { batch: [1] }))).toBe('item-not-an-object');
    expect(onlyItem(send('/v1/track', `\uFEFF${JSON.stringify(track)}`)).name).toBe('Product Viewed');
  });

  test('RudderStack’s AnonymousId header stands in where the item names nobody', () => {
    const anonymousIdHeader = Buffer.from('visitor-1').toString('base64');
    expect(onlyItem(send('/v1/page', {}, { anonymousIdHeader })).identifiers).toEqual([
      { namespace: 'anonymous_id', value: 'visitor-1' },
    ]);
    expect(onlyItem(send('/v1/page', { userId: 'u' }, { anonymousIdHeader })).identifiers).toEqual([
      { namespace: 'user_id', value: 'u' },
    ]);
    expect(onlyCode(send('/v1/page', {}, { anonymousIdHeader: '%%%' }))).toBe('no-identifier');
    expect(onlyCode(send('/v1/batch', { batch: [{ type: 'page' }] }, { anonymousIdHeader }))).toBe('no-identifier');
  });
});

describe('bodies that are no call yet (wire.md 4.3)', () => {
  const email = { type: 'email', value: ' Zoe@Example.com ' };

  test('RudderStack’s merge is an alias that names both, beside whatever else the item names', () => {
    const merge = { messageId: 'm', mergeProperties: [email, { type: 'mobile', value: '06 39 98 12 34' }] };
    const context = { externalIds: [{ id: 'c-1', type: 'loyalty_card' }] };
    expect(onlyItem(send('/v1/merge', { ...merge, context }))).toMatchObject({
      kind: 'alias',
      messageId: 'm',
      identifiers: [
        { namespace: 'loyalty_card', value: 'c-1' },
        { namespace: 'email', value: 'zoe@example.com' },
        { namespace: 'phone', value: '+33639981234' },
      ],
    });
    expect(onlyItem(send('/v1/merge', { mergeProperties: [email, { type: 'email', value: 'z@example.com' }] })).identifiers)
      .toHaveLength(2); // biome-ignore format: one call
  });

  test.each([
    [{}, 'field-missing', '/mergeProperties'],
    [{ mergeProperties: [email] }, 'field-wrong-type', '/mergeProperties'],
    [{ mergeProperties: [email, 'x'] }, 'field-wrong-type', '/mergeProperties/1'],
    [{ mergeProperties: [email, { type: 'constructor', value: 'x' }] }, 'value-not-allowed', '/mergeProperties/1/type'],
    [{ mergeProperties: [{ type: 'userId', value: '' }, email] }, 'field-missing', '/mergeProperties/0/value'],
    [
      '{"mergeProperties":[{"type":"userId","value":9007199254740993},{}]}',
      'number-not-exact',
      '/mergeProperties/0/value',
    ],
  ])('the merge %j is refused: %s at %s', (body, code, pointer) => {
    expect(send('/v1/merge', body)).toMatchObject({ refusal: { code, pointer } });
  });

  test('a webhook’s payload is an event that holds it, about whom it names, when it says where that can be read', () => {
    const payload = { kind: 'invoice.paid', userId: 7, messageId: 'm', timestamp: '2026-11-21T10:00:00Z', n: [1] };
    expect(onlyItem(send('/v1/webhook', { ...payload, writeKey: 'K' }))).toMatchObject({
      kind: 'track',
      name: 'webhook_source_event',
      messageId: 'm',
      identifiers: [{ namespace: 'user_id', value: '7' }],
      properties: payload,
      times: { occurredAt: Date.parse(payload.timestamp) },
    });
    expect(onlyItem(send('/v1/webhook', { ...payload, timestamp: 1_700_000_000 })).times).toEqual({});
    expect(onlyItem(send('/v1/webhook', track))).toMatchObject({ name: 'Product Viewed', messageId: 'm' });
    expect(onlyCode(send('/v1/webhook', { kind: 'x' }))).toBe('no-identifier');
  });

  test('a webhook by GET brings its payload in the query', () => {
    expect(onlyItem(askPixel('/v1/webhook', 'writeKey=K&anonymousId=a&order.state=paid'))).toMatchObject({
      name: 'webhook_source_event',
      properties: { anonymousId: 'a', order: { state: 'paid' } },
      identifiers: [{ namespace: 'anonymous_id', value: 'a' }],
    });
  });
});

describe('pixels', () => {
  const payload = { writeKey: 'K', userId: 'u', event: 'Email Opened', properties: { subject: 'Daily' } };
  const base64 = Buffer.from(JSON.stringify(payload)).toString('base64');

  test.each([
    ['base64', base64],
    ['base64url', Buffer.from(JSON.stringify(payload)).toString('base64url')],
    ['escaped base64', encodeURIComponent(base64)],
    ['plain JSON', encodeURIComponent(JSON.stringify(payload))],
  ])('Segment’s data in %s', (_form, data) => {
    expect(onlyItem(askPixel('/v1/pixel/track', `data=${data}`))).toMatchObject({
      kind: 'mail-open',
      properties: { subject: 'Daily' },
      identifiers: [{ namespace: 'user_id', value: 'u' }],
    });
  });

  test('dotted parameters, Segment’s and RudderStack’s', () => {
    const query = 'userId=u&event=Email Opened&properties.subject=The+Daily&context.page.path=/p&writeKey=K';
    for (const path of ['/v1/pixel/track', '/pixel/v1/track']) {
      const route = findRoute('GET', path);
      expect(route?.shape === 'pixel' && readPixel(route, query)).toMatchObject({ value: { writeKey: 'K' } });
      expect(onlyItem(askPixel(path, query))).toMatchObject({
        properties: { subject: 'The Daily' },
        context: { page: { path: '/p' } },
      });
    }
    expect(onlyItem(askPixel('/pixel/v1/page', 'anonymousId=a&name=Home')).properties).toEqual({ name: 'Home' });
  });

  test('two views of one pixel are two events; a retried post is one', () => {
    const ids = [1, 2].map(
      (ms) => onlyItem(askPixel('/v1/pixel/track', `data=${base64}`, { r: ms as never })).messageId,
    );
    expect(ids[0]).not.toBe(ids[1]);
    const posts = [1, 2].map((ms) => onlyItem(send('/v1/track', payload, { r: ms as never })));
    expect(posts[0]?.messageId).toBe(posts[1]?.messageId);
    expect(posts[0]?.marks).toContain('message-id-made');
  });

  test.each([
    ['data=%7B', 'pixel-data-unreadable'],
    ['data=', 'pixel-data-unreadable'],
    ['a.__proto__.b=1', 'forbidden-key'],
    ['constructor.prototype.b=1', 'forbidden-key'],
    ['a=1&a=2', 'duplicate-key'],
    ['a=1&a.b=2', 'duplicate-key'],
    [`${'a.'.repeat(40)}b=1`, 'depth-exceeded'],
  ])('%s is refused: %s', (query, code) => {
    expect(onlyCode(askPixel('/v1/pixel/track', query))).toBe(code);
  });
});

describe('credentials', () => {
  test('all that a request offers, the most telling first', () => {
    expect(
      credentialsOf({ authorization: 'Bearer T', xWriteKey: 'X:s', bodyWriteKey: 'B', queryWriteKey: 'Q' }).map(
        ({ writeKey, via }) => [via, writeKey],
      ),
    ).toEqual([
      ['header', 'X'],
      ['body', 'B'],
      ['query', 'Q'],
      ['bearer', 'T'],
    ]);
    expect(credentialsOf({ xWriteKey: 'key:secret' })).toEqual([{ writeKey: 'key', secret: 'secret', via: 'header' }]);
    expect(credentialsOf({ authorization: basic('key:') })).toEqual([{ writeKey: 'key', via: 'basic' }]);
    const pasted = credentialsOf({ authorization: 'Basic web_0aB-9' });
    expect(pasted, 'Dittofeed’s header as given').toContainEqual({ writeKey: 'web_0aB-9', via: 'basic' });
  });

  test('nothing that is no key', () => {
    for (const authorization of ['', 'Basic', 'Basic  ', basic(':only-a-password'), 'Digest x', 'Basic %%%']) {
      expect(credentialsOf({ authorization })).toEqual([]);
    }
    expect(credentialsOf({ bodyWriteKey: 'k'.repeat(300) })).toEqual([]);
  });
});

describe('what a key may state', () => {
  test('a type outside the source’s list is refused by name', () => {
    const source = aSource({ allowedKinds: ['page'] });
    expect(send('/v1/track', track, { source })).toMatchObject({
      rejected: [{ code: 'type-not-allowed', detail: 'track' }],
    });
  });

  test('a web or app key states no ticket, order, customer, call or mail, whatever the configuration says', () => {
    for (const kind of ['web', 'app'] as const) {
      for (const type of ['ticket', 'order', 'customer', 'call', 'mail']) {
        const item = { type, userId: 'u', receipt: { number: '1', currency: 'EUR', amountMinor: 100 } };
        expect(onlyCode(send('/v1/batch', { batch: [item] }, { source: aSource({ kind }) }))).toBe('type-not-allowed');
      }
    }
  });
});
