import { readFileSync } from 'node:fs';
import type { BrandId } from '@filrouge/domain/deployment';
import { PROBLEMS } from '@filrouge/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type ApiHouse, openApiHouse } from '../testing/api-house.ts';

let house: ApiHouse;
beforeAll(async () => {
  house = await openApiHouse();
  await decide('ada', 'given');
  await decide('bob', 'given');
  for (const visitor of ['ada', 'bob', 'eve']) {
    const page = { type: 'page', anonymousId: visitor, name: 'Lamps', properties: { category: `lamps-${visitor}` } };
    await house.post('web', '/v1/batch', { batch: [{ ...page, messageId: `page-${visitor}` }] });
  }
});
afterAll(() => house?.close());

const HOUR_MS = 3_600_000;
const PURPOSE = 'audience_measurement';

const decide = (anonymousId: string, status: string): Promise<Answer> =>
  house.post('web', '/v1/consents', {
    subject: { anonymousId },
    brand: 'atelier',
    property: 'site',
    decisions: [{ purpose: PURPOSE, status }],
    notice: { id: 'banner', version: '1' },
    channel: 'web',
    indicatedAt: new Date(Date.now() - (status === 'given' ? HOUR_MS : 0)).toISOString(),
    indicatedBy: { kind: 'subject' },
  });
const ask = (query: string, more: object = {}, token?: string, language = 'en'): Promise<Answer> =>
  house.ask('POST', '/api/sql', {
    body: { brand: 'atelier', purpose: PURPOSE, query, ...more },
    headers: { 'accept-language': language },
    ...(token === undefined ? {} : { token }),
  });

describe('POST /api/sql', () => {
  test('S10: what is permitted now is there, and nothing else; who withdraws is gone with the next query', async () => {
    const paths = "SELECT properties['category'] AS category FROM events WHERE kind = {kind:String} ORDER BY category";
    const parameters = { kind: 'page' };
    const before = await ask(paths, { parameters });
    expect(before.body).toMatchObject({
      brand: 'atelier',
      purpose: PURPOSE,
      columns: [{ name: 'category', type: 'String' }],
      rows: [['lamps-ada'], ['lamps-bob']],
      truncated: false,
    });
    await decide('bob', 'withdrawn');
    expect((await ask(paths, { parameters })).body.rows).toEqual([['lamps-ada']]);
    expect((await ask('SELECT count() FROM events', { purpose: 'profiling' })).body.rows).toEqual([[0]]);
    expect((await ask('SELECT count() FROM events', { brand: 'voisin' })).body.rows).toEqual([[0]]);
    const yesterday = new Date(Date.now() - 24 * HOUR_MS).toISOString();
    expect((await ask('SELECT count() FROM events', { to: yesterday })).body.rows).toEqual([[0]]);
  });

  test('a purpose and a scope of its own are asked for, and a brand that the token may read', async () => {
    const query = 'SELECT 1';
    expect((await ask(query, { purpose: undefined })).body).toMatchObject({ code: 'purpose-missing' });
    expect((await ask(query, { purpose: 'nonsense' })).body).toMatchObject({ code: 'unknown-purpose' });
    expect((await ask(query, { brand: undefined })).body).toMatchObject({ code: 'field-missing', pointer: '/brand' });
    expect((await ask('')).body).toMatchObject({ code: 'value-not-allowed', pointer: '/query' });
    const reports = await house.tokenFor(['reports:read', 'profiles:read']);
    expect(await ask(query, {}, reports)).toMatchObject({ status: 403, body: { code: 'scope-missing' } });
    const voisin = await house.tokenFor(['sql:read'], 'voisin' as BrandId);
    expect(await ask(query, {}, voisin)).toMatchObject({ status: 403, body: { code: 'brand-not-allowed' } });
    expect(await ask(query, { brand: undefined }, voisin)).toMatchObject({ status: 200, body: { brand: 'voisin' } });
  });

  test('a refusal has its code, says what and where in the query, in both languages', async () => {
    expect(await ask("SELECT 1,\n  file('/etc/passwd')")).toMatchObject({
      status: 400,
      body: { code: 'sql-function', pointer: '/query', detail: 'file · line 2, column 3', line: 2, column: 3 },
    });
    const french = (await ask('SELECT * FROM event', {}, undefined, 'fr')).body;
    expect(french).toMatchObject({ code: 'sql-table', detail: 'event · ligne 1, colonne 15', what: 'event' });
    expect(french.title).toMatch(/^La requête/);
    expect((await ask('SELECT {x:String}')).body).toMatchObject({ code: 'sql-parameter', pointer: '/parameters' });
  });
});

test('GET /api/sql/tables tells each view and column, in the language that is asked for', async () => {
  const { tables } = (await house.ask('GET', '/api/sql/tables')).body;
  const names = tables.map(({ name }: { name: string }) => name);
  expect(names).toEqual(['events', 'tickets', 'orders', 'lines', 'touches', 'persons']);
  const french = (await house.ask('GET', '/api/sql/tables', { headers: { 'accept-language': 'fr' } })).body;
  expect(french.tables[0].about).toBe('Une ligne par événement, quel que soit son genre.');
});

describe('docs/sql.md', () => {
  const page = readFileSync(new URL('../../../../../docs/sql.md', import.meta.url), 'utf8');
  const queries = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, query = '']) => query);

  test('there are five at least', () => expect(queries.length).toBeGreaterThanOrEqual(5));

  test.each(queries)('its query is answered: %s', async (query) => {
    const answer = await ask(query);
    expect(answer.status, answer.text).toBe(200);
  });

  test('it names every view and every code', () => {
    for (const { name } of house.server.engines.sql.tables) expect(page).toContain(`\`${name}\``);
    for (const code of Object.keys(PROBLEMS).filter((each) => each.startsWith('sql-')))
      expect(page).toContain(`\`${code}\``);
  });
});
