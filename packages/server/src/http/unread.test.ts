import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from './create-app.ts';

const app = createApp({
  logger: pino({ level: 'silent' }),
  isEngineFault: () => false,
  patience: { headersMs: 300, requestMs: 600, lookMs: 50 },
});
let port: number;

beforeAll(async () => {
  app.post('/echo', (request, reply) => reply.send(request.body));
  const { port: found } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  port = Number(found);
});
afterAll(() => app.close());

/** What is answered to bytes until the connection ends; `drip` is sent again and again meanwhile. */
function answerTo(bytes: string, drip = ''): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    const dripping = setInterval(() => drip !== '' && socket.writable && socket.write(drip), 40);
    socket.on('data', (piece: Buffer) => {
      answer += piece.toString('latin1');
    });
    // A connection that is cut while it is written to ends with an error.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(dripping);
      resolve(answer);
    });
    socket.write(bytes, 'latin1');
  });
}

const POST = 'POST /echo HTTP/1.1\r\nhost: x\r\n';

test.each([
  ['another protocol', '\x16\x03\x01\x00\xa5\r\n\r\n', 400, 'request-unreadable'],
  ['a method that is none', 'GRAB /echo HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'request-unreadable'],
  ['NUL in a header', `${POST}x-a: b\0c\r\n\r\n`, 400, 'request-unreadable'],
  ['two lengths', `${POST}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, 400, 'request-unreadable'],
  ['a length and pieces', `${POST}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`, 400, 'request-unreadable'],
  ['a piece without length', `${POST}transfer-encoding: chunked\r\n\r\nzz\r\n`, 400, 'request-unreadable'],
  ['headers of 20 KB', `${POST}x-a: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'head-too-large'],
  ['an address of 20 KB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431, 'head-too-large'],
])('%s is told as a problem, and the connection ends', async (_, bytes, status, code) => {
  const answer = await answerTo(bytes);
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*content-type: application/problem\\+json`, 'is'));
  expect(JSON.parse(body)).toMatchObject({ status, code, title: expect.any(String), pointer: '' });
}); // biome-ignore format: one request a row

test('G9: who sends a header or a body byte by byte is cut, a hundred of them at once, and others are answered meanwhile', async () => {
  const slow = Array.from({ length: 50 }, () => [
    answerTo(`${POST}x-slow: `, 'a'),
    answerTo(`${POST}content-length: 1000\r\n\r\n`, 'a'),
  ]).flat();
  await pause(100);
  const quick = await fetch(`http://127.0.0.1:${port}/echo`, { method: 'POST', body: 'quick' });
  expect(await quick.text()).toBe('quick');
  // One that writes while it is cut may lose what was said to it.
  const answers = (await Promise.all(slow)).filter((answer) => answer !== '');
  expect(answers.filter((answer) => !/^HTTP\/1.1 408 .*"request-too-slow"/s.test(answer))).toEqual([]);
});
