import { execFile } from 'node:child_process';
import { cp, glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../check/run-tool.ts';
import { bundle } from './bundle.ts';
import { stage } from './stage.ts';

/** A house of two rooms in which the command starts a program of an engine, and both read a migration. */
let house: string;
beforeAll(async () => {
  house = await mkdtemp(path.join(os.tmpdir(), 'filrouge-small-house-'));
  await cp(path.join(root, 'tools/pack/fixtures/small-house'), house, { recursive: true });
});
afterAll(() => rm(house, { recursive: true }));

async function filesOf(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const entry of glob('**/*', { cwd: folder, withFileTypes: true })) {
    if (entry.isFile()) files.push(path.relative(folder, path.join(entry.parentPath, entry.name)));
  }
  return files.sort();
}

test('the package starts its programs and finds its assets, from wherever it lies', async () => {
  const folder = path.join(house, 'elsewhere/node_modules/filrouge');
  const built = await bundle(house, path.join(folder, 'dist'));
  await stage(house, folder, built);
  expect(built.programs).toEqual(['packages/cli/src/main.ts', 'packages/engines/ink/src/deep/child.ts']);
  const files = await filesOf(folder);
  expect(files.filter((file) => !file.includes('chunk-'))).toEqual([
    'bin/filrouge.mjs',
    'dist/engines-ink-deep-child.js',
    'dist/main.js',
    'dist/packages/engines/ink/migrations/0001-ink.sql',
    'package.json',
  ]);
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(folder, 'dist/main.js')]);
  expect(stdout).toBe('main read: create table ink\nchild said: create table ink from child.ts\n');
  expect(JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'))).toMatchObject({
    version: '1.2.3',
    dependencies: { picocolors: '1.1.1' },
  });
});

test('an npm package that no room declares stops the packing', async () => {
  const source = path.join(house, 'packages/engines/ink/src/index.ts');
  await writeFile(source, `import 'left-pad';\n${await readFile(source, 'utf8')}`);
  const folder = path.join(house, 'second');
  const built = await bundle(house, path.join(folder, 'dist'));
  await expect(stage(house, folder, built)).rejects.toThrow(
    'left-pad is imported by packages/engines/ink/src/index.ts',
  );
});
