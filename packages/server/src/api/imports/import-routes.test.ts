import { type Instant, instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import { createProjector } from '@filrouge/pipeline';
import {
  createMemoryAccessStore,
  createMemoryAppendStore,
  createMemoryEventStore,
  createMemoryProjectionStore,
  createMemoryReferenceStore,
  createMemoryVault,
  MemoryDatabase,
  type ProjectionStore,
  type ReferenceStore,
  type TokenScope,
} from '@filrouge/ports';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { AccessLog } from '../../access/access-log.ts';
import { ApiTokens } from '../../access/api-tokens.ts';
import { buildDeployment } from '../../config/build-deployment.ts';
import { createApp } from '../../http/create-app.ts';
import type { ApiService } from '../api-service.ts';
import { REFERENCE_API_ROUTES } from '../reference/reference-routes.ts';
import { registerApiRoutes } from '../register-api-routes.ts';
import { IMPORT_ROUTES } from './import-routes.ts';

const NOW: Instant = instant(Date.UTC(2026, 10, 21, 12));
const MAISON = { brand: 'maison' as BrandId, id: 'erp' as SourceId };
const ATELIER = { brand: 'atelier' as BrandId, id: 'pos' as SourceId };
const deployment = buildDeployment(
  {
    brands: [
      { id: 'maison', name: 'Maison' },
      { id: 'atelier', name: 'Atelier' },
    ],
    properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
    sources: [{ id: 'erp', brand: 'maison', property: 'site', kind: 'server' }],
  },
  'imports',
);

let app: FastifyInstance;
let database: MemoryDatabase;
let projections: ProjectionStore;
let reference: ReferenceStore;
let tokens: ApiTokens;
let drain: () => Promise<void>;
let woken = 0;

beforeEach(async () => {
  database = new MemoryDatabase();
  woken = 0;
  const access = createMemoryAccessStore(database);
  projections = createMemoryProjectionStore(database);
  reference = createMemoryReferenceStore(database);
  const events = createMemoryEventStore();
  tokens = new ApiTokens(access, () => NOW);
  const projector = createProjector({
    store: projections,
    events,
    vault: createMemoryVault(),
    purposes: [],
    now: () => NOW,
  });
  drain = () => projector.drain();
  const service = {
    deployment,
    accessLog: new AccessLog(access),
    projections,
    reference,
    events,
    tokens,
    now: () => NOW,
    wake: () => (woken += 1),
  };
  app = createApp({ logger: pino({ level: 'silent' }), isEngineFault: () => false });
  registerApiRoutes(app, service as unknown as ApiService, [...IMPORT_ROUTES, ...REFERENCE_API_ROUTES]);
  const append = createMemoryAppendStore(database, () => NOW);
  for (const source of [MAISON, ATELIER]) {
    await append.append((transaction) =>
      transaction.importRun({ import: 'imp_a', kind: 'stores', file: 'a.csv', content: 'c'.repeat(64) }, source),
    );
  }
});

async function ask(method: 'GET' | 'POST', url: string, brand?: string) {
  const scopes: readonly TokenScope[] = ['imports:read', 'imports:write', 'reports:read'];
  const token = await tokens.create('dana', scopes, brand as BrandId | undefined);
  const answer = await app.inject({ method, url, headers: { authorization: `Bearer ${token}` } });
  return { status: answer.statusCode, ...answer.json<Record<string, unknown>>() };
}

test('imports are listed latest first, and a token bound to a brand sees that brand’s alone', async () => {
  expect(await ask('GET', '/api/imports')).toMatchObject({
    items: [
      { number: 2, brand: 'atelier' },
      { number: 1, brand: 'maison', import: 'imp_a', file: 'a.csv', state: 'open' },
    ],
    next: null,
  });
  expect(await ask('GET', '/api/imports?limit=1')).toMatchObject({ items: [{ number: 2 }], next: 2 });
  expect(await ask('GET', '/api/imports?limit=1&before=2')).toMatchObject({ items: [{ number: 1 }], next: null });
  expect(await ask('GET', `/api/imports?content=${'c'.repeat(64)}`, 'maison')).toMatchObject({
    items: [{ number: 1 }],
  });
  expect(await ask('GET', '/api/imports/2', 'maison')).toMatchObject({ status: 404 });
  expect(await ask('GET', '/api/imports/imp_a', 'maison')).toMatchObject({ status: 200, number: 1 });
});

test('an id that several runs bear is not guessed; one that is undone is told so; each undoing is logged by name', async () => {
  expect(await ask('POST', '/api/imports/imp_a/undo')).toMatchObject({ status: 409, code: 'import-ambiguous' });
  expect(await ask('POST', '/api/imports/nope/undo')).toMatchObject({ status: 404 });
  const asked = await ask('POST', '/api/imports/1/undo');
  expect(asked).toMatchObject({ status: 202, state: 'undoing', undo: { askedAt: '2026-11-21T12:00:00.000Z' } });
  expect(await ask('POST', '/api/imports/1/undo'), 'asked twice, done once').toMatchObject({ status: 202 });
  expect(woken).toBe(2);
  await drain();
  expect(await ask('GET', '/api/imports/1')).toMatchObject({ state: 'undone', undo: { doneAt: expect.any(String) } });
  expect(await ask('POST', '/api/imports/1/undo')).toMatchObject({ status: 409, code: 'import-undone' });
  const logged = [...database.view.access.values()].filter(({ action }) => action === 'imports/undo');
  expect(logged[0]).toMatchObject({ brand: 'maison', subject: 'imp_a/1', outcome: 'ok' });
});

test('products, stores and campaigns are read by brand, filtered and page by page', async () => {
  const store = (id: string, name: string) => ({ kind: 'stores', id, content: { id, name } }) as const;
  await reference.tell(MAISON, [store('1', 'Lyon'), store('2', 'Nice'), store('3', 'Lille')], undefined, NOW);
  expect(await ask('GET', '/api/stores?limit=2', 'maison')).toMatchObject({
    items: [{ id: '1', name: 'Lyon', source: 'erp', toldAt: '2026-11-21T12:00:00.000Z' }, { id: '2' }],
    next: '2',
  });
  expect(await ask('GET', '/api/stores?limit=2&after=2', 'maison')).toMatchObject({ items: [{ id: '3' }], next: null });
  expect(await ask('GET', '/api/stores?text=LI', 'maison')).toMatchObject({ items: [{ id: '3' }] });
  expect(await ask('GET', '/api/stores', 'atelier')).toMatchObject({ items: [] });
  expect(await ask('GET', '/api/stores')).toMatchObject({ status: 400, code: 'field-missing' });
});
