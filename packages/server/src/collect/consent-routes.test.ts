import { type Instant, instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import { createDoor } from '@filrouge/pipeline';
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
import { beforeEach, expect, test } from 'vitest';
import { ApiTokens } from '../access/api-tokens.ts';
import { IdentityTokens } from '../access/identity-tokens.ts';
import { KeyQuota } from '../access/key-quota.ts';
import { PersonQuota } from '../access/person-quota.ts';
import { SourceKeys } from '../access/source-keys.ts';
import { buildDeployment } from '../config/build-deployment.ts';
import { createApp } from '../http/create-app.ts';
import { registerConsentRoutes } from './consent-routes.ts';
import { registerImportConsentsRoute } from './import-consents-route.ts';

const NOW: Instant = instant(Date.UTC(2026, 10, 21, 12));
const banner = { version: '1', brand: 'maison', purposes: ['email_marketing', 'advertising'], text: { en: 'E-mails' } };
const DEPLOYMENT = buildDeployment(
  {
    brands: ['maison', 'atelier', 'voisin'].map((id) => ({ id, name: id })),
    jointControllers: [{ id: 'house', brands: ['maison', 'atelier'] }],
    properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
    sources: [
      { id: 'web', brand: 'maison', property: 'site', kind: 'web', country: 'BE' },
      { id: 'server', brand: 'maison', property: 'site', kind: 'server', country: 'BE' },
      { id: 'slow', brand: 'maison', property: 'site', kind: 'server', quotaPerSecond: 0.1 },
      { id: 'shy', brand: 'maison', property: 'site', kind: 'server', personQuotaPerSecond: 0.01 },
    ],
    notices: [
      { ...banner, id: 'alone' },
      { ...banner, id: 'both', brands: ['atelier'] },
    ],
  },
  'consent-routes',
);

const keys = new Map<string, string>();
let app: FastifyInstance;
let token: string;

beforeEach(async () => {
  const database = new MemoryDatabase();
  const access = createMemoryAccessStore(database);
  const now = (): Instant => NOW;
  const vault = createMemoryVault();
  const store = createMemoryAppendStore(database, now);
  const door = createDoor({ store, vault, deployment: DEPLOYMENT, newId: uuidv7, isEngineFault: () => false });
  const sourceKeys = new SourceKeys(access, DEPLOYMENT, now);
  const tokens = new ApiTokens(access, now);
  const identityTokens = new IdentityTokens(DEPLOYMENT);
  const service = {
    door,
    keys: sourceKeys,
    quota: new KeyQuota(),
    persons: new PersonQuota(),
    identityTokens,
    now,
    publicUrl: () => '',
    vault,
  };
  app = createApp({ logger: pino({ level: 'silent' }), isEngineFault: () => false });
  registerConsentRoutes(app, {
    ...service,
    tokens,
    deployment: DEPLOYMENT,
    reading: createMemoryReadingStore(database),
  });
  registerImportConsentsRoute(app, { ...service, deployment: DEPLOYMENT });
  for (const source of ['web', 'server', 'slow', 'shy']) keys.set(source, await sourceKeys.create(source as SourceId));
  token = await tokens.create('test', ['consents:read', 'consents:write'], undefined);
});

function decide(source: string, said: object) {
  const payload = {
    subject: { email: 'ada@example.com' },
    brand: 'maison',
    property: 'site',
    decisions: [{ purpose: 'email_marketing', status: 'given' }],
    notice: { id: 'both', version: '1' },
    channel: 'web',
    indicatedAt: new Date(NOW).toISOString(),
    indicatedBy: { kind: 'subject' },
    ...said,
  };
  const key = keys.get(source);
  const headers = key === undefined ? { authorization: `Bearer ${token}` } : { 'x-write-key': key };
  return app.inject({ method: 'POST', url: '/v1/consents', headers, payload });
}

async function statusIn(brand: string): Promise<unknown> {
  const url = `/v1/consents?brand=${brand}&email=ada@example.com`;
  const answer = await app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } });
  return answer.json().purposes.email_marketing.status;
}

