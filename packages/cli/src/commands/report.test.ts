import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { filrouge, type Said } from '../testing/run-filrouge.ts';

/** What `report ropo` says of a server that answers this. */
async function reported(
  status: number,
  answer: object,
  environment: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
): Promise<Said> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return filrouge(['report', 'ropo', '--by', 'category', '--url', url, '--token', 'secret', ...more], { environment });
}

test.each([
  ['en_GB.UTF-8', '(none)'],
  ['fr_FR.UTF-8', '(sans)'],
])('purchases without a category stand under a name of their own: %s', async (LANG, name) => {
  const figures = { population: 10, coverage: { value: null }, consentedBase: 0, observed: null, estimate: null };
  const { stdout } = await reported(200, { ...figures, rows: [{ ...figures, key: '' }] }, { LANG });
  expect(stdout).toContain(`\n${name} `);
});

test('a brand that must be named is asked for as the option that names it', async () => {
  const problem = { code: 'field-missing', pointer: '/brand', title: 'x', choices: ['maison', 'voisin'] };
  const { exitCode, stderr } = await reported(400, problem);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Name one with --brand: maison, voisin.')]);
});

test('a period that ends before it begins is told in the words of the options', async () => {
  const { exitCode, stderr } = await reported(400, { code: 'value-not-allowed', pointer: '/from', title: 'x' });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--from does not lie before --to.')]);
});

test('two forms at once are refused before anything is asked', async () => {
  const { exitCode, stdout } = await reported(200, {}, {}, ['--csv', '--json']);
  expect([exitCode, stdout]).toEqual([2, expect.not.stringContaining('population')]);
});
