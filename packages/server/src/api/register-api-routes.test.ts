import { accept, type Instant, instant, refuse } from '@filrouge/domain/base';
import type { BrandId, Deployment } from '@filrouge/domain/deployment';
import { createDoor, createProjector } from '@filrouge/pipeline';
import {
  createMemoryAccessStore,
  createMemoryAppendStore,
  createMemoryEventStore,
  createMemoryProjectionStore,
  createMemoryReadingStore,
  createMemoryReferenceStore,
  createMemoryVault,
  EngineError,
  MemoryDatabase,
  type SqlDoor,
  TOKEN_SCOPES,
} from '@filrouge/ports';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { uuidv7 } from 'uuidv7';
import { beforeEach, describe, expect, test } from 'vitest';
import { AccessLog } from '../access/access-log.ts';
import { Accounts } from '../access/accounts.ts';
import { ApiTokens, SESSION_NAME_PREFIX } from '../access/api-tokens.ts';
import { Attempts } from '../access/attempts.ts';
import { SourceKeys } from '../access/source-keys.ts';
import { buildDeployment } from '../config/build-deployment.ts';
import { Exports } from '../exports/exports.ts';
import { createApp } from '../http/create-app.ts';
import { API_ROUTES } from './api-routes.ts';
import type { ApiService } from './api-service.ts';
import { registerApiRoutes } from './register-api-routes.ts';

const deployment: Deployment = buildDeployment(
  { brands: [{ id: 'atelier', name: 'Atelier' }], properties: [], sources: [] },
  'test',
);

/** The engine's dialect has no twin in memory; its own tests ask it. */
const NO_SQL: SqlDoor = {
  tables: [],
  ask: () => Promise.reject(new Error('there is no engine')),
  withoutValues: (text) => text,
  close: () => Promise.resolve(),
};

let now: Instant;
let database: MemoryDatabase;
let service: ApiService & { sql: SqlDoor };
let app: FastifyInstance;

beforeEach(() => {
  now = instant(1_763_726_400_000);
  database = new MemoryDatabase();
  const access = createMemoryAccessStore(database);
  const clock = (): Instant => now;
  const vault = createMemoryVault();
  const store = createMemoryAppendStore(database, clock);
  const projections = createMemoryProjectionStore(database);
  const events = createMemoryEventStore();
  const projector = createProjector({ store: projections, events, vault, purposes: [], now: clock });
  service = {
    deployment,
    vault,
    accessLog: new AccessLog(access),
    events,
    projections,
    reading: createMemoryReadingStore(database),
    reference: createMemoryReferenceStore(database),
    door: createDoor({ store, vault, deployment, newId: () => 'id', isEngineFault: () => false }),
    async separate(brand, fact) {
      await projections.project((transaction) => transaction.putSeparation(brand, fact));
      await projector.drain();
    },
    wake: () => undefined,
    keys: new SourceKeys(access, deployment, clock),
    tokens: new ApiTokens(access, clock),
    accounts: new Accounts(access, clock),
    attempts: new Attempts(),
    newId: uuidv7,
    sql: NO_SQL,
    exports: new Exports({
      reading: createMemoryReadingStore(database),
      events,
      vault,
      deployment,
      projected: async () => undefined,
      directory: '/nowhere',
      requireRoom: async () => undefined,
      now: clock,
      onFault: () => undefined,
    }),
    now: clock,
  };
  app = createApp({ logger: pino({ level: 'silent' }), isEngineFault: () => false });
  registerApiRoutes(app, service, API_ROUTES);
});

const logged = (): readonly object[] => [...database.view.access.values()];

describe('every route', () => {
  test.each(
    API_ROUTES.filter(({ scope }) => scope !== 'nobody').map(
      ({ method, path, scope }) => [method, path, scope] as const,
    ),
  )('%s %s asks for a token with the scope %s', async (method, path, scope) => {
    const url = path.replace('{namespace}:{value}', 'user_id:u1').replace('{id}', 'x');
    const ask = async (authorization?: string): Promise<object> => {
      const headers = authorization === undefined ? {} : { authorization };
      const { statusCode, body } = await app.inject({ method, url, headers });
      return { statusCode, code: (JSON.parse(body) as { code: string }).code };
    };
    expect(await ask()).toEqual({ statusCode: 401, code: 'token-missing' });
    expect(await ask('Bearer api_unknown')).toEqual({ statusCode: 401, code: 'token-unknown' });
    const others = TOKEN_SCOPES.filter((each) => each !== scope);
    const token = await service.tokens.create('all but one', others);
    expect(await ask(`Bearer ${token}`)).toEqual({ statusCode: 403, code: 'scope-missing' });
    expect(logged()).toEqual([]);
  });
});

