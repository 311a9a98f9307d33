import { describe, expect, test } from 'vitest';
import { aSource, type Outcome, onlyCode, onlyItem, send } from '../testing/a-source.ts';

const batch = (item: unknown, origin = {}): Outcome => send('/v1/batch', { batch: [item] }, origin);
const ids = (item: unknown, origin = {}): string[] =>
  onlyItem(batch(item, origin)).identifiers.map(({ namespace, value }) => `${namespace}=${value}`);

describe('S13 identifiers', () => {
  test('all places, strongest first, without repetition', () => {
    expect(
      ids({
        type: 'identify',
        anonymousId: ' a-1 ',
        userId: 42,
        traits: {
          email: ' Jane.Doe+shop@Example.COM ',
          phone: '06 39 98 12 34',
          loyaltyCard: 'L1',
          loyalty_card: 'L1',
        },
        context: {
          traits: { email: 'jane.doe+shop@example.com' },
          device: { id: 'D1', token: 'P1' },
          externalIds: [
            { id: 'L2', type: 'loyalty_card', collection: 'users', encoding: 'none' },
            { id: 'hash', type: 'email', encoding: 'sha256' },
            { id: 'acme', type: 'user_id', collection: 'accounts' },
            { id: '1234', type: 'payment_card' },
          ],
        },
      }),
    ).toEqual([
      'user_id=42',
      'loyalty_card=L2',
      'loyalty_card=L1',
      'email=jane.doe+shop@example.com',
      'phone=+33639981234',
      'anonymous_id=a-1',
      'device_id=D1',
      'push_token=P1',
    ]);
  });

  test('our own identifiers object', () => {
    const identifiers = {
      userId: 'u',
      anonymousId: 'a',
      email: 'a@example.com',
      phone: '+33639981234',
      loyaltyCard: 'l',
      deviceId: 'd',
      pushToken: 'p',
    };
    expect(ids({ type: 'page', identifiers })).toEqual([
      'user_id=u',
      'loyalty_card=l',
      'email=a@example.com',
      'phone=+33639981234',
      'anonymous_id=a',
      'device_id=d',
      'push_token=p',
    ]);
  });

  test('telephone numbers are read by the country of the source', () => {
    expect(ids({ type: 'identify', userId: 'u', traits: { phone: '0032 470 12 34 56' } })).toContain(
      'phone=+32470123456',
    );
    expect(
      ids(
        { type: 'identify', userId: 'u', traits: { phone: '0470 12 34 56' } },
        { source: aSource({ country: 'BE' }) },
      ),
    ).toContain('phone=+32470123456');
  });

  test.each([
    'null',
    'undefined',
    'NaN',
    'None',
    '[object Object]',
    'anonymous',
    'Guest',
    'n/a',
    '-1',
    '0',
    '000',
    '00000000-0000-0000-0000-000000000000',
    'userId',
    '{{user_id}}',
  ])('the value %s is nobody: it stays in the payload and gives a mark', (value) => {
    const item = onlyItem(batch({ type: 'identify', userId: value, anonymousId: 'a', traits: { x: value } }));
    expect(item.identifiers).toEqual([{ namespace: 'anonymous_id', value: 'a' }]);
    expect(item.marks).toContain('blocked-identifier');
    expect(item.traits).toEqual({ x: value });
    expect(onlyItem(batch({ type: 'identify', userId: value })).identifiers).toEqual([]);
  });

  test('mailboxes and numbers that stand for nobody', () => {
    for (const email of ['noreply@shop.example', 'no-reply+1@shop.example', 'test@test.com', 'n/a']) {
      const item = onlyItem(batch({ type: 'identify', userId: 'u', traits: { email } }));
      expect([item.identifiers.length, item.marks]).toEqual([1, ['message-id-made', 'blocked-identifier']]);
    }
    expect(onlyItem(batch({ type: 'identify', userId: 'u', traits: { phone: '0611111111' } })).marks).toContain(
      'blocked-identifier',
    );
  });

  test('a trait that is no address or number stays a trait with a mark; in a named place it is refused', () => {
    const item = onlyItem(batch({ type: 'identify', userId: 'u', traits: { email: 'jane at home', phone: '12' } }));
    expect(item).toMatchObject({ identifiers: [{ value: 'u' }], traits: { email: 'jane at home', phone: '12' } });
    expect(item.marks).toContain('identifier-unreadable');
    expect(batch({ type: 'page', identifiers: { email: 'jane at home' } })).toMatchObject({
      rejected: [{ code: 'email-unreadable', pointer: '/identifiers/email' }],
    });
    expect(batch({ type: 'page', identifiers: { phone: '12' } })).toMatchObject({
      rejected: [{ code: 'phone-unreadable', pointer: '/identifiers/phone' }],
    });
  });

  test.each([
    ['{"type":"page","userId":9007199254740993}', 'number-not-exact', '/userId'],
    ['{"type":"page","userId":1.5}', 'identifier-wrong-type', '/userId'],
    ['{"type":"page","userId":{"id":1}}', 'identifier-wrong-type', '/userId'],
    ['{"type":"page","userId":true}', 'identifier-wrong-type', '/userId'],
    ['{"type":"page","userId":"\\ud800"}', 'identifier-ill-formed', '/userId'],
    ['{"type":"page","anonymousId":"a\\u0000b"}', 'identifier-ill-formed', '/anonymousId'],
    [`{"type":"page","userId":"${'u'.repeat(257)}"}`, 'identifier-too-long', '/userId'],
    [
      '{"type":"page","userId":"u","context":{"device":{"id":9007199254740993}}}',
      'number-not-exact',
      '/context/device/id',
    ],
    [
      '{"type":"identify","userId":"u","traits":{"email":"a@example.test\\r\\nBcc: b@example.test"}}',
      'email-unreadable',
      '/traits/email',
    ],
    ['{"type":"page","groupId":"g"}', 'no-identifier', ''],
    ['{"type":"page","userId":"  ","anonymousId":null}', 'no-identifier', ''],
    ['{"type":"page","userId":"u","properties":[]}', 'field-wrong-type', '/properties'],
    ['{"type":"track","userId":"u"}', 'event-name-missing', '/event'],
    ['{"type":"track","userId":"u","event":7}', 'field-wrong-type', '/event'],
    [`{"type":"track","userId":"u","event":"${'e'.repeat(257)}"}`, 'event-name-too-long', '/event'],
    ['{"type":"page","userId":"u","messageId":{}}', 'message-id-invalid', '/messageId'],
    [`{"type":"page","userId":"u","messageId":"${'m'.repeat(257)}"}`, 'message-id-invalid', '/messageId'],
  ])('%s is refused: %s at %s', (text, code, pointer) => {
    const outcome = send('/v1/batch', `{"batch":[${text}]}`);
    expect(outcome).toMatchObject({ items: [], rejected: [{ index: 0, code, pointer }] });
    expect(outcome.refusal === undefined && outcome.rejected[0]).toMatchObject({ message: /\w+/, mend: /\w+/ });
  });

  test('alias names what it continues: a visitor where it looks like one, else a user', () => {
    const alias = (previousId: string, more = {}): unknown =>
      onlyItem(batch({ type: 'alias', userId: 'u', previousId, ...more })).previous;
    expect(alias('old-user')).toEqual({ namespace: 'user_id', value: 'old-user' });
    expect(alias('6f9619ff-8b86-d011-b42d-00c04fc964ff')).toEqual({
      namespace: 'anonymous_id',
      value: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
    });
    expect(alias('visitor-1', { anonymousId: 'visitor-1' })).toEqual({ namespace: 'anonymous_id', value: 'visitor-1' });
    expect(onlyCode(batch({ type: 'alias', previousId: 'only' }))).toBe('no-identifier');
  });

  test('a group’s traits are the group’s', () => {
    const item = onlyItem(
      batch({ type: 'group', userId: 'u', groupId: 'g', traits: { email: 'info@example.com', name: 'Acme' } }),
    );
    expect(item).toMatchObject({
      identifiers: [{ value: 'u' }],
      traits: {},
      properties: { groupId: 'g', name: 'Acme' },
    });
  });
});

