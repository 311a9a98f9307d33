import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from '../check/run-tool.ts';

const CONFIGURATION = [
  'tsconfig.json',
  '.oxlintrc.json',
  '.dependency-cruiser.mjs',
  'biome.json',
  'knip.json',
  '.gitignore',
];
const PACKAGES = ['domain', 'wire', 'ports', 'pipeline', 'server', 'simulator'];
const ENGINES = ['postgres', 'clickhouse'];

/** Where the planted faults are kept. */
export const badHouseFixture: string = path.join(root, 'tools/guards/fixtures/bad-house');

/**
 * A copy of the bad house, one planted fault a file, under the real house's own configuration, in a folder of its own:
 * inside the checkout the guards rightly look away from fixtures. `close` removes it.
 */
export async function buildBadHouse(): Promise<{ readonly folder: string; close(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'filrouge-bad-house-'));
  await cp(badHouseFixture, folder, { recursive: true });
  for (const file of CONFIGURATION) await cp(path.join(root, file), path.join(folder, file));
  await cp(path.join(root, 'packages/domain/tsconfig.json'), path.join(folder, 'packages/domain/tsconfig.json'));
  await mkdir(path.join(folder, 'node_modules/@filrouge'), { recursive: true });
  const link = (target: string, name: string): Promise<void> =>
    symlink(target, path.join(folder, 'node_modules', name));
  for (const name of PACKAGES) await link(path.join(folder, 'packages', name), `@filrouge/${name}`);
  for (const name of ENGINES) await link(path.join(folder, 'packages/engines', name), `@filrouge/engine-${name}`);
  for (const name of ['@types', 'vitest']) await link(path.join(root, 'node_modules', name), name);
  await writeFile(path.join(folder, 'packages/pipeline/src/long-function.ts'), longFunction(71));
  await writeFile(path.join(folder, 'packages/pipeline/src/long-file.ts'), longFile(401));
  return { folder, close: () => rm(folder, { recursive: true }) };
}

function longFunction(lines: number): string {
  const body = Array.from({ length: lines - 4 }, () => '  total += 1;');
  return ['export function count(): number {', '  let total = 0;', ...body, '  return total;', '}', ''].join('\n');
}

function longFile(lines: number): string {
  return `${Array.from({ length: lines }, (_, at) => `export const line${at} = ${at};`).join('\n')}\n`;
}