describe('a request that no route takes', () => {
  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string) => {
    const { statusCode, headers, body } = await app.inject({ method, url });
    const { code, detail } = JSON.parse(body) as { readonly code: string; readonly detail: string };
    return { statusCode, allow: headers['allow'], type: headers['content-type'], code, detail };
  };

  test.each([
    ['PUT', '/api/tokens', 'GET, HEAD, POST', 'It takes GET and POST, not PUT.'],
    ['POST', '/api/profiles/user_id:u1/traits?purpose=profiling', 'GET, HEAD', 'It takes GET, not POST.'],
    ['GET', '/api/keys/web_1/', 'DELETE', 'It takes DELETE, not GET.'],
  ] as const)('%s %s: 405 names the methods of the address', async (method, url, allow, detail) => {
    const type = 'application/problem+json; charset=utf-8';
    expect(await ask(method, url)).toEqual({ statusCode: 405, code: 'method-not-allowed', allow, type, detail });
  });

  test.each(['/api/nothing', '/api/tokens/a/b', '/api'])('%s is 404, without methods', async (url) => {
    expect(await ask('GET', url)).toMatchObject({ statusCode: 404, allow: undefined, code: 'not-found' });
  });
});

describe('a credential in the place of another is recognised', () => {
  test.each([
    [{ authorization: 'Bearer web_abc' }, 'token-unknown', 'This is a write key (web_…)'],
    [{ authorization: `Basic ${btoa('store_abc:')}` }, 'token-unknown', 'This is a write key (store_…)'],
    [{ 'x-write-key': 'server_abc' }, 'token-missing', 'This is a write key (server_…)'],
    [{ authorization: `Basic ${btoa('ada:secret')}` }, 'token-unknown', 'as Authorization: Bearer, not as Basic'],
  ])('%j: 401 %s, %s', async (headers, code, words) => {
    const answer = await app.inject({ method: 'GET', url: '/api/flow', headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ code, detail: expect.stringContaining(words) });
    expect(answer.body).not.toMatch(/abc|secret/);
  });
});

