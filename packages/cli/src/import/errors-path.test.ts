import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../testing/run-filrouge.ts';
import { ERRORS_HEADER } from './errors-file.ts';
import { claimErrorsPath } from './errors-path.ts';

async function directory(): Promise<string> {
  const { path, remove } = await temporaryDirectory();
  onTestFinished(remove);
  return path;
}

test('imports that run at once have a list each, however many; one that ended gives its own back', async () => {
  const path = await directory();
  const files = ['a.csv', 'a.csv', 'b.csv', 'b.csv', 'b.csv', 'a.csv', 'a.csv'];
  const claimed = await Promise.all(files.map((file) => claimErrorsPath(join(path, file), 'tickets')));
  const names = claimed.map((each) => basename(each.path));
  expect(new Set(names).size).toBe(files.length);
  expect(names).toContain('errors.csv');
  for (const { release } of claimed) await release();
  expect(claimed.filter((each) => existsSync(`${each.path}.lock`))).toEqual([]);
  expect(basename((await claimErrorsPath(join(path, 'c.csv'), 'tickets')).path)).toBe('errors.csv');
});

test('its own list of before comes first, unless it is being written', async () => {
  const path = await directory();
  const own = `${ERRORS_HEADER}\n2,a,cell-missing,x,y,tickets a.csv\n`;
  await writeFile(join(path, 'a.errors.csv'), own);
  const first = await claimErrorsPath(join(path, 'a.csv'), 'tickets');
  const second = await claimErrorsPath(join(path, 'a.csv'), 'tickets');
  expect([first, second].map((each) => basename(each.path))).toEqual(['a.errors.csv', 'errors.csv']);
});

test('what a process left that was killed stands in nobody’s way', async () => {
  const path = await directory();
  // No process has this number: the kernel gives out none so high.
  await writeFile(join(path, 'errors.csv.lock'), '2147483646');
  expect(basename((await claimErrorsPath(join(path, 'a.csv'), 'tickets')).path)).toBe('errors.csv');
  expect(basename((await claimErrorsPath(join(path, 'b.csv'), 'tickets')).path)).toBe('b.errors.csv');
});
