import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { send } from '../testing/a-source.ts';
import { COLLECT_LIMITS } from './limits.ts';
import { locateFault } from './locate.ts';
import { parseItem } from './parse-item.ts';
import { checkItem, measureItem, scanBatch } from './scan.ts';

const tree = fc.jsonValue({ maxDepth: 6, noUnicodeString: false });

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, child) => sum + keysOf(child), own);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A text that was valid JSON until one of its characters was changed, removed or doubled. */
const damaged = fc
  .tuple(tree, fc.nat(), fc.constantFrom('', '{', '}', '[', ']', '"', ',', ':', '\\', '0', ' ', 'e', '-'), fc.boolean())
  .map(([value, place, put, replace]) => {
    const text = JSON.stringify(value);
    const at = place % (text.length + 1);
    return text.slice(0, at) + put + text.slice(replace ? at + 1 : at);
  })
  .map((text) => text.toWellFormed());

describe('scan', () => {
  test('keys and depth counted on the bytes are those of the parsed tree', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const bytes = Buffer.from(` ${JSON.stringify(value, null, space)}\n`);
        const slice = measureItem(bytes, 0, bytes.length);
        expect(slice).toMatchObject({ depth: depthOf(value), keys: keysOf(value), start: 1, end: bytes.length - 1 });
      }),
    );
  });

  test('the items of a batch are found byte for byte, whatever stands around them', () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 8 }), fc.dictionary(fc.string(), tree), (items, around) => {
        const { batch: _, ...frame } = around;
        const bytes = Buffer.from(JSON.stringify({ before: 1, ...frame, batch: items, after: [{}] }, null, 1));
        const scan = scanBatch(bytes, 0);
        expect(
          scan.ok && scan.value.items.map(({ start, end }) => JSON.parse(bytes.toString('utf8', start, end))),
        ).toEqual(JSON.parse(JSON.stringify(items)));
        expect(scan.ok && JSON.parse(scan.value.frame)).toEqual(
          JSON.parse(JSON.stringify({ before: 1, ...frame, batch: [], after: [{}] })),
        );
      }),
    );
  });

  test('a batch is read whole exactly when JSON.parse reads it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            damaged,
            tree.map((value) => JSON.stringify(value).toWellFormed()),
          ),
          { maxLength: 4 },
        ),
        (items) => {
          const text = `{"a":{"b":[1]},"batch":[${items.join(',')}],"c":null}`;
          const bytes = Buffer.from(text);
          const scan = scanBatch(bytes, 0, { ...COLLECT_LIMITS, depthMax: 1_000 });
          const read =
            scan.ok &&
            parses(scan.value.frame) &&
            scan.value.items.every(({ start, end }) => parses(bytes.toString('utf8', start, end)));
          expect(read).toBe(parses(text));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('the slow reader finds a syntax error exactly where JSON.parse refuses', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        const bytes = Buffer.from(text);
        expect(locateFault(bytes, 0, bytes.length)?.kind === 'syntax').toBe(!parses(text));
      }),
      { numRuns: 1_000 },
    );
  });

  test('depth 32 is read, depth 33 is refused before anything is parsed, and 200,000 too', () => {
    const nested = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;
    const at = (depth: number): string | undefined => {
      const bytes = Buffer.from(nested(depth));
      return checkItem(measureItem(bytes, 0, bytes.length))?.code;
    };
    expect([at(32), at(33)]).toEqual([undefined, 'depth-exceeded']);
    const arrays = Buffer.from('['.repeat(200_000) + ']'.repeat(200_000));
    const limits = { ...COLLECT_LIMITS, itemBytesMax: 1_000_000 };
    expect(checkItem(measureItem(arrays, 0, arrays.length), limits)?.code).toBe('depth-exceeded');
    expect(checkItem(measureItem(arrays, 0, 100_000), limits)?.code).toBe('depth-exceeded');
  });

  test('1,000 keys are read, 1,001 refused', () => {
    const item = (keys: number): Buffer =>
      Buffer.from(JSON.stringify(Object.fromEntries(Array.from({ length: keys }, (_, index) => [`k${index}`, 0]))));
    const code = (bytes: Buffer): string | undefined => {
      const parsed = parseItem(bytes, measureItem(bytes, 0, bytes.length));
      return parsed.ok ? undefined : parsed.refusal.code;
    };
    expect([code(item(1_000)), code(item(1_001))]).toEqual([undefined, 'keys-exceeded']);
  });

  test('a repeated key is refused where it stands, also when one of the two is escaped', () => {
    const pointer = (text: string): string | undefined => {
      const bytes = Buffer.from(text);
      const parsed = parseItem(bytes, measureItem(bytes, 0, bytes.length));
      return parsed.ok ? undefined : `${parsed.refusal.code} ${parsed.refusal.pointer}`;
    };
    expect(pointer('{"consent":false,"consent":true}')).toBe('duplicate-key /consent');
    expect(pointer('{"a":[{"b":1,"\\u0062":2}]}')).toBe('duplicate-key /a/0/b');
    expect(pointer('{"a/b":{"c~d":1,"c~d":1}}')).toBe('duplicate-key /a~1b/c~0d');
    expect(pointer('{"password":{"x":1,"x":2}}')).toBe('duplicate-key /password/x');
    expect(pointer('{"password":{"x":1,"y":2}}')).toBeUndefined();
  });

  test('a broken frame costs the body and says where; a broken item costs itself and says where', () => {
    const fault = send('/v1/batch', '{"batch":[{"type":"page"}\n],,}').refusal;
    expect(fault).toMatchObject({ code: 'json-malformed', detail: 'line 2, byte 28' });
    const outcome = send(
      '/v1/batch',
      '{"batch":[{"type":"page","userId":"u"},\n{"type":nope},{"type":"page","userId":"v"}]}',
    );
    expect(outcome).toMatchObject({
      items: [{ identifiers: [{ value: 'u' }] }, { identifiers: [{ value: 'v' }] }],
      rejected: [{ index: 1, code: 'json-malformed', detail: 'line 2, byte 49' }],
    });
  });

  test('a fault of the frame behind the items is told at its place in the body', () => {
    const body = '{"batch":[{"type":"page"}],\n"context":{"a":nope}}';
    expect(send('/v1/batch', body).refusal).toMatchObject({
      code: 'json-malformed',
      detail: `line 2, byte ${body.indexOf('nope') + 1}`,
    });
    expect(send('/v1/batch', '{"context":{"a":1,"a":2},"batch":[]}').refusal).toMatchObject({
      code: 'duplicate-key',
      pointer: '/context/a',
    });
    expect(send('/v1/batch', `{"context":${'{"a":'.repeat(40)}1${'}'.repeat(40)},"batch":[]}`).refusal?.code).toBe(
      'depth-exceeded',
    );
  });

  test('the text of a fault never repeats the body', () => {
    const outcome = send('/v1/track', '{"event":"jane@example.com",nope}');
    expect(JSON.stringify(outcome)).not.toContain('jane');
  });

  test('S2 items beyond 2,500 are refused as one entry that says how many', () => {
    const body = `{"batch":[${Array.from({ length: 2_600 }, () => '{"type":"page","userId":"u"}').join(',')}]}`;
    expect(send('/v1/batch', body)).toMatchObject({
      items: { length: 2_500 },
      rejected: [{ index: 2_500, count: 100, code: 'too-many-items' }],
      refused: 100,
    });
  });

  test('sizes: 500 KB a body, 32 KB an item', () => {
    const big = { type: 'track', event: 'x', userId: 'u', properties: { text: 'a'.repeat(33 * 1024) } };
    expect(send('/v1/track', big).refusal?.code).toBe('item-too-large');
    expect(send('/v1/batch', { batch: [big, { type: 'page', userId: 'u' }] })).toMatchObject({
      items: { length: 1 },
      rejected: [{ index: 0, code: 'item-too-large' }],
    });
    expect(send('/v1/batch', Buffer.alloc(512_001, 0x20)).refusal?.code).toBe('body-too-large');
  });
});
