import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROBLEMS, type ProblemCode } from '@filrouge/wire';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../testing/run-filrouge.ts';
import { csvCell, ERRORS_HEADER, ErrorsFile } from './errors-file.ts';

async function place(): Promise<string> {
  const { path, remove } = await temporaryDirectory();
  onTestFinished(remove);
  return join(path, 'errors.csv');
}

test.each([
  ['=1+1', "'=1+1"],
  ['+33', "'+33"],
  ['@cmd', "'@cmd"],
  ['-2+3', "'-2+3"],
  ['-12.50', '-12.50'],
  ['\tx', "'\tx"],
  ['a,b', '"a,b"'],
  ['say "so"', '"say ""so"""'],
  ['=a,"b"', '"\'=a,""b"""'],
  ['plain', 'plain'],
])('a cell is text to a spreadsheet, never a formula: %j', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});

test('the file is made at the first problem, with its header', async () => {
  const file = await place();
  const errors = new ErrorsFile(file, 'en');
  await errors.write([]);
  expect(existsSync(file)).toBe(false);
  await errors.write([
    { line: 3, column: 'phone', code: 'phone-unreadable', message: 'No.', mend: 'Mend.', detail: 'FR' },
  ]);
  await errors.close();
  const { message, mend } = PROBLEMS['phone-unreadable'].en;
  expect(await readFile(file, 'utf8')).toBe(
    `${ERRORS_HEADER}\n3,phone,phone-unreadable,${csvCell(`${message} (FR)`)},${csvCell(mend)}\n`,
  );
});

test('reasons are in the language asked for; those of a code that is not known stand as they came', async () => {
  const file = await place();
  const errors = new ErrorsFile(file, 'fr');
  const told = { line: 3, column: 'a', message: 'No.', mend: 'Mend.' };
  await errors.write([
    { ...told, code: 'cell-missing' },
    { ...told, code: 'of-a-newer-server' as ProblemCode },
  ]);
  await errors.close();
  const { message, mend } = PROBLEMS['cell-missing'].fr;
  expect(await readFile(file, 'utf8')).toBe(
    `${ERRORS_HEADER}\n3,a,cell-missing,${message},${mend}\n3,a,of-a-newer-server,No.,Mend.\n`,
  );
});

test('a list that an earlier import left is taken away; a file of somebody else is not', async () => {
  const file = await place();
  await writeFile(file, `${ERRORS_HEADER}\n2,a,cell-missing,x,y\n`);
  await new ErrorsFile(file, 'en').removeStale();
  expect(existsSync(file)).toBe(false);
  await writeFile(file, 'name,amount\n');
  await new ErrorsFile(file, 'en').removeStale();
  expect(existsSync(file)).toBe(true);
});
