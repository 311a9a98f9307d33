import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFakeDoor } from '../testing/fake-door.ts';
import { filrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

const HEADER = 'ticket_id,occurred_at,store_id,currency,ticket_total,line_sku,line_amount';
const ROW = 'T1,2026-11-20T10:00:00+01:00,S1,EUR,7.00,A,7.00';
/** No process has this number: the kernel gives out none so high. */
const NOBODY = 2_147_483_646;

async function place() {
  const { path, remove } = await temporaryDirectory();
  const door = await openFakeDoor(() => ({ status: 200 }));
  onTestFinished(() => Promise.all([remove(), door.close()]).then(() => undefined));
  const environment = { FILROUGE_URL: door.url, FILROUGE_KEY: 'server_key' };
  const run = (...argv: readonly string[]) =>
    filrouge(['import', 'tickets', ...argv, '--source', 'server'], { directory: path, environment });
  return { path, door, run };
}

test('a file that another import reads is refused in one sentence, and that one is left alone', async () => {
  const { path, door, run } = await place();
  await writeFile(join(path, 't.csv'), `${HEADER}\n${ROW}\n`);
  const lock = join(path, 't.csv.tickets.import.json.lock');
  await writeFile(lock, String(process.ppid));
  await writeFile(join(path, 't.csv.tickets.import.json'), 'its note');
  const before = await readdir(path);
  const second = await run('t.csv');
  expect([second.exitCode, second.stdout]).toEqual([1, '']);
  expect(second.stderr).toBe(
    `filrouge: another import of t.csv is running. Wait until it is through; where none is, remove ${lock}.\n`,
  );
  expect(JSON.parse((await run('t.csv', '--json')).stderr)).toMatchObject({ code: 'import-running' });
  expect([door.calls.length, await readdir(path)]).toEqual([0, before]);
  expect((await run('t.csv', '--dry-run')).exitCode).toBe(0);
});

test.each([
  ['that was killed', NOBODY],
  ['with the number of this one, in a container that began again', process.pid],
])('the lock of an import %s stands in nobody’s way, and none is left', async (_, holder) => {
  const { path, run } = await place();
  await writeFile(join(path, 't.csv'), `${HEADER}\n${ROW}\n`);
  await writeFile(join(path, 't.csv.tickets.import.json.lock'), String(holder));
  expect(await run('t.csv')).toMatchObject({ exitCode: 0 });
  expect(await readdir(path)).toEqual(['t.csv']);
});

test('a rehearsal works where nothing can be written, and says what it did not keep', async () => {
  const { path, run } = await place();
  // No file beside it can be made, for their names would be too long; whoever is root may write everywhere else.
  const file = `${'t'.repeat(251)}.csv`;
  await writeFile(join(path, file), `${HEADER.replace('store_id', 'Magasin')}\n${ROW}\n`);
  await mkdir(join(path, 'errors.csv'));
  const looked = await run(file, '--dry-run');
  expect(looked.stderr).toMatch(
    /mapping proposed, and not kept: .+\.mapping\.yaml cannot be opened: its name is too long/,
  );
  expect([looked.exitCode, looked.stdout]).toEqual([0, expect.stringContaining('1 would be sent')]);
  const sent = await run(file);
  expect([sent.exitCode, sent.stderr]).toEqual([1, expect.stringMatching(/^filrouge: .+\.yaml cannot be opened: its/)]);
});

test('a place that cannot be used is named in one sentence, with the way out', async () => {
  const { path, run } = await place();
  await writeFile(join(path, 't.csv'), `${HEADER}\n${ROW.replaceAll('7.00', 'seven')}\n`);
  await mkdir(join(path, 'taken'));
  const told = await run('t.csv', '--errors', 'taken');
  expect([told.exitCode, told.stderr]).toEqual([
    1,
    `filrouge: ${join(path, 'taken')} cannot be opened: it is a directory. Name a file.\n`,
  ]);
  const away = await run('t.csv', '--errors', 'nowhere/e.csv');
  expect(away.stderr).toMatch(
    /^filrouge: .+nowhere\/e\.csv cannot be opened: there is no such file or directory\. Check/,
  );
});
