import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { TOKEN_SCOPES } from '@filrouge/ports';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installation, openInstallation } from '../proofs/testing/installation.ts';
import { BALLAST_FILE } from './ballast.ts';

const MB = 1024 * 1024;
const CONFIG = {
  brands: [{ id: 'atelier', name: 'Atelier' }],
  properties: [{ id: 'site', brand: 'atelier', name: 'Site', kind: 'site' }],
  sources: [{ id: 'server', brand: 'atelier', property: 'site', kind: 'server' }],
  notices: [
    {
      id: 'form',
      version: '1',
      brand: 'atelier',
      purposes: ['profiling', 'email_marketing'],
      text: { fr: 'Profil et lettres' },
    },
  ],
};

/** What the disk says it has left. */
let free = 10_000 * MB;
const logged: { readonly msg: string; readonly disk?: string }[] = [];
let house: Installation;
let token: string;

beforeAll(async () => {
  const lines = new Writable({
    write(line: Buffer, _encoding, done) {
      logged.push(JSON.parse(line.toString('utf8')));
      done();
    },
  });
  house = await openInstallation({
    config: CONFIG,
    freeBytes: async () => free,
    logger: pino({ level: 'warn' }, lines),
  });
  token = await house.server.tokens.create('test', TOKEN_SCOPES);
});
afterAll(() => house?.remove());

/** What was seen half a second ago is still believed. */
async function leave(mb: number): Promise<void> {
  free = mb * MB;
  await pause(600);
}

let sent = 0;
function order(): object {
  sent += 1;
  const properties = { order_id: `A-${sent}`, total: 12.5, currency: 'EUR', products: [{ sku: 'L1', price: 12.5 }] };
  return { type: 'track', event: 'Order Completed', messageId: `m-${sent}`, userId: 'u1', properties };
}

function decide(userId: string, decisions: Readonly<Record<string, string>>) {
  const body = {
    subject: { userId },
    brand: 'atelier',
    property: 'site',
    decisions: Object.entries(decisions).map(([purpose, status]) => ({ purpose, status })),
    notice: { id: 'form', version: '1' },
    channel: 'web',
    indicatedAt: new Date().toISOString(),
    indicatedBy: { kind: 'subject' },
  };
  return house.post('server', '/v1/consents', JSON.stringify(body));
}

async function ask(path: string, body?: object): Promise<Response> {
  return fetch(`${house.server.url}${path}`, {
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
}

const track = () => house.post('server', '/v1/track', JSON.stringify(order()));
const ballast = () => join(house.dataDir, BALLAST_FILE);
const changes = () => logged.flatMap(({ disk }) => disk ?? []);
const export_ = (dryRun: boolean) =>
  ask('/api/exports', { what: 'people', brand: 'atelier', purpose: 'profiling', format: 'csv', dryRun });

test('G4: with space, everything is taken and a ballast of 64 MB lies on the disk', async () => {
  expect((await track()).status).toBe(200);
  expect((await decide('u1', { profiling: 'given', email_marketing: 'given' })).status).toBe(200);
  await expect
    .poll(async () => (await stat(ballast()).catch(() => undefined))?.size, { timeout: 30_000 })
    .toBe(64 * MB);
  await house.server.drain();
});

test('G4: under 256 MB every way in is told so, with when to come again and how to mend it', async () => {
  await leave(200);
  const answer = await fetch(`${house.server.url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${house.keyOf('server')}:`)}` },
    body: JSON.stringify({ batch: [order()] }),
  });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
  expect(await answer.json()).toMatchObject({
    code: 'disk-nearly-full',
    message: expect.stringMatching(/nearly full; nothing was accepted.*made room on the disk of the data directory/),
  });
  const pixel = Buffer.from(JSON.stringify({ writeKey: house.keyOf('server'), ...order() })).toString('base64url');
  const batch = JSON.stringify({ batch: [order()] });
  const codes = [
    await house.post('server', '/v1/import', batch),
    await house.post('server', '/v1/import/products', JSON.stringify({ batch: [{ sku: 'L1', name: 'Lampe' }] })),
    await decide('u2', { profiling: 'given' }),
  ].map(({ status, body }) => [status, body['code']]);
  expect(codes).toEqual(Array(3).fill([503, 'disk-nearly-full']));
  expect((await fetch(`${house.server.url}/v1/pixel/track?data=${pixel}`)).status).toBe(503);
  expect((await export_(false)).status).toBe(503);
  expect((await export_(true)).status, 'counting needs no space').toBe(202);
});

test('G4: a no is recorded, with whatever was said beside it; what is here is read, and reported on', async () => {
  const no = await decide('u1', { profiling: 'withdrawn' });
  expect([no.status, no.body['decisions']]).toEqual([
    200,
    [{ purpose: 'profiling', status: 'withdrawn', effective: 'withdrawn' }],
  ]);
  const mixed = await decide('u3', { profiling: 'given', email_marketing: 'refused' });
  expect(mixed.body['decisions']).toMatchObject([{ effective: 'given' }, { effective: 'refused' }]);
  const profile = '/api/profiles/user_id:u1?brand=atelier&purpose=';
  expect((await ask(`${profile}profiling`)).status).toBe(403);
  expect((await ask(`${profile}email_marketing`)).status).toBe(200);
  const report = await ask('/api/reports/ropo?brand=atelier&window=7&direction=online-to-store');
  expect(report.status, await report.text()).toBe(200);
  expect((await house.server.engines.reading.flow()).accepted).toBe(1);
});

test('G4: the state is shown where operators look, and said in the log once', async () => {
  const ready = await fetch(`${house.server.url}/readyz`);
  expect([ready.status, ((await ready.json()) as { parts: Record<string, string> }).parts['disk']]).toEqual([
    200,
    'nearly full: no events, files or exports are taken',
  ]);
  const figures = await (await fetch(`${house.server.url}/metrics`)).text();
  expect(figures).toContain('filrouge_disk_open 0');
  expect(figures).toContain(`filrouge_disk_free_bytes ${200 * MB}`);
  expect(changes()).toEqual(['closed']);
  expect(
    logged.filter(({ disk }) => disk === undefined),
    'the engines took what they were told',
  ).toEqual([]);
});

test('G4: under 128 MB the ballast goes, under 64 MB projecting waits; a no is recorded all the same', async () => {
  await leave(100);
  await expect.poll(() => existsSync(ballast()), { timeout: 30_000 }).toBe(false);
  await house.server.drain();
  await leave(10);
  expect((await decide('u4', { profiling: 'refused' })).status).toBe(200);
  const head = (await house.server.engines.projections.head()).ledgerPosition;
  await pause(1_000);
  expect((await house.server.engines.projections.position()).ledgerPosition).toBeLessThan(head);
  expect((await fetch(`${house.server.url}/readyz`)).status).toBe(200);
  expect(changes()).toEqual(['closed', 'halted']);
});

test('G4: with space again it goes on by itself within 10 s, and the ballast is laid again', async () => {
  free = 10_000 * MB;
  const since = performance.now();
  await expect.poll(async () => (await track()).status, { timeout: 30_000, interval: 100 }).toBe(200);
  expect(performance.now() - since).toBeLessThan(10_000);
  const { ledgerPosition } = await house.server.engines.projections.head();
  await expect
    .poll(async () => (await house.server.engines.projections.position()).ledgerPosition, { timeout: 30_000 })
    .toBe(ledgerPosition);
  await expect.poll(() => existsSync(ballast()), { timeout: 30_000 }).toBe(true);
  expect(changes()).toEqual(['closed', 'halted', 'open']);
  expect((await decide('u2', { profiling: 'given' })).status).toBe(200);
});
