import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRows } from './csv-rows.ts';

async function read(text: string | Buffer, chunk = 7): Promise<unknown[]> {
  const bytes = Buffer.from(text as string);
  const pieces = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, at) =>
    bytes.subarray(at * chunk, (at + 1) * chunk),
  );
  const rows: unknown[] = [];
  for await (const each of csvRows(Readable.from(pieces))) {
    rows.push(
      'row' in each
        ? [each.row.line, ...(each.problem === undefined ? each.row.cells : [each.problem.code])]
        : each.problem.code,
    );
  }
  return rows;
}

describe('rows of a CSV file', () => {
  test('a mark at the start, blank lines and any line end are read; a row knows the line it begins on', async () => {
    expect(await read('\uFEFFa,b\r\n1,"x\r\ny"\r\n\n2,é\r3,')).toEqual([
      [1, 'a', 'b'],
      [2, '1', 'x\r\ny'],
      [5, '2', 'é'],
      [6, '3', ''],
    ]);
  });

  test('a quote inside a cell that does not begin with one is a character', async () => {
    expect(await read('a,b\n12" pan,1\n"say ""so""",2\n')).toEqual([
      [1, 'a', 'b'],
      [2, '12" pan', '1'],
      [3, 'say "so"', '2'],
    ]);
  });

  test('a quote that is closed lines later is told, and the rows after it are read', async () => {
    expect(await read('a,b\n1,"open\n2,"x"\n3,y\n')).toEqual([
      [1, 'a', 'b'],
      [2, 'quote-not-closed'],
      [4, '3', 'y'],
    ]);
  });

  test('a quote that is never closed ends the reading, and says where it was opened', async () => {
    expect(await read('a,b\n1,2\n3,"open\n4,5\n')).toEqual([[1, 'a', 'b'], [2, '1', '2'], 'file-cut-short']);
  });

  test('a row that is not UTF-8 is told, not guessed', async () => {
    expect(await read(Buffer.from('a,b\n1,caf\xe9\n2,ok\n', 'latin1'))).toEqual([
      [1, 'a', 'b'],
      [2, 'row-not-utf8'],
      [3, '2', 'ok'],
    ]);
  });

  const cell = fc.stringMatching(/^[ -~éœ\n]{0,12}$/);
  test('whatever is written by RFC 4180 is read back, line by line, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, chunk) => {
          const quoted = rows.map((cells) => cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(','));
          let line = 1;
          const expected = rows.map((cells) => {
            const begun = line;
            line += 1 + cells.join('').split('\n').length - 1;
            // A cell whose own text begins with a quote and runs over lines cannot be told from one that was never closed.
            return cells.some((each) => each.startsWith('"') && each.includes('\n'))
              ? [begun, 'quote-not-closed']
              : [begun, ...cells];
          });
          expect(await read(`${quoted.join('\n')}\n`, chunk)).toEqual(expected);
        },
      ),
    );
  });
});