test('S1 a record that lists another brand of its group answers with that brand’s record, and counts there', async () => {
  const alone = await decide('server', { notice: { id: 'alone', version: '1' } });
  expect(Object.keys(alone.json())).toEqual(['recordId', 'position', 'subjectToken', 'decisions']);
  expect([await statusIn('maison'), await statusIn('atelier')]).toEqual(['given', 'unknown']);
  const both = await decide('server', { brands: ['atelier' as BrandId] });
  expect(both.statusCode).toBe(200);
  const { recordId, brands } = both.json();
  expect(brands).toEqual([{ brand: 'atelier', recordId: expect.any(String), position: 3 }]);
  expect(brands[0].recordId).not.toBe(recordId);
  expect([await statusIn('atelier'), await statusIn('voisin')]).toEqual(['given', 'unknown']);
});

test('S1 S11 a web key names an address in the other brand as in its own: requested', async () => {
  expect((await decide('web', { brands: ['atelier'] })).statusCode).toBe(200);
  expect([await statusIn('maison'), await statusIn('atelier')]).toEqual(['requested', 'requested']);
});

test('S11 who merely names somebody is not told how that one stands, and gets no token to read it', async () => {
  await decide('server', {});
  const named = await decide('web', {});
  expect(named.json()).toMatchObject({ decisions: [{ status: 'given', effective: 'requested' }] });
  expect(named.json()).not.toHaveProperty('subjectToken');
  const beside = await decide('web', { subject: { anonymousId: 'terminal-1', email: 'ada@example.com' } });
  expect(beside.json()).toMatchObject({ decisions: [{ effective: 'requested' }] });
  const subjectToken = beside.json().subjectToken;
  const read = (subject: string) =>
    app.inject({
      method: 'GET',
      url: `/v1/consents?${subject}&subjectToken=${subjectToken}`,
      headers: { 'x-write-key': keys.get('web') },
    });
  expect((await read('anonymousId=terminal-1')).statusCode).toBe(200);
  expect((await read('email=ada@example.com')).json()).toMatchObject({ code: 'subject-not-allowed' });
  expect(await statusIn('maison'), 'the answer gives nothing away, the ledger stands').toBe('given');
  const no = await decide('web', { decisions: [{ purpose: 'email_marketing', status: 'withdrawn' }] });
  expect(no.json()).toMatchObject({ decisions: [{ effective: 'withdrawn' }] });
  expect(await statusIn('maison'), 'a no counts at once').toBe('withdrawn');
});

test.each([
  ['email=a@example.com&email=b@example.com', 'duplicate-key', '/email'],
  ['email=a@example.com&brand=maison&brand=maison', 'duplicate-key', '/brand'],
  ['email=a@example.com&writeKey=a&writeKey=b', 'duplicate-key', '/writeKey'],
  ['anonymousId=null', 'value-not-allowed', '/anonymousId'],
  ['userId=%20', 'value-not-allowed', '/userId'],
  ['email=%00', 'identifier-ill-formed', '/email'],
  ['phone=1', 'phone-unreadable', '/phone'],
  ['anonymousId=', 'no-identifier', ''],
  ['', 'no-identifier', ''],
])('asked for ?%s: %s at %j', async (query, code, pointer) => {
  const answer = await app.inject({ url: `/v1/consents?${query}`, headers: { 'x-write-key': keys.get('server') } });
  expect([answer.statusCode, answer.json().code, answer.json().pointer ?? '']).toEqual([400, code, pointer]);
});

test('S8 a banner is told how its terminal stands, though the visitor is named beside it', async () => {
  const decisions = [{ purpose: 'advertising', status: 'given' }];
  const answer = await decide('web', { decisions, subject: { anonymousId: 'terminal-1', userId: 'ada' } });
  expect(answer.json()).toMatchObject({ decisions: [{ purpose: 'advertising', effective: 'given' }] });
});