describe('kinds and sessions', () => {
  test.each([
    [{ type: 'page', name: 'Home', category: 'Shop' }, 'page', 'Page Viewed', { name: 'Home', category: 'Shop' }],
    [{ type: 'screen', name: 'Cart' }, 'screen', 'Screen Viewed', { name: 'Cart' }],
    [{ type: 'identify' }, 'identify', 'Identify', {}],
    [{ type: 'track', event: 'Email Opened' }, 'mail-open', 'Email Opened', {}],
    [{ type: 'track', event: 'email_opened' }, 'mail-open', 'email_opened', {}],
    [{ type: 'mail-open' }, 'mail-open', 'Email Opened', {}],
    [{ type: 'mail', event: 'Email Delivered' }, 'mail', 'Email Delivered', {}],
    [{ type: 'call', properties: { reason: 'delivery' } }, 'call', 'Call', { reason: 'delivery' }],
    [{ type: 'location', properties: { city: 'Lyon' } }, 'location', 'Location', { city: 'Lyon' }],
    [{ type: 'customer' }, 'customer', 'Customer Updated', {}],
  ])('%j is a %s called %s', (item, kind, name, properties) => {
    expect(onlyItem(batch({ ...item, userId: 'u' }))).toMatchObject({ kind, name, properties });
  });

  test('device and person in one item are a login; signing out ends it; alone they are neither', () => {
    const session = (item: object): unknown => onlyItem(batch({ type: 'page', ...item })).session;
    expect(session({ userId: 'u', anonymousId: 'a' })).toBe('login');
    expect(session({ anonymousId: 'a', context: { traits: { email: 'a@example.com' } } })).toBe('login');
    expect(session({ userId: 'u' })).toBeUndefined();
    expect(session({ anonymousId: 'a' })).toBeUndefined();
    for (const event of ['Signed Out', 'Logged Out', 'User Signed Out', 'signed_out']) {
      expect(session({ type: 'track', event, userId: 'u', anonymousId: 'a' })).toBe('logout');
    }
  });

  test('bots are marked on sites and apps only', () => {
    const crawler = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
    const marks = (kind: 'web' | 'app' | 'server', userAgent: string, context = {}): readonly string[] =>
      onlyItem(
        batch({ type: 'page', anonymousId: 'a', messageId: 'm', context }, { source: aSource({ kind }), userAgent }),
      ).marks;
    expect(marks('web', crawler)).toEqual(['bot']);
    expect(marks('web', 'nothing', { userAgent: crawler })).toEqual(['bot']);
    expect(marks('server', crawler)).toEqual([]);
    expect(marks('app', 'okhttp/4.12.0')).toEqual([]);
    expect(marks('web', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')).toEqual([]);
  });

  test('S8: a server says that something happened on the person’s terminal; anything but a yes or a no is refused', () => {
    const said = (terminal: unknown): unknown =>
      onlyItem(batch({ type: 'page', anonymousId: 'a', terminal }, { source: aSource({ kind: 'server' }) })).onTerminal;
    expect([said(true), said(false), said(null)]).toEqual([true, undefined, undefined]);
    expect(onlyCode(batch({ type: 'page', anonymousId: 'a', terminal: 'yes' }))).toBe('field-wrong-type');
  });

  test('brand and tenant in a body are properties of nothing', () => {
    expect(
      onlyItem(send('/v1/track', { event: 'x', userId: 'u', tenantId: 'other', brand: 'other' })),
    ).not.toHaveProperty('brand');
  });
});
