import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteLines } from './byte-lines.ts';

async function read(text: string, chunk: number, bytesMax = 1_000): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, at) =>
    bytes.subarray(at * chunk, (at + 1) * chunk),
  );
  const lines: unknown[] = [];
  for await (const { line, bytes: held, whole } of byteLines(Readable.from(pieces), bytesMax)) {
    lines.push([line, held.toString(), whole]);
  }
  return lines;
}

test('lines are numbered, blank ones passed over, the mark and the line ends left out', async () => {
  expect(await read('\uFEFF{"a":1}\r\n\n  \n{"b":2}', 3)).toEqual([
    [1, '{"a":1}', true],
    [4, '{"b":2}', true],
  ]);
});

test('a line that is too long is cut and said to be', async () => {
  expect(await read('12345\n1234567\n1', 2, 5)).toEqual([
    [1, '12345', true],
    [2, '12345', false],
    [3, '1', true],
  ]);
});

test('the lines do not depend on where the bytes are cut', async () => {
  const texts = fc.array(fc.stringMatching(/^[a-z{}é]{0,9}$/)).map((lines) => lines.join('\n'));
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 9 }), async (text, chunk) => {
      const expected = text.split('\n').flatMap((each, at) => (each === '' ? [] : [[at + 1, each, true]]));
      expect(await read(text, chunk)).toEqual(expected);
    }),
  );
});
