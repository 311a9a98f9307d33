import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { filrouge, type Said, temporaryDirectory } from '../testing/run-filrouge.ts';

type Run = Readonly<Record<string, string | number>>;

const run = (number: number, file: string, state = 'open'): Run => ({
  number,
  file,
  state,
  import: `imp_${number}`,
  kind: 'tickets',
  source: 'tills',
  begunAt: `2026-06-0${number}T10:00:00.000Z`,
  accepted: 3,
});

/** `import undo NAME --dry-run` before a server that knows these runs, two a page, and no id. */
async function undoing(runs: readonly Run[], named: string): Promise<Said> {
  const { path, remove } = await temporaryDirectory();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const before = Number(searchParams.get('before') ?? Number.POSITIVE_INFINITY);
    const items = runs.filter((each) => Number(each['number']) < before);
    const page = { items: items.slice(0, 2), next: items.length > 2 ? items[1]?.['number'] : null };
    const known = pathname === '/api/imports';
    response
      .writeHead(known ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(known ? page : { code: 'not-found', title: 'Nothing is there.' }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())).then(remove));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const argv = ['import', 'undo', named, '--dry-run', '--url', url, '--token', 'secret'];
  return filrouge(argv, { directory: path });
}

test('the name that a file had is enough where one run of it stands, whatever directory one is in', async () => {
  const runs = [run(5, 'may.csv'), run(4, 'july.csv'), run(3, 'june.csv', 'undone'), run(2, 'june.csv')];
  const { exitCode, stdout } = await undoing(runs, 'june.csv');
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^would undo run 2 of imp_2 \(tickets june\.csv\)/)]);
});

test('of several runs none is chosen: they are listed, and the path or the run is asked for', async () => {
  const { exitCode, stdout, stderr } = await undoing([run(3, 'june.csv'), run(2, 'june.csv')], 'june.csv');
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(
    'june.csv was imported more than once: runs 3 (tickets, tills, 2026-06-03), 2 (tickets, tills, 2026-06-02). ' +
      'Name the run that is meant, or the file by its path.',
  );
});

test.each([
  ['elsewhere/june.csv', 2, 'there is no import elsewhere/june.csv, and no file of this name'],
  [`${'j'.repeat(80)}.csv`, 2, 'and no file of this name'],
  ['april.csv', 1, 'nothing stands of what april.csv brought'],
])('%s is no run that stands: %i, %s', async (named, exitCode, sentence) => {
  const told = await undoing([run(3, 'june.csv'), run(2, 'april.csv', 'undone')], named);
  expect([told.exitCode, told.stderr]).toEqual([exitCode, expect.stringContaining(sentence)]);
});