test('S13 a telephone number is read by the country of the source, and by that of the property where a token names it', async () => {
  const phone = '0470 12 34 56';
  const url = `/v1/consents?brand=maison&phone=${encodeURIComponent(phone)}`;
  const said = { subject: { phone } };
  const read = async (headers: Record<string, string | undefined>) =>
    (await app.inject({ method: 'GET', url, headers })).json();
  expect((await decide('server', said)).statusCode).toBe(200);
  for (const headers of [{ 'x-write-key': keys.get('server') }, { authorization: `Bearer ${token}` }]) {
    expect(await read(headers)).toMatchObject({
      subject: { phone: '+32470123456' },
      purposes: { email_marketing: { status: 'given' } },
    });
  }
  const refusal = { ...said, decisions: [{ purpose: 'email_marketing', status: 'refused' }] };
  expect((await decide('token', refusal)).statusCode).toBe(200);
  expect(await read({ 'x-write-key': keys.get('server') })).toMatchObject({
    purposes: { email_marketing: { status: 'refused' } },
  });
});

test('example 9: a date of the future is told in the answer, and the record is dated to its receipt', async () => {
  const answer = await decide('server', { indicatedAt: '2199-01-01T00:00:00Z' });
  expect(answer.json()).toMatchObject({ marks: ['dated-ahead'], decisions: [{ effective: 'given' }] });
  const skewed = await decide('server', { indicatedAt: new Date(NOW + 60_000).toISOString() });
  expect(skewed.json()).not.toHaveProperty('marks');
});

test.each([
  [{ brands: ['voisin'] }, 'brand-not-joint', '/brands/0', 'jointControllers'],
  [{ brands: ['atelier', 'nobody'] }, 'brand-not-joint', '/brands/1', 'jointControllers'],
  [{ brands: ['atelier'], notice: { id: 'alone', version: '1' } }, 'brand-not-in-notice', '/brands/0', 'brands'],
  [{ brands: ['atelier'], subject: { loyaltyCard: '7' } }, 'no-shared-subject', '/subject', 'user id'],
  [{ brands: 'atelier' }, 'field-wrong-type', '/brands', 'array'],
])('S1 %j is refused with 400 %s at %s, with what to do, and recorded nowhere', async (said, code, pointer, word) => {
  const answer = await decide('server', said);
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ code, pointer, detail: expect.stringContaining(word) });
  expect([await statusIn('maison'), await statusIn('atelier')]).toEqual(['unknown', 'unknown']);
});

test.each([
  ['server', { brand: 'nobody' }, 400, 'value-not-allowed', '/brand', 'maison'],
  ['server', { brand: 'atelier' }, 403, 'brand-not-allowed', '/brand', 'This one speaks for maison only.'],
  ['', { brand: 'nobody' }, 400, 'value-not-allowed', '/brand', 'one of atelier, maison, voisin'],
  ['server', { property: 'nowhere' }, 400, 'value-not-allowed', '/property', 'site'],
])('key %j, %j: %i %s at %s, and only what the credential may name', async (source, said, status, ...told) => {
  const answer = await decide(source, said);
  const { code, pointer, detail } = answer.json();
  expect([answer.statusCode, code, pointer, detail]).toEqual([status, ...told]);
});