describe('S10: looks are on record', () => {
  test('who looked at which node, for what, and what came of it; never a value', async () => {
    const token = await service.tokens.create('console', TOKEN_SCOPES, 'atelier' as BrandId);
    const { statusCode } = await app.inject({
      method: 'GET',
      url: '/api/profiles/email:Jane%40Example.com?purpose=profiling',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(statusCode).toBe(404);
    expect(logged()).toEqual([
      {
        at: now,
        actor: expect.stringMatching(/^console \(api_[0-9a-f]{12}\)$/),
        action: 'profile',
        brand: 'atelier',
        purpose: 'profiling',
        subject: service.vault.lookup('atelier' as BrandId, 'email', 'jane@example.com'),
        outcome: 'profile-not-found',
      },
    ]);
    expect(JSON.stringify(logged())).not.toMatch(/jane/i);
  });

  test('a query is on record with its rows and its time, and without its values', async () => {
    const token = await service.tokens.create('notebook', ['sql:read']);
    const answers = [
      accept({ columns: [{ name: 'n', type: 'UInt64' }], rows: [[7]], truncated: false }),
      refuse({ code: 'function', what: 'file' } as const),
    ];
    service.sql = {
      ...NO_SQL,
      ask: () => Promise.resolve(answers.shift() ?? refuse({ code: 'busy' as const })),
      withoutValues: (text) => text.replaceAll(/'[^']*'/g, '?'),
    };
    for (const query of [
      "SELECT count() FROM events WHERE name = 'ada@example.com'",
      "SELECT file('ada')",
      'SELECT 1',
    ]) {
      const payload = { brand: 'atelier', purpose: 'profiling', query };
      await app.inject({ method: 'POST', url: '/api/sql', headers: { authorization: `Bearer ${token}` }, payload });
    }
    const ms = expect.any(Number) as number;
    expect(logged()).toMatchObject([
      { outcome: 'ok', detail: { query: 'SELECT count() FROM events WHERE name = ?', ms, rows: 1, truncated: false } },
      { outcome: 'sql-function', detail: { query: 'SELECT file(?)', ms } },
      { outcome: 'sql-busy', purpose: 'profiling', brand: 'atelier', action: 'sql' },
    ]);
    expect(JSON.stringify(logged())).not.toContain('ada');
  });

  test('what cannot be put on record is not answered: nothing of it leaves, neither what was found nor what was not', async () => {
    const token = await service.tokens.create('console', ['sql:read', 'profiles:read']);
    const answer = { columns: [{ name: 'secret', type: 'String' }], rows: [['secret']], truncated: false };
    service.sql = { ...NO_SQL, ask: () => Promise.resolve(accept(answer)), withoutValues: () => 'SELECT ?' };
    const broken = new EngineError('unavailable', 'no disk');
    Object.assign(service, { accessLog: new AccessLog({ log: () => Promise.reject(broken) }) });
    const headers = { authorization: `Bearer ${token}` };
    const payload = { brand: 'atelier', purpose: 'profiling', query: 'SELECT secret' };
    for (const asked of [
      { method: 'GET', url: '/api/profiles/user_id:u1?brand=atelier&purpose=profiling', headers },
      { method: 'POST', url: '/api/sql', headers, payload },
    ] as const) {
      const { statusCode, body } = await app.inject(asked);
      expect(statusCode, asked.url).toBe(500);
      expect(body, asked.url).not.toMatch(/secret|profile-not-found/);
    }
  });

  test('who signs in wrongly leaves no address', async () => {
    await app.inject({ method: 'POST', url: '/api/session', payload: { email: 'x@example.com', password: 'wrong' } });
    expect(logged()).toEqual([{ at: now, actor: 'nobody (nobody)', action: 'session', outcome: 'credentials-wrong' }]);
  });
});

describe('S10: a look that only reads begins while its token is looked up', () => {
  const url = '/api/profiles/user_id:u1?brand=atelier&purpose=profiling';
  /** Look-ups of tokens wait until they are let go; looks at persons are counted as they begin. */
  function slowTokens() {
    const access = createMemoryAccessStore(database);
    const { reading } = service;
    const found: typeof reading.person = (...asked) => reading.person(...asked);
    const seen = { gate: Promise.resolve(), looks: 0, person: found };
    const apiToken = async (hash: Buffer) => {
      await seen.gate;
      return access.apiToken(hash);
    };
    const person: typeof reading.person = (...asked) => {
      seen.looks += 1;
      return seen.person(...asked);
    };
    const tokens = new ApiTokens({ ...access, apiToken }, () => now);
    Object.assign(service, { tokens, reading: { ...reading, person } });
    const ask = async (token: string): Promise<number> =>
      (await app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } })).statusCode;
    return { seen, tokens, ask };
  }
  const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

  test('it answers, and is on record, when the token is known to be good; of a token revoked meanwhile neither', async () => {
    const { seen, tokens, ask } = slowTokens();
    const token = await tokens.create('console', ['profiles:read']);
    expect([await ask(token), seen.looks, logged().length]).toEqual([404, 1, 1]);
    const revoke = async () => tokens.revoke((await tokens.list())[0]?.id ?? '');
    for (const [meanwhile, status, looks, lines] of [
      [async () => undefined, 404, 2, 2],
      [revoke, 401, 3, 2],
      // Known to be revoked: nothing begins.
      [async () => undefined, 401, 3, 2],
    ] as const) {
      const gate = Promise.withResolvers<void>();
      seen.gate = gate.promise;
      const before = logged().length;
      let answered = false;
      const answer = ask(token).finally(() => {
        answered = true;
      });
      await turns();
      expect([answered, seen.looks, logged().length]).toEqual([false, looks, before]);
      await meanwhile();
      gate.resolve();
      expect([await answer, seen.looks, logged().length]).toEqual([status, looks, lines]);
    }
  });

  test('the refusal of a token waits for nothing that was begun, whatever becomes of it', async () => {
    const { seen, tokens, ask } = slowTokens();
    const token = await tokens.create('console', ['profiles:read']);
    await ask(token);
    await tokens.revoke((await tokens.list())[0]?.id ?? '');
    const look = Promise.withResolvers<undefined>();
    seen.person = () => look.promise;
    expect([await ask(token), seen.looks]).toEqual([401, 2]);
    look.reject(new EngineError('unavailable', 'gone'));
    await turns();
    expect(logged()).toHaveLength(1);
  });

  test('for nobody whose token was not good lately, and for nothing that its scopes do not open', async () => {
    const { seen, tokens, ask } = slowTokens();
    const good = await tokens.create('console', ['profiles:read']);
    await ask(good);
    await tokens.flush();
    const other = await tokens.create('other', ['flow:read']);
    expect([await ask(other), seen.looks]).toEqual([403, 1]);
    const gate = Promise.withResolvers<void>();
    seen.gate = gate.promise;
    const answers = [good, other, 'api_unknown'].map(ask);
    await turns();
    expect(seen.looks).toBe(1);
    gate.resolve();
    expect([await Promise.all(answers), seen.looks]).toEqual([[404, 403, 401], 2]);
  });

  test('routes that only read are asked by GET', () => {
    const reading = API_ROUTES.filter(({ onlyReads }) => onlyReads === true);
    expect(new Set(reading.map(({ method }) => method))).toEqual(new Set(['GET']));
  });
});

describe('tokens end', () => {
  test('of themselves, at their hour; a session is named after its account', async () => {
    const { secret, entry } = await service.tokens.createSession('staff@example.com');
    const ask = async (): Promise<number> =>
      (await app.inject({ method: 'GET', url: '/api/flow', headers: { authorization: `Bearer ${secret}` } }))
        .statusCode;
    expect(entry.name).toBe(`${SESSION_NAME_PREFIX}staff@example.com`);
    expect(await ask()).toBe(200);
    now = instant((entry.expiresAt ?? now) - 1);
    expect(await ask()).toBe(200);
    now = instant(now + 1);
    expect(await ask()).toBe(401);
  });
});
