import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROBLEMS, type ProblemCode } from '@filrouge/wire';
import { csvCell } from '@filrouge/wire/import';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../testing/run-filrouge.ts';
import { ERRORS_HEADER, ErrorsFile, listsErrorsOf } from './errors-file.ts';

const NAME = 'tickets june, all.csv';
const CELL = csvCell(NAME);

async function place(): Promise<string> {
  const { path, remove } = await temporaryDirectory();
  onTestFinished(remove);
  return join(path, 'errors.csv');
}

test('the file is made at the first problem, with its header', async () => {
  const file = await place();
  const errors = new ErrorsFile(file, NAME, 'en');
  await errors.write([]);
  expect(existsSync(file)).toBe(false);
  await errors.write([
    { line: 3, column: 'phone', code: 'phone-unreadable', message: 'No.', mend: 'Mend.', detail: 'FR' },
  ]);
  await errors.close();
  const { message, mend } = PROBLEMS['phone-unreadable'].en;
  expect(await readFile(file, 'utf8')).toBe(
    `${ERRORS_HEADER}\n3,phone,phone-unreadable,${csvCell(`${message} (FR)`)},${csvCell(mend)},${CELL}\n`,
  );
});

test('reasons are in the language asked for; those of a code that is not known stand as they came', async () => {
  const file = await place();
  const errors = new ErrorsFile(file, NAME, 'fr');
  const told = { line: 3, column: 'a', message: 'No.', mend: 'Mend.' };
  await errors.write([
    { ...told, code: 'cell-missing' },
    { ...told, code: 'of-a-newer-server' as ProblemCode },
  ]);
  await errors.close();
  const { message, mend } = PROBLEMS['cell-missing'].fr;
  expect(await readFile(file, 'utf8')).toBe(
    `${ERRORS_HEADER}\n3,a,cell-missing,${message},${mend},${CELL}\n3,a,of-a-newer-server,No.,Mend.,${CELL}\n`,
  );
});

test.each([
  ['en', 'date-ymd', 'The time cannot be read. (read as year-month-day, e.g. 2026-11-21)'],
  ['fr', 'date-dmy', 'La date est illisible. (lu comme jour/mois/année, par exemple 21/11/2026)'],
  ['en', '9 columns', 'The time cannot be read. (9 columns)'],
] as const)('how a column was read is said in words: %s, %s', async (language, detail, reason) => {
  const file = await place();
  const errors = new ErrorsFile(file, NAME, language);
  await errors.write([{ line: 3, column: 'a', code: 'time-unreadable', message: 'No.', mend: 'Mend.', detail }]);
  await errors.close();
  expect(await readFile(file, 'utf8')).toContain(csvCell(reason));
});

test('a list that the same import left is taken away; one of another import and a file of somebody else are not', async () => {
  const file = await place();
  const left = async (text: string): Promise<boolean> => {
    await writeFile(file, text);
    await new ErrorsFile(file, NAME, 'en').removeStale();
    return existsSync(file);
  };
  expect(await left(`${ERRORS_HEADER}\n2,a,cell-missing,x,y,${CELL}\n`)).toBe(false);
  expect(await left(`${ERRORS_HEADER}\n2,a,cell-missing,x,y,tickets may.csv\n`)).toBe(true);
  expect(await listsErrorsOf(file, 'tickets may.csv')).toBe(true);
  expect(await left('name,amount\n')).toBe(true);
});