test('R5 R8 a yes to what its notice does not name is refused with what it names; a no to it is taken', async () => {
  const profiling = (status: string) => ({ decisions: [{ purpose: 'profiling', status }] });
  const said = { code: 'purpose-not-in-notice', pointer: '/decisions/0/purpose' };
  const detail = expect.stringContaining('names email_marketing, advertising, not profiling');
  const given = await decide('server', profiling('given'));
  expect([given.statusCode, given.json()]).toMatchObject([400, { ...said, detail }]);
  expect((await decide('server', profiling('refused'))).statusCode).toBe(200);
  const mixed = await decide('server', {
    decisions: [
      { purpose: 'profiling', status: 'given' },
      { purpose: 'email_marketing', status: 'withdrawn' },
    ],
  });
  expect([mixed.statusCode, mixed.json()]).toMatchObject([
    200,
    {
      decisions: [{ purpose: 'email_marketing', status: 'withdrawn', effective: 'withdrawn' }],
      rejected: [{ ...said, detail }],
    },
  ]);
  const rows = [
    row('yes@example.com', 'given', PROVEN, 'profiling'),
    row('asked@example.com', 'requested', { notice: PROVEN.notice }, 'profiling'),
    row('no@example.com', 'refused', PROVEN, 'profiling'),
    row('text@example.com', 'given', { ...PROVEN, notice: { text: 'Yes to a profile' } }, 'profiling'),
    row('unproven@example.com', 'given', {}, 'profiling'),
  ];
  const imported = (await importRows('server', rows)).json();
  expect(imported.rejected).toMatchObject([
    { index: 0, ...said, detail },
    { index: 1, ...said, detail },
  ]);
});

test('S6 example 9: a row of a day to come is dated to its receipt, and the answer says which', async () => {
  const later = { ...row('ahead@example.com', 'given', PROVEN), indicatedAt: '2199-01-01T00:00:00Z' };
  const answer = (await importRows('server', [row('now@example.com', 'given', PROVEN), later])).json();
  expect(answer).toMatchObject({ success: true, warnings: [{ index: 1, code: 'time-in-future' }] });
});

test('a purpose and a notice that are not configured are answered with those that are', async () => {
  const decisions = [{ purpose: 'telepathy', status: 'given' }];
  const { detail, pointer } = (await decide('server', { decisions })).json();
  expect(pointer).toBe('/decisions/0/purpose');
  expect(detail).toMatch(/telepathy is not configured.*one of advertising, audience_measurement, .*store_measurement/);
  const imported = await importRows('server', [{ ...row('a@example.com', 'refused'), decisions }]);
  expect(imported.json().rejected[0].detail).toBe(detail);
  const notice = (await decide('server', { notice: { id: 'baner', version: '1' } })).json();
  expect(notice.detail).toContain('Name one of alone in version 1, both in version 1.');
});

