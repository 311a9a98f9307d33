import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate, readMigrations } from './migrate.ts';
import { exerciseMigrations, openTestPostgres, type TestPostgres } from './testing/index.ts';

let folder: string;
let directory: URL;
let postgres: TestPostgres;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'filrouge migrations-'));
  directory = pathToFileURL(`${folder}/`);
  postgres = await openTestPostgres();
});
afterEach(async () => {
  await postgres.close();
  await rm(folder, { recursive: true, force: true });
});

const write = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text);

async function writeTwo(): Promise<void> {
  await write('0001-first.sql', '-- breaking: no\nCREATE TABLE first (n int);\nINSERT INTO first VALUES (1);\n');
  await write('0002-second.sql', '-- breaking: yes\nALTER TABLE first RENAME TO second;\n');
}

test('files are applied once, in order, and listed', async () => {
  await writeTwo();
  const lines: string[] = [];
  const report = await migrate(postgres.database, { directory, onProgress: (line) => lines.push(line) });
  expect(report.version).toBe(2);
  expect(report.applied.map(({ number, breaking }) => [number, breaking])).toEqual([
    [1, false],
    [2, true],
  ]);
  expect(lines).toEqual(['migrating the database: 0001-first.sql', 'migrating the database: 0002-second.sql']);
  expect(await migrate(postgres.database, { directory })).toEqual({ applied: [], version: 2 });
  expect(await postgres.database.query('SELECT n FROM second')).toEqual([{ n: 1 }]);
});

test('starters that come at once apply each file once', async () => {
  await writeTwo();
  const pools = await Promise.all([postgres.open(), postgres.open(), postgres.open()]);
  const reports = await Promise.all(pools.map((pool) => migrate(pool, { directory })));
  expect(reports.map(({ applied }) => applied.length).sort((a, b) => a - b)).toEqual([0, 0, 2]);
  expect(await postgres.database.query('SELECT n FROM second')).toEqual([{ n: 1 }]);
});

test('an applied file that was edited is refused with what to do; line ends do not count', async () => {
  await writeTwo();
  await migrate(postgres.database, { directory });
  await write('0002-second.sql', '-- breaking: yes\r\nALTER TABLE first RENAME TO second;\r\n');
  expect((await migrate(postgres.database, { directory })).applied).toEqual([]);
  await write('0002-second.sql', '-- breaking: yes\nALTER TABLE first RENAME TO third;\n');
  await expect(migrate(postgres.database, { directory })).rejects.toThrow(
    'migration 0002-second.sql is not the one that was applied',
  );
});

test('a database newer than the code is refused', async () => {
  await writeTwo();
  await migrate(postgres.database, { directory });
  await rm(join(folder, '0002-second.sql'));
  await expect(migrate(postgres.database, { directory })).rejects.toThrow(
    'the database was migrated by a newer Filrouge (it has 0002-second.sql, this version ends at 1)',
  );
});

test('a file that fails leaves nothing of itself, and the ones before it stay', async () => {
  await write('0001-first.sql', '-- breaking: no\nCREATE TABLE first (n int);\n');
  await write('0002-second.sql', '-- breaking: no\nCREATE TABLE second (n int);\nSELECT nothing;\n');
  await expect(migrate(postgres.database, { directory })).rejects.toThrow('migration 0002-second.sql: ');
  expect(
    await postgres.database.query("SELECT to_regclass('first')::text AS a, to_regclass('second')::text AS b"),
  ).toEqual([{ a: 'first', b: null }]);
  await write('0002-second.sql', '-- breaking: no\nCREATE TABLE second (n int);\n');
  expect((await migrate(postgres.database, { directory })).version).toBe(2);
});

test('a file that ends its own transaction is refused', async () => {
  await write('0001-first.sql', '-- breaking: no\nCREATE TABLE first (n int);\nCOMMIT;\nBEGIN;\n');
  await expect(migrate(postgres.database, { directory })).rejects.toThrow('leave BEGIN and COMMIT out');
});

test.each([
  ['0002-second.sql', '-- breaking: no\n', '0001-<words>.sql'],
  ['0001_first.sql', '-- breaking: no\n', '0001-<words>.sql'],
  ['0001-first.sql', 'CREATE TABLE first (n int);\n', '"-- breaking: no" or "-- breaking: yes"'],
])('a file that breaks the form is refused: %s', async (file, text, why) => {
  await write(file, text);
  await expect(readMigrations(directory)).rejects.toThrow(why);
});

test('the suite helper fails for a migration that no example ran, and for an example without a file', async () => {
  await writeTwo();
  const after = async (): Promise<void> => undefined;
  await expect(exerciseMigrations(postgres.database, { '0001-first.sql': { after } }, directory)).rejects.toThrow(
    'migration 0002-second.sql was never run',
  );
  const strange = exerciseMigrations(postgres.database, { '0003-third.sql': { after } }, directory);
  await expect(strange).rejects.toThrow('examples of migrations that do not exist: 0003-third.sql');
});

test('the suite helper shows each migration the rows from before it', async () => {
  await writeTwo();
  await exerciseMigrations(
    postgres.database,
    {
      '0001-first.sql': { after: async (sql) => expect(await sql.query('SELECT n FROM first')).toEqual([{ n: 1 }]) },
      '0002-second.sql': {
        before: async (sql) => {
          await sql.execute('INSERT INTO first VALUES (2)');
        },
        after: async (sql) => expect(await sql.query('SELECT n FROM second')).toEqual([{ n: 1 }, { n: 2 }]),
      },
    },
    directory,
  );
});
