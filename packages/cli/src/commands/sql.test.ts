import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { problemOf } from '@filrouge/wire';
import { expect, onTestFinished, test } from 'vitest';
import { filrouge, type Said, temporaryDirectory } from '../testing/run-filrouge.ts';

const ANSWER = {
  brand: 'atelier',
  purpose: 'profiling',
  columns: [
    { name: 'store', type: 'LowCardinality(String)' },
    { name: 'n', type: 'UInt64' },
    { name: 'skus', type: 'Array(String)' },
  ],
  rows: [
    ['lyon', 12, ['A']],
    ['=cmd()', -3, null],
  ],
  truncated: false,
  ms: 40,
};

type Asked = { said: Said; body: unknown };

/** What the command says of a server that answers this, and what it asked. */
async function asking(
  argv: readonly string[],
  answer: { readonly status?: number; readonly document: object } = { document: ANSWER },
  place: Parameters<typeof filrouge>[1] = {},
): Promise<Asked> {
  let body = '';
  const server = createServer((request, response) => {
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.document));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const said = await filrouge(['sql', ...argv, '--url', url, '--token', 'secret'], place);
  return { said, body: body === '' ? undefined : JSON.parse(body) };
}

const QUERY = ['--purpose', 'profiling', 'SELECT 1'];

test('a table for people, with how many rows and how long on stderr, in the language of the terminal', async () => {
  const { said, body } = await asking([
    ...QUERY,
    '--brand',
    'atelier',
    '--limit',
    '5',
    '--param',
    'a=1',
    'b=x',
    'b=y=z',
  ]);
  expect(body).toEqual({
    purpose: 'profiling',
    brand: 'atelier',
    query: 'SELECT 1',
    limit: 5,
    parameters: { a: '1', b: ['x', 'y=z'] },
  });
  expect(said).toEqual({
    exitCode: 0,
    stdout: 'store    n  skus\nlyon    12  ["A"]\n=cmd()  -3\n',
    stderr: '2 rows for profiling, 40 ms\n',
  });
  const french = await asking(
    QUERY,
    { document: { ...ANSWER, truncated: true } },
    { environment: { LANG: 'fr_FR.UTF-8' } },
  );
  expect(french.said.stderr).toBe(
    '2 lignes pour profiling, 40 ms\nIl y a d’autres lignes : augmentez --limit, ou demandez moins.\n',
  );
});

test('CSV that no spreadsheet takes for formulas, an object a line, and the answer as it is', async () => {
  expect((await asking([...QUERY, '--format', 'csv'])).said.stdout).toBe(
    'store,n,skus\nlyon,12,"[""A""]"\n\'=cmd(),-3,\n',
  );
  expect((await asking([...QUERY, '--format', 'ndjson'])).said.stdout).toBe(
    '{"store":"lyon","n":12,"skus":["A"]}\n{"store":"=cmd()","n":-3,"skus":null}\n',
  );
  for (const form of [['--format', 'json'], ['--json']]) {
    expect(JSON.parse((await asking([...QUERY, ...form])).said.stdout)).toEqual(ANSWER);
  }
});

test('the query comes from a file or from stdin as well', async () => {
  const house = await temporaryDirectory();
  onTestFinished(() => house.remove());
  await writeFile(join(house.path, 'weekly.sql'), 'SELECT 2');
  const purpose = ['--purpose', 'profiling'];
  const place = { directory: house.path, stdin: 'SELECT 3' };
  expect((await asking([...purpose, '--file', 'weekly.sql'], undefined, place)).body).toMatchObject({
    query: 'SELECT 2',
  });
  expect((await asking([...purpose, '--file', '-'], undefined, place)).body).toMatchObject({ query: 'SELECT 3' });
  for (const [argv, words] of [
    [purpose, 'no query is given'],
    [[...QUERY, '--file', 'weekly.sql'], 'a query is given twice'],
    [[...purpose, '--file', 'absent.sql'], 'absent.sql cannot be read'],
    [['SELECT 1'], 'no purpose is named'],
    [[...QUERY, '--limit', '0'], '--limit 0 is no whole number'],
    [[...QUERY, '--param', 'x'], '--param x is no value'],
  ] as const) {
    const { said } = await asking(argv, undefined, place);
    expect([said.exitCode, said.stderr], words).toEqual([2, expect.stringContaining(words)]);
  }
});

test('a refusal shows the line with a mark under the place; limits are no fault of the command line', async () => {
  const refused = (code: 'sql-function' | 'sql-too-slow', more: object) => ({
    status: 400,
    document: { ...problemOf({ code, pointer: '/query', detail: 'x' }, 'fr', 400), ...more },
  });
  const query = ['--purpose', 'profiling', "SELECT 1,\n  file('/x')"];
  const { said } = await asking(query, refused('sql-function', { what: 'file', line: 2, column: 3 }));
  expect(said.exitCode).toBe(2);
  expect(said.stderr).toContain(
    "filrouge: The query may not call this function: file (line 2, column 3)\n    file('/x')\n    ^ here.\n",
  );
  const slow = await asking(query, refused('sql-too-slow', {}));
  expect(slow.said).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('took longer than it may') });
});

test('--tables lists the views', async () => {
  const columns = [{ name: 'event_id', type: 'UUID', about: 'the same everywhere' }];
  const { said } = await asking(['--tables'], { document: { tables: [{ name: 'events', about: 'All.', columns }] } });
  expect(said.stdout).toBe('events: All.\n  event_id  UUID  the same everywhere\n');
});
