import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DELIMITERS, detectDelimiter } from './delimiter.ts';
import { createEncodingWitness, DECODER_LABELS, type Encoding } from './encoding.ts';

function encodingOf(bytes: Uint8Array, piece = bytes.length + 1): Encoding {
  const witness = createEncodingWitness();
  for (let at = 0; at < bytes.length; at += piece) witness.push(bytes.subarray(at, at + piece));
  return witness.verdict();
}

describe('the encoding of a file', () => {
  test.each([
    ['plain', Buffer.from('a,b'), 'utf-8'],
    ['accents in UTF-8', Buffer.from('prénom,œuvre,€'), 'utf-8'],
    ['accents in cp1252', Buffer.from('pr\xe9nom,\x9cuvre,\x80', 'latin1'), 'cp1252'],
    ['one accent in cp1252, late', Buffer.from(`${'x'.repeat(200_000)}\xe9`, 'latin1'), 'cp1252'],
    ['two accents of cp1252 that look like one of UTF-8, among others', Buffer.from('\xc3\xa9 \xe9 \xe8', 'latin1'), 'cp1252'],
    ['UTF-8 with one broken place', Buffer.concat([Buffer.from('é à ç '), Buffer.from([0xe9, 0x20])]), 'utf-8'],
    ['a surrogate, which no UTF-8 holds', Buffer.from([0xed, 0xa0, 0x80]), 'cp1252'],
    ['UTF-16, little end first', Buffer.from('\uFEFFa,b', 'utf16le'), 'utf-16le'],
    ['UTF-16, big end first', Buffer.from('\uFEFFa,b', 'utf16le').swap16(), 'utf-16be'],
    ['nothing', Buffer.alloc(0), 'utf-8'],
  ] as const)('%s', (_, bytes, encoding) => {
    expect(encodingOf(bytes)).toBe(encoding);
  }); // biome-ignore format: a table

  test('whatever is written in UTF-8 is read as UTF-8, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 9 }), (text, piece) => {
        const bytes = Buffer.from(text.replace(/[\uD800-\uDFFF]/g, '').replace(/^[\uFEFF\uFFFE]+/, ''));
        expect(encodingOf(bytes, piece)).toBe('utf-8');
      }),
    );
  });

  test('French in cp1252 is read as cp1252, and comes back', () => {
    const french = fc.stringMatching(/^[a-z ]{0,20}[éèàùçêîôû][a-z ]{1,20}$/);
    fc.assert(
      fc.property(french, (text) => {
        const bytes = Buffer.from(text, 'latin1');
        expect(encodingOf(bytes)).toBe('cp1252');
        expect(new TextDecoder(DECODER_LABELS.cp1252).decode(bytes)).toBe(text);
      }),
    );
  });
});

describe('the delimiter of a file', () => {
  test.each([
    ['a,b\n1,2\n', ','],
    ['a;b\n1,5;2,5\n1;2\n', ';'],
    ['a;b;c\n1,5;2,5;3,5\n', ';'],
    ['a\tb\n1,2\t3\n', '\t'],
    ['a|b\n"x|y"|2\n', '|'],
    ['nom;"rue, ville"\n"a;b";"c,d"\n', ';'],
    ['seule\n1,5\n2,5\n', ','],
    ['', ','],
  ])('%j is cut by %j', (text, delimiter) => {
    expect(detectDelimiter(text)).toEqual({ delimiter, told: false });
  });

  test('a first line that names it is believed', () => {
    expect(detectDelimiter('sep=;\r\na;b\r\n')).toEqual({ delimiter: ';', told: true });
  });

  test('a table is cut as it was joined, whatever its cells hold', () => {
    const cell = fc.stringMatching(/^[a-z0-9,;| \t\n"]{0,8}$/);
    fc.assert(
      fc.property(
        fc.constantFrom(...DELIMITERS),
        fc
          .integer({ min: 2, max: 5 })
          .chain((width) =>
            fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 9 }),
          ),
        (delimiter, rows) => {
          const quoted = rows.map((cells) => cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(delimiter));
          expect(detectDelimiter(`${quoted.join('\n')}\n`).delimiter).toBe(delimiter);
        },
      ),
    );
  });
});