test('what a question leaves out is asked for as a parameter of the address', async () => {
  const ask = async (query: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}` };
    const { code, pointer, detail } = (
      await app.inject({ method: 'GET', url: `/v1/consents?${query}`, headers })
    ).json();
    return [code, pointer, detail];
  };
  const brands = 'one of atelier, maison, voisin';
  expect(await ask('userId=u1')).toEqual(['field-missing', '/brand', `Add ?brand= to the address, with ${brands}.`]);
  expect(await ask('userId=u1&brand=nobody')).toEqual(['value-not-allowed', '/brand', brands]);
  expect(await ask('brand=maison')).toEqual(['no-identifier', '', expect.stringContaining('?userId=')]);
});

test('a token in the place of a key is recognised, and an unknown token is called one', async () => {
  const ask = async (headers: Record<string, string>): Promise<unknown> => {
    const answer = await app.inject({ method: 'GET', url: '/v1/consents?userId=u1', headers });
    return [answer.statusCode, answer.json().code, answer.json().detail];
  };
  const isToken = expect.stringContaining('This is an API token');
  expect(await ask({ 'x-write-key': token })).toEqual([401, 'write-key-unknown', isToken]);
  expect(await ask({ authorization: `Basic ${btoa(`${token}:`)}` })).toEqual([401, 'write-key-unknown', isToken]);
  expect(await ask({ authorization: 'Bearer api_other' })).toEqual([401, 'token-unknown', 'Create a new token.']);
  expect(await ask({ 'x-write-key': 'web_other' })).toEqual([401, 'write-key-unknown', 'Check the key of the source.']);
});

const PROVEN = {
  channel: 'paper',
  indicatedAt: '2025-01-02T10:00:00Z',
  notice: { id: 'alone', version: '1' },
  evidence: { source: 'papier' },
};

function row(email: string, status: string, said: object = {}, purpose = 'email_marketing'): object {
  return { messageId: email, subject: { email }, decisions: [{ purpose, status }], ...said };
}

function importRows(source: string, batch: readonly object[]) {
  const payload = { context: { import: { id: 'imp_1' } }, batch };
  const headers = { 'x-write-key': keys.get(source) };
  return app.inject({ method: 'POST', url: '/v1/import/consents', headers, payload });
}

async function importedStatus(email: string): Promise<unknown> {
  const url = `/v1/consents?email=${email}`;
  const answer = await app.inject({ method: 'GET', url, headers: { 'x-write-key': keys.get('server') } });
  return answer.json().purposes.email_marketing.status;
}

test('S6 a file of decisions: a proven yes is given, others are requested, a no is taken, a bad row costs itself', async () => {
  const unknown = { notice: { id: 'paper-2019', version: '1' } };
  const rows = [
    row('yes@example.com', 'given', PROVEN),
    row('unproven@example.com', 'given'),
    row('asked@example.com', 'requested', PROVEN),
    row('no@example.com', 'refused', unknown),
    row('text@example.com', 'given', { ...PROVEN, notice: { text: 'Yes to e-mails' } }),
    row('bad@example.com', 'refused', {}, 'telepathy'),
    row('named@example.com', 'given', unknown),
    row('odd@example.com', 'maybe'),
  ];
  const codes = [
    { index: 5, code: 'unknown-purpose', pointer: '/decisions/0/purpose' },
    { index: 6, code: 'unknown-notice', pointer: '/notice' },
    { index: 7, code: 'value-not-allowed', pointer: '/decisions/0/status' },
  ];
  for (const outcome of [
    { new: 5, duplicates: 0 },
    { new: 0, duplicates: 5 },
  ]) {
    const answer = await importRows('server', rows);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ success: true, rejected: codes, outcome });
  }
  const names = ['yes', 'unproven', 'asked', 'no', 'text', 'named'];
  expect(await Promise.all(names.map((name) => importedStatus(`${name}@example.com`)))).toEqual([
    'given',
    'requested',
    'requested',
    'refused',
    'given',
    'unknown',
  ]);
  const later = await decide('server', {});
  expect(later.json().position).toBe(6);
});

test('a web key brings no files, and a file of which nothing can be taken is refused with its rows', async () => {
  expect((await importRows('web', [row('a@example.com', 'refused')])).json()).toMatchObject({
    code: 'type-not-allowed',
    detail: expect.stringContaining('server or store'),
  });
  const answer = await importRows('server', [row('a@example.com', 'maybe')]);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().rejected).toHaveLength(1);
});

test.each([
  ['slow', 'quota-exceeded', '10'],
  ['shy', 'person-quota-exceeded', '120000'],
])(
  'G18: beyond the quota of %s a yes is told to come again (%s), a no is taken, alone and beside a yes',
  async (source, code, wait) => {
    expect((await decide(source, {})).statusCode).toBe(200);
    const yes = await decide(source, {});
    expect([yes.statusCode, yes.json().code, yes.headers['retry-after']]).toEqual([429, code, wait]);
    const no = await decide(source, { decisions: [{ purpose: 'email_marketing', status: 'withdrawn' }] });
    expect(no.json()).toMatchObject({ decisions: [{ effective: 'withdrawn' }] });
    const both = [
      { purpose: 'advertising', status: 'given' },
      { purpose: 'email_marketing', status: 'refused' },
    ];
    expect((await decide(source, { decisions: both })).statusCode).toBe(200);
    expect(await statusIn('maison')).toBe('refused');
    const ofAnother = await decide(source, { subject: { email: 'ines@example.com' } });
    expect(ofAnother.statusCode).toBe(source === 'shy' ? 200 : 429);
  },
);
