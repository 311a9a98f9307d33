import type { JsonObject } from '@filrouge/domain/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { send } from '../testing/a-source.ts';
import { bodyHash, examine, NOT_NORMAL } from './body-hash.ts';
import { normalise } from './normalise.ts';

const name = fc.oneof(
  fc.string(),
  fc.constantFrom('a', 'b', 'context', 'device', 'token', 'identityToken', 'cardNumber', 'password', 'constructor'),
  fc.constantFrom('orderId', '__proto__', '0', '10', 'Auth-Token', 'sku'),
);
const leaf = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('4111 1111 1111 1111', 4_111_111_111_111_111, '4006381333931', 'x'.repeat(8_193), 2 ** 53, -0, ''),
);
const tree = fc.letrec<{ node: unknown; object: object }>((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('node'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(name, tie('node'), { maxKeys: 6 }),
})).object;

/** The text that says a tree, -0 included. */
function textOf(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, child]) => `${JSON.stringify(key)}:${textOf(child)}`)
    .join(',')}}`;
}

describe('a tree that is normal already', () => {
  test('is one that the normaliser leaves as it is, with as many keys', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const parsed = JSON.parse(textOf(value)) as JsonObject;
        const { bodyHash: hash, keys } = examine(parsed);
        fc.pre(keys !== NOT_NORMAL);
        const normal = normalise(parsed, false);
        expect(normal).toEqual({ value: parsed, keys, marks: new Set(), inexact: false });
        expect(hash).toBe(bodyHash(normal.value as JsonObject));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['{"event":"x","properties":{"price":49.9,"sizes":["S",38,null],"ok":true,"note":"é"}}', 6],
    ['{"context":{"device":{"token":"push","id":"d"}},"password":"","orderId":"4111111111111111"}', 6],
    ['{"cardNumber":"4006381333931","n":1e-7}', 2],
    ['{"password":"x"}', NOT_NORMAL],
    ['{"a":[{"b":"4111-1111-1111-1111"}]}', NOT_NORMAL],
    ['{"a":["4111111111111111"]}', NOT_NORMAL],
    ['{"n":4111111111111111}', NOT_NORMAL],
    ['{"n":9007199254740993}', NOT_NORMAL],
    ['{"n":1e400}', NOT_NORMAL],
    ['{"n":-0}', NOT_NORMAL],
    ['{"_metadata":{"password":"x"}}', NOT_NORMAL],
    ['{"sentAt":"x","_metadata":{"a":[1]}}', 3],
    ['{"a":{"__proto__":1}}', NOT_NORMAL],
    ['{"constructor":{"prototype":{}}}', NOT_NORMAL],
    ['{"context":{"identityToken":"a.b.c"}}', NOT_NORMAL],
  ])('%s: %d keys', (text, keys) => {
    expect(examine(JSON.parse(text) as JsonObject).keys).toBe(keys);
  });

  test('keeps the text of its properties and its context, which says just them; another keeps none', () => {
    const call = { type: 'track', event: 'x', userId: 'ada' };
    const part = fc.oneof(tree, fc.constant({}), fc.record({ page: fc.record({ title: fc.string() }), é: tree }));
    fc.assert(
      fc.property(part, part, fc.constantFrom(undefined, 1, '\t'), (properties, context, space) => {
        const first = { ...call, messageId: 'm1', properties, context, more: { properties: 1, context: {} } };
        const outcome = send('/v1/batch', JSON.stringify({ batch: [first, { ...call, context: {} }] }, null, space));
        fc.pre(outcome.refusal === undefined && outcome.items.length === 2);
        for (const { context: ownContext, properties: ownProperties, marks, texts } of outcome.refusal
          ? []
          : outcome.items) {
          for (const { of, text } of texts ?? []) {
            expect(of === ownContext || of === ownProperties).toBe(true);
            expect(JSON.parse(text)).toEqual(of);
            expect(marks.includes('secret-dropped') || marks.includes('string-cut')).toBe(false);
          }
        }
      }),
    );
    const twoParts = send('/v1/track', { ...call, properties: { a: 'é' }, context: { locale: 'fr' } });
    expect(twoParts.refusal === undefined && twoParts.items[0]?.texts?.map(({ text }) => text)).toEqual([
      '{"a":"é"}',
      '{"locale":"fr"}',
    ]);
  });
});
