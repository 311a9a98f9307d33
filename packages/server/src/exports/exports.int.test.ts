import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DAY_MS, instant } from '@filrouge/domain/base';
import type { PurposeId } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import type { ExportKind } from '@filrouge/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiHouse, openApiHouse } from '../api/testing/api-house.ts';
import type { ExportJob } from './export-job.ts';
import { Exports } from './exports.ts';

const PEOPLE = Array.from({ length: 12 }, (_, at) => `u${at}`);
const MARKETING = 'email_marketing';

let house: ApiHouse;
let directory: string;
let exports: Exports;

beforeAll(async () => {
  house = await openApiHouse();
  directory = await mkdtemp(join(tmpdir(), 'filrouge-exports-'));
  const { engines, drain } = house.server;
  exports = new Exports({
    ...engines,
    directory,
    projected: drain,
    requireRoom: async () => undefined,
    onFault: (fault) => {
      throw fault;
    },
  });
  for (const user of PEOPLE) await decide(user, 'given');
  const at = new Date(Date.now() - DAY_MS).toISOString();
  const batch = PEOPLE.flatMap((userId) => [
    {
      type: 'customer',
      messageId: `c-${userId}`,
      timestamp: at,
      identifiers: { userId, email: `${userId}@example.com` },
    },
    { type: 'order', messageId: `o-${userId}`, timestamp: at, identifiers: { userId }, receipt: order(userId) },
  ]);
  const { status, text } = await house.post('server', '/v1/import', { batch });
  if (status !== 200) throw new Error(text);
  await drain();
});
afterAll(async () => {
  await exports?.close();
  await house?.close();
  await rm(directory, { recursive: true, force: true });
});

function order(number: string): object {
  return { kind: 'order', type: 'sale', number, currency: 'EUR', amountMinor: 100, lines: [] };
}

/** Long ago, so that the files of yesterday may be kept for it; a no is of now. */
async function decide(
  user: string,
  status: 'given' | 'withdrawn',
  purpose = MARKETING,
  ago = status === 'given' ? 30 * DAY_MS : 0,
): Promise<void> {
  const { status: answered, text } = await house.post('server', '/v1/consents', {
    subject: { userId: user },
    brand: 'atelier',
    property: 'site',
    decisions: [{ purpose, status }, ...(ago > 0 ? [{ purpose: 'profiling', status }] : [])],
    notice: { id: 'banner', version: '1' },
    channel: 'web',
    indicatedAt: new Date(Date.now() - ago).toISOString(),
    indicatedBy: { kind: 'subject' },
  });
  if (answered !== 200) throw new Error(text);
}

async function begin(kind: ExportKind, purpose: string = MARKETING): Promise<ExportJob> {
  const found = house.server.engines.deployment.purposes.get(purpose as PurposeId);
  if (found === undefined) throw new Error(purpose);
  const job = await exports.begin({
    bearer: 'token',
    query: { kind, brand: 'atelier' as BrandId, purpose: found, span: { from: instant(0), to: instant(Date.now()) } },
    format: 'ndjson',
    dryRun: false,
  });
  if (job === undefined) throw new Error('busy');
  await job.ended();
  return job;
}

/** Whom a download names. Between its first piece and its end something may happen. */
async function fetched(
  job: ExportJob,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<readonly string[]> {
  await job.settle();
  const lines = job.lines();
  const first = await lines.next();
  await meanwhile();
  let text = first.done === true ? '' : first.value;
  for await (const piece of lines) text += piece;
  const items = text.split('\n').filter((line) => line !== '');
  return [
    ...new Set(items.map((line) => (JSON.parse(line) as { identifiers: { userId: string } }).identifiers.userId)),
  ].sort();
}

const without = (...gone: readonly string[]): readonly string[] => PEOPLE.filter((user) => !gone.includes(user)).sort();

test.each(['people', 'orders'] as const)(
  'S10: who says no while %s are exported is not in what is published',
  async (kind) => {
    const purpose = kind === 'people' ? MARKETING : 'profiling';
    const job = await begin(kind, purpose);
    expect(job.counts).toMatchObject({ subjects: 12, withdrawn: 0 });
    await decide('u3', 'withdrawn', purpose);
    expect(await fetched(job), 'between the reading and the first byte').toEqual(without('u3'));
    expect([job.state, job.counts.subjects, job.counts.withdrawn]).toEqual(['published', 11, 1]);

    expect(await fetched(job, () => decide('u5', 'withdrawn', purpose)), 'it had left already').toEqual(without('u3'));
    expect(job.state, 'so that this download is not published').toBe('ready');
    expect(await fetched(job)).toEqual(without('u3', 'u5'));
    expect([job.state, job.counts.withdrawn]).toEqual(['published', 2]);

    await decide('u3', 'given', purpose, 0);
    expect(await fetched(job), 'who was taken out does not come back').toEqual(without('u3', 'u5'));
    await exports.remove(job);
  },
);

test('S10: a decision on something else changes nothing, and nobody is lost by it', async () => {
  const job = await begin('people');
  expect(await fetched(job, () => decide('u1', 'withdrawn', 'profiling'))).toEqual(without('u5'));
  expect(job.state).toBe('published');
  await exports.remove(job);
});

test('a spool is noise on the disk, and is gone with its export', async () => {
  const job = await begin('people');
  const [name = ''] = await readdir(directory);
  const bytes = await readFile(join(directory, name));
  expect(bytes.length).toBeGreaterThan(500);
  expect(bytes.includes('u1@example.com') || bytes.includes('userId')).toBe(false);
  await exports.remove(job);
  expect(await readdir(directory)).toEqual([]);
  expect(exports.find(job.order.id, 'token')).toBeUndefined();
});

test('over HTTP: begun, fetched and removed by its own token, and on record with its purpose and number of rows', async () => {
  const { ask, tokenFor } = house;
  const body = { what: 'people', brand: 'atelier', purpose: MARKETING, format: 'csv' };
  const begun = await ask('POST', '/api/exports', { body });
  expect(begun.status).toBe(202);
  const path = `/api/exports/${begun.body.id}`;
  while ((await ask('GET', path)).body.state === 'running') await pause(20);
  const rows = await ask('GET', `${path}/rows`);
  expect([rows.status, rows.headers.get('content-type'), rows.text.trimEnd().split('\n').length]).toEqual([
    200,
    'application/x-ndjson',
    11,
  ]);
  expect((await ask('GET', path)).body).toMatchObject({ state: 'published', rows: 11, notPermitted: 1 });
  const other = await tokenFor(['exports:write']);
  expect((await ask('GET', `${path}/rows`, { token: other })).body.code).toBe('export-not-found');
  expect((await ask('DELETE', path)).status).toBe(200);
  expect((await ask('GET', path)).body.code).toBe('export-not-found');
  const refused = async (more: object, token = house.token) =>
    (await ask('POST', '/api/exports', { body: { ...body, ...more }, token })).body.code;
  expect(await refused({ purpose: undefined })).toBe('purpose-missing');
  expect(await refused({ purpose: 'telepathy' })).toBe('unknown-purpose');
  expect(await refused({ what: 'consents', purpose: undefined }, other)).toBe('scope-missing');
  expect(await refused({}, await tokenFor(['profiles:read']))).toBe('scope-missing');
  expect(await refused({}, await tokenFor(['exports:write'], 'voisin'))).toBe('brand-not-allowed');
  expect(await refused({ from: '2026-01-01' })).toBe('value-not-allowed');
});
