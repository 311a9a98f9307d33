import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CopyDecoder } from './copy-binary.ts';

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);

function field(bytes: Buffer | null): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes === null ? -1 : bytes.length);
  return bytes === null ? length : Buffer.concat([length, bytes]);
}

function row(...fields: readonly (Buffer | null)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(fields.length);
  return Buffer.concat([count, ...fields.map(field)]);
}

function int8(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

const COLUMNS = { position: 'int8', body: 'bytea', note: 'text?' } as const;

function decode(bytes: Buffer, cuts: readonly number[]): readonly unknown[] {
  const decoder = new CopyDecoder(COLUMNS);
  const rows: unknown[] = [];
  let at = 0;
  for (const cut of [...cuts.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length]) {
    if (cut > at) rows.push(...decoder.push(bytes.subarray(at, cut)));
    at = Math.max(at, cut);
  }
  decoder.finish();
  return rows;
}

test('rows are the same wherever the bytes are cut', () => {
  const rows = fc.array(
    fc.record({
      position: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      note: fc.option(fc.string({ unit: 'grapheme' })),
    }),
    { maxLength: 20 },
  );
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(rows, fc.array(share, { maxLength: 40 }), (wanted, cuts) => {
      const sent = wanted.map(({ position, body, note }) =>
        row(int8(position), body, note === null ? null : Buffer.from(note)),
      );
      expect(decode(Buffer.concat([HEADER, ...sent, TRAILER]), cuts)).toEqual(wanted);
    }),
  );
});

test('one byte at a time is enough', () => {
  const bytes = Buffer.concat([HEADER, row(int8(5n), Buffer.from('ab'), null), TRAILER]);
  const cuts = Array.from({ length: bytes.length }, (_, index) => index / bytes.length);
  expect(decode(bytes, cuts)).toEqual([{ position: 5n, body: Buffer.from('ab'), note: null }]);
});

test.each([
  ['no signature', Buffer.alloc(30)],
  ['2 columns where 3 are named', Buffer.concat([HEADER, row(int8(1n), Buffer.alloc(0)), TRAILER])],
  ['a null in column body', Buffer.concat([HEADER, row(int8(1n), null, null), TRAILER])],
  ['4 bytes in column position', Buffer.concat([HEADER, row(Buffer.alloc(4), Buffer.alloc(0), null), TRAILER])],
  ['ended before its trailer', Buffer.concat([HEADER, row(int8(1n), Buffer.alloc(0), null)])],
])('data that does not fit is refused: %s', (why, bytes) => {
  expect(() => decode(bytes, [])).toThrow(why);
});
