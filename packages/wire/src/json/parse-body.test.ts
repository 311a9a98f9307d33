import { expect, test } from 'vitest';
import { COLLECT_LIMITS } from './limits.ts';
import { parseBody } from './parse-body.ts';

const parse = (text: string): ReturnType<typeof parseBody> => parseBody(Buffer.from(text));

test('a body is taken as it is, a password included', () => {
  const body = { email: 'a@example.com', password: 'x', list: [{ a: 1 }, { a: 2 }], 'é\u0000': null };
  expect(parse(JSON.stringify(body))).toEqual({ ok: true, value: body });
});

test.each([
  ['{"a":1,"a":2}', 'duplicate-key', '/a'],
  ['{"a":[{"b":1,"b":1}]}', 'duplicate-key', '/a/0/b'],
  ['{"a":{"__proto__":{"admin":true}}}', 'forbidden-key', '/a/__proto__'],
  ['[1]', 'body-not-an-object', ''],
  ['{"a":', 'json-malformed', ''],
  [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'depth-exceeded', ''],
])('%s is refused as %s', (text, code, pointer) => {
  expect(parse(text)).toMatchObject({ ok: false, refusal: { code, pointer } });
});

test('limits are taken on the bytes', () => {
  const limits = { ...COLLECT_LIMITS, bodyBytesMax: 10, itemBytesMax: 10 };
  expect(parseBody(Buffer.from('{"a":"0123456789"}'), limits)).toMatchObject({ refusal: { code: 'body-too-large' } });
  expect(parseBody(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toMatchObject({
    refusal: { code: 'body-not-utf8' },
  });
});
