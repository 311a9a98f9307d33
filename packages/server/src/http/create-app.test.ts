import { pino } from 'pino';
import { beforeAll, expect, test } from 'vitest';
import { createApp } from './create-app.ts';
import { FOR_PAGES } from './cross-origin.ts';

const app = createApp({ logger: pino({ level: 'silent' }), isEngineFault: () => false });
const ORIGIN = 'https://www.boutique.example';

beforeAll(() => {
  app.post('/echo', { ...FOR_PAGES, bodyLimit: 100 }, (request, reply) => reply.send(request.body));
  app.get('/of/:name', (_request, reply) => reply.send('found'));
});

test.each([
  undefined,
  '',
  'json',
  ';;',
  'a/b, c/d',
  'text/plain',
  'application/json; charset',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
])('a body is read as its bytes, though its type is called %j (wire.md 4.1)', async (type) => {
  const headers = type === undefined ? {} : { 'content-type': type };
  const answer = await app.inject({ method: 'POST', url: '/echo', headers, payload: Buffer.from('{"a":1}') });
  expect([answer.statusCode, answer.body]).toEqual([200, '{"a":1}']);
});

test('a page can read the refusal of a body that was never read', async () => {
  const payload = 'x'.repeat(101);
  const answer = await app.inject({ method: 'POST', url: '/echo', headers: { origin: ORIGIN }, payload });
  expect([answer.statusCode, answer.json().code]).toEqual([413, 'body-too-large']);
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': ORIGIN,
    'access-control-expose-headers': 'Retry-After',
    vary: 'Origin',
  });
});

test('a body that breaks off is told as that, and nothing of our inside with it', async () => {
  const headers = { 'content-length': '50' };
  const answer = await app.inject({ method: 'POST', url: '/echo', headers, payload: 'short' });
  expect([answer.statusCode, answer.json().code]).toEqual([400, 'body-incomplete']);
  expect(answer.body).not.toContain('node_modules');
});

test.each(['/of/%zz', `/of/${'x'.repeat(2_000)}`])('an address that cannot be read is a problem, and is not repeated: %s', async (url) => {
  const answer = await app.inject({ url });
  expect(answer.json()).toMatchObject({ status: 404, code: 'not-found' });
  expect(answer.body).not.toContain(url);
}); // biome-ignore format: one address a row
