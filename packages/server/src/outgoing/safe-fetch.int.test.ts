import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { outgoingRefusalInWords } from './outgoing-refusal.ts';
import { OUTGOING_LIMITS, type OutgoingLimits, type Resolve } from './outgoing-request.ts';
import { createSafeFetch, type SafeFetchOptions } from './safe-fetch.ts';
import { openCanary } from './testing/canary.ts';

const HURRIED: OutgoingLimits = { connectionMs: 300, headersMs: 300, answerMs: 600, answerBytes: 64 * 1024 };
/** Allocated to nobody since 2006 (RFC 3701), and yet no special range: the public address that nobody answers at. */
const NOBODYS = { address: '3ffe::1', family: 6 };
const LOOPBACK = { address: '127.0.0.1', family: 4 };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function canary(...args: Parameters<typeof openCanary>) {
  const opened = await openCanary(...args);
  open.push(() => opened.close());
  return opened;
}

/** A partner called partner.lan on 127.0.0.1, and the function that may reach it. */
async function partner(listener: RequestListener, options: SafeFetchOptions = {}) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://partner.lan:${port}/hook`, ...reaching(port, options) };
}

function reaching(port: number, options: SafeFetchOptions = {}) {
  const asked: string[] = [];
  const resolve: Resolve = async (host) => {
    asked.push(host);
    return [LOOPBACK];
  };
  const privateHosts = new Map([['partner.lan', new Set([port])]]);
  return { asked, safeFetch: createSafeFetch({ privateHosts, resolve, limits: HURRIED, ...options }) };
}

test('an answer comes back as it is, whatever its status', async () => {
  const heard: unknown[] = [];
  const { url, safeFetch } = await partner((request, response) => {
    request.once('data', (body: Buffer) => {
      heard.push([request.method, request.url, request.headers['host'], request.headers['x-key'], body.toString()]);
      response.writeHead(422, { 'content-encoding': 'gzip', 'x-told': 'yes' }).end(gzipSync('{"failed":[2]}'));
    });
  });
  const answer = await safeFetch({ url, method: 'POST', headers: { 'x-key': 'k' }, body: '{"a":1}' });
  expect(answer).toMatchObject({ ok: true, value: { status: 422, headers: { 'x-told': 'yes' } } });
  expect(answer.ok && answer.value.body.toString()).toBe('{"failed":[2]}');
  expect(heard).toEqual([['POST', '/hook', new URL(url).host, 'k', '{"a":1}']]);
});

test('G14: a name that answers a public address first and a private one then never leads to the private one', async () => {
  const bird = await canary();
  let answers = 0;
  const resolve: Resolve = async () => (answers++ % 2 === 0 ? [NOBODYS] : [LOOPBACK]);
  const safeFetch = createSafeFetch({ ports: new Set([bird.port]), resolve, limits: HURRIED });
  const kinds: string[] = [];
  for (let at = 0; at < 4; at += 1) {
    const answer = await safeFetch({ url: `http://rebinding.example:${bird.port}/` });
    kinds.push(answer.ok ? 'answered' : answer.refusal.kind);
  }
  expect(bird.connections()).toBe(0);
  // Asked once for each request: what was judged is what was connected to.
  expect(answers).toBe(4);
  expect(kinds.filter((_, at) => at % 2 === 1)).toEqual(['address', 'address']);
  expect(kinds).not.toContain('answered');
});

test.each([
  ['public and private', [NOBODYS, LOOPBACK]],
  ['private and public', [LOOPBACK, NOBODYS]],
  ['IPv4-mapped', [{ address: '::ffff:127.0.0.1', family: 6 }]],
  ['unspecified', [{ address: '0.0.0.0', family: 4 }]],
])('G14: one private address among those of a name is enough: %s', async (_, addresses) => {
  const bird = await canary();
  const safeFetch = createSafeFetch({ ports: new Set([bird.port]), resolve: async () => addresses, limits: HURRIED });
  const refusal = { kind: 'address', host: 'both.example' };
  expect(await safeFetch({ url: `http://both.example:${bird.port}/` })).toEqual({ ok: false, refusal });
  expect(await safeFetch({ url: `https://both.example:${bird.port}/` })).toEqual({ ok: false, refusal });
  expect(bird.connections()).toBe(0);
});

