import { isJsonObject, type JsonObject } from '@filrouge/domain/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyHash } from './body-hash.ts';
import { cutString, normalise } from './normalise.ts';
import { parseItem } from './parse-item.ts';
import { measureItem } from './scan.ts';

const hostileString = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\0', '\ud800', 'a\udead', '4111 1111 1111 1111', 'x'.repeat(9_000), '👩‍👩‍👧‍👦', ''),
);
const hostileTree = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    hostileString,
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(hostileString, fc.constantFrom('token', 'cardNumber', 'constructor', 'a', 'b')),
      tie('node'),
      {
        maxKeys: 5,
      },
    ),
  ),
})).node;

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [...(Array.isArray(value) ? [] : [key]), ...textsOf(child)]);
}

function keysSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const keys = Object.keys(value);
  const named = Array.isArray(value) ? [] : keys.filter((key) => !/^(0|[1-9]\d*)$/.test(key));
  return (
    named.every((key, place) => place === 0 || (named[place - 1] as string) < key) &&
    Object.values(value).every(keysSorted)
  );
}

function parse(text: string): ReturnType<typeof parseItem> {
  const bytes = Buffer.from(text);
  return parseItem(bytes, measureItem(bytes, 0, bytes.length));
}

/** The same tree with the keys of each object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, child]) => [key, reversed(child)]),
  );
}

describe('normalise', () => {
  test('what it accepts every engine can hold: well-formed, without NUL, written and read again unchanged', () => {
    fc.assert(
      fc.property(hostileTree, (value) => {
        const normal = normalise(value);
        fc.pre(normal.fault === undefined);
        for (const text of textsOf(normal.value)) {
          expect(text.isWellFormed() && !text.includes('\0')).toBe(true);
        }
        expect(keysSorted(normal.value)).toBe(true);
        expect(JSON.parse(JSON.stringify(normal.value))).toEqual(normal.value);
      }),
    );
  });

  test('it is idempotent', () => {
    fc.assert(
      fc.property(hostileTree, (value) => {
        const once = normalise(value);
        fc.pre(once.fault === undefined);
        const twice = normalise(once.value);
        expect(twice.value).toEqual(once.value);
        expect([...twice.marks]).toEqual([]);
      }),
    );
  });

  test('without \\u escapes the quick way gives the same tree', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: true }), (value) => {
        expect(normalise(value, false).value).toEqual(normalise(value, true).value);
      }),
    );
  });

  test('S16 the order of keys does not change the body hash, a changed value does', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const normal = normalise(JSON.parse(JSON.stringify(value)));
        fc.pre(normal.fault === undefined);
        const hash = bodyHash(normal.value as JsonObject);
        expect(bodyHash(normalise(reversed(JSON.parse(JSON.stringify(value)))).value as JsonObject)).toBe(hash);
        expect(bodyHash({ ...(normal.value as JsonObject), '￿more': 1 })).not.toBe(hash);
      }),
    );
  });

  test('S16 two trees have one hash only if they are equal', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), (a, b) => {
        const [left, right] = [normalise(a), normalise(b)];
        fc.pre(left.fault === undefined && right.fault === undefined);
        const equal = JSON.stringify(left.value) === JSON.stringify(right.value);
        fc.pre(!['sentAt', 'receivedAt', '_metadata', 'writeKey'].some((key) => key in a || key in b));
        expect(bodyHash(left.value as JsonObject) === bodyHash(right.value as JsonObject)).toBe(equal);
      }),
    );
  });

  test('S16 sentAt, receivedAt, _metadata and a corrected timestamp are left out, an only timestamp is not', () => {
    const item: JsonObject = { event: 'x', originalTimestamp: 'o', timestamp: 't1', userId: 'u' };
    const again = { ...item, sentAt: 's', receivedAt: 'r', _metadata: { retry: 1 }, timestamp: 't2' };
    expect(bodyHash(again)).toBe(bodyHash(item));
    expect(bodyHash({ event: 'x', timestamp: 't1' })).not.toBe(bodyHash({ event: 'x', timestamp: 't2' }));
  });

  test.each([
    ['{"a":{"__proto__":{"isAdmin":true}}}', 'forbidden-key', '/a/__proto__'],
    ['{"a":{"constructor":{"prototype":{}}}}', 'forbidden-key', '/a/constructor/prototype'],
    ['{"a":[1,1e400]}', 'number-not-finite', '/a/1'],
    ['{"a":-1e999}', 'number-not-finite', '/a'],
  ])('%s is refused: %s at %s', (text, code, pointer) => {
    expect(parse(text)).toMatchObject({ ok: false, refusal: { code, pointer } });
  });

  test.each([
    ['{"a":"x\\u0000y"}', { a: 'x\uFFFDy' }, ['nul-replaced']],
    ['{"a\\u0000":1,"a\\ufffd":2}', { 'a\uFFFD': 1, 'a\uFFFD~2': 2 }, ['nul-replaced']],
    ['{"a":"\\udead"}', { a: '\uFFFD' }, ['surrogate-replaced']],
    ['{"a":"\\ud83d\\ude00"}', { a: '😀' }, []],
    ['{"id":120210000000000000123}', { id: '120210000000000000123' }, ['number-as-text']],
    ['{"id":-9007199254740993}', { id: '-9007199254740993' }, ['number-as-text']],
    ['{"id":9007199254740991,"v":-0,"w":1e2}', { id: 9007199254740991, v: 0, w: 100 }, []],
    ['{"password":"x","p":{"Auth-Token":"y","token":false}}', { p: { token: false } }, ['secret-dropped']],
    ['{"device":{"token":"push","id":"d"}}', { device: { token: 'push', id: 'd' } }, []],
    ['{"card":"4111-1111-1111-1111","n":4111111111111111}', {}, ['secret-dropped']],
    ['{"cards":["4111111111111111","ok"]}', { cards: [null, 'ok'] }, ['secret-dropped']],
    [
      '{"sku":"4111111111111111","loyaltyCard":"4111111111111111"}',
      { sku: '4111111111111111', loyaltyCard: '4111111111111111' },
      [],
    ],
    [
      '{"ean13":"4006381333931","cardNumber":"4006381333931"}',
      { ean13: '4006381333931', cardNumber: '4006381333931' },
      [],
    ],
    ['{"constructor":"Renault"}', { constructor: 'Renault' }, []],
  ])('%s becomes %j with %j', (text, json, marks) => {
    const parsed = parse(text);
    expect(parsed.ok && { json: parsed.value.json, marks: [...parsed.value.marks] }).toEqual({ json, marks });
  });

  test('a cut never ends inside a character as a reader sees it', () => {
    const family = '👩‍👩‍👧‍👦';
    expect(cutString(`${'a'.repeat(95)}${family}`, 100)).toBe('a'.repeat(95));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 20 }), fc.integer({ min: 10, max: 60 }), (text, length) => {
        const cut = cutString(text, length);
        expect(cut.length <= length && cut.isWellFormed() && text.startsWith(cut)).toBe(true);
      }),
    );
  });
});