test('G14: localhost is refused by the resolver of this machine too', async () => {
  const bird = await canary();
  const safeFetch = createSafeFetch({ ports: new Set([bird.port]) });
  expect(await safeFetch({ url: `http://localhost:${bird.port}/` })).toMatchObject({ refusal: { kind: 'address' } });
  expect(bird.connections()).toBe(0);
});

test('G14: the canary would have sung: the same address is reached once the setting names the host', async () => {
  const bird = await canary((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
  const { safeFetch } = reaching(bird.port);
  expect(await safeFetch({ url: `http://partner.lan:${bird.port}/` })).toMatchObject({ value: { status: 204 } });
  expect(bird.connections()).toBe(1);
});

test('G14: a redirect is not followed, and not told on', async () => {
  const bird = await canary();
  const { url, asked, safeFetch } = await partner((_, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${bird.port}/secret` }).end('secret');
  });
  const answer = await safeFetch({ url });
  expect(answer).toEqual({ ok: false, refusal: { kind: 'redirect', status: 307 } });
  expect(JSON.stringify(answer)).not.toContain('secret');
  expect(asked).toEqual(['partner.lan']);
  expect(bird.connections()).toBe(0);
});

test('G14: the way to the host is told to nobody by a header', async () => {
  const { url, asked, safeFetch } = await partner((_, response) => response.end());
  for (const [name, value] of [
    ['Host', 'inner.lan'],
    ['Transfer-Encoding', 'chunked'],
    ['Proxy-Authorization', 'x'],
    ['x-split', 'a\r\nHost: inner.lan'],
    ['x split', 'a'],
  ] as const) {
    expect(await safeFetch({ url, headers: { [name]: value } })).toEqual({
      ok: false,
      refusal: { kind: 'header', name },
    });
  }
  expect(asked).toEqual([]);
});

test('each request has a connection of its own', async () => {
  const ports: (number | undefined)[] = [];
  const { url, asked, safeFetch } = await partner((request, response) => {
    ports.push(request.socket.remotePort);
    response.end('ok');
  });
  for (let at = 0; at < 3; at += 1) expect(await safeFetch({ url })).toMatchObject({ ok: true });
  expect(new Set(ports).size).toBe(3);
  expect(asked).toHaveLength(3);
});

test.each([
  ['10 MB', {}, Buffer.alloc(10 * 1024 * 1024)],
  ['10 MB of unknown length', { 'transfer-encoding': 'chunked' }, Buffer.alloc(10 * 1024 * 1024)],
  ['a bomb of gzip', { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(50 * 1024 * 1024))],
])('an answer of %s ends at the limit', async (_, headers, body) => {
  const { url, safeFetch } = await partner((_request, response) => {
    response.writeHead(200, headers).end(body);
  });
  const refusal = { kind: 'too-large', bytesMax: HURRIED.answerBytes };
  expect(await safeFetch({ url })).toEqual({ ok: false, refusal });
});

test('an endless stream of gzip that unpacks to nothing ends at the limit', async () => {
  const nothing = gzipSync('');
  const { url, safeFetch } = await partner((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    const more = (): void => {
      for (let at = 0; at < 500; at += 1) response.write(nothing);
      if (!response.destroyed) setImmediate(more);
    };
    more();
  });
  expect(await safeFetch({ url })).toMatchObject({ refusal: { kind: 'too-large' } });
});

test.each([
  ['says nothing', 'headers', ''],
  ['drips its headers', 'headers', 'HTTP/1.1 200 OK\r\nx-slow: '],
  ['drips its body', 'answer', 'HTTP/1.1 200 OK\r\ncontent-length: 4096\r\n\r\n'],
])('a host that %s is left in time', async (_, phase, begin) => {
  const bird = await canary((socket) => {
    socket.write(begin);
    const drip = setInterval(() => begin !== '' && socket.write('x'), 20);
    socket.on('close', () => clearInterval(drip));
  });
  const { safeFetch } = reaching(bird.port);
  const startedAt = performance.now();
  expect(await safeFetch({ url: `http://partner.lan:${bird.port}/` })).toMatchObject({
    refusal: { kind: 'too-slow', phase },
  });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('a resolver and a handshake that never end are left in time', async () => {
  const bird = await canary();
  const asleep = reaching(bird.port, { resolve: () => new Promise(() => undefined) });
  const refusal = { kind: 'too-slow', phase: 'connection', ms: HURRIED.connectionMs };
  expect(await asleep.safeFetch({ url: `http://partner.lan:${bird.port}/` })).toEqual({ ok: false, refusal });
  expect(bird.connections()).toBe(0);
  const { safeFetch } = reaching(bird.port, { limits: { ...HURRIED, headersMs: 2_000 } });
  expect(await safeFetch({ url: `https://partner.lan:${bird.port}/` })).toEqual({ ok: false, refusal });
});

test.each([
  ['no HTTP', 'SECRET of an inner service\r\n', 'answer-unreadable'],
  [
    'another protocol after HTTP',
    'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    'answer-unreadable',
  ],
  ['an encoding nobody asked for', 'HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\n\r\nSECRET', 'answer-unreadable'],
  ['gzip that is none', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nSECRET', 'answer-unreadable'],
  ['headers without end', `HTTP/1.1 200 OK\r\nx: ${'SECRET'.repeat(10_000)}`, 'answer-unreadable'],
  ['half an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nSECRET', 'unreachable'],
])('no refusal tells a byte of the answer: %s', async (_, bytes, kind) => {
  const bird = await canary((socket) => socket.end(bytes));
  const { safeFetch } = reaching(bird.port);
  const answer = await safeFetch({ url: `http://partner.lan:${bird.port}/` });
  expect(answer).toMatchObject({ ok: false, refusal: { kind } });
  expect(JSON.stringify(answer) + (answer.ok ? '' : outgoingRefusalInWords(answer.refusal))).not.toContain('SECRET');
});

test('what cannot be reached says so in words', async () => {
  const bird = await canary();
  await bird.close();
  open.pop();
  const { safeFetch } = reaching(bird.port);
  const words: string[] = [];
  for (const url of [
    `http://partner.lan:${bird.port}/`,
    'http://10.0.0.1/',
    'ftp://partner.lan/',
    'http://partner.lan:22/',
  ]) {
    const answer = await safeFetch({ url });
    words.push(answer.ok ? 'answered' : outgoingRefusalInWords(answer.refusal));
  }
  expect(words).toEqual([
    'The connection with partner.lan failed (ECONNREFUSED).',
    '10.0.0.1 is on a private or special network, which is not asked; FILROUGE_OUTGOING_PRIVATE_HOSTS names the private hosts that may be.',
    'A URL begins with https:// or http://.',
    'Port 22 is not asked.',
  ]);
  const nobody = createSafeFetch({ resolve: () => Promise.reject(new Error('ENOTFOUND')), limits: OUTGOING_LIMITS });
  expect(await nobody({ url: 'https://nobody.example/' })).toMatchObject({ refusal: { kind: 'unknown-host' } });
});

test('a signal stops it, before and under way', async () => {
  const bird = await canary();
  const { safeFetch } = reaching(bird.port);
  const url = `http://partner.lan:${bird.port}/`;
  const stopped = { ok: false, refusal: { kind: 'stopped' } };
  expect(await safeFetch({ url, signal: AbortSignal.abort() })).toEqual(stopped);
  expect(bird.connections()).toBe(0);
  const controller = new AbortController();
  const underWay = safeFetch({ url, signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  expect(await underWay).toEqual(stopped);
});
