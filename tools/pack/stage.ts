import { existsSync, readFileSync } from 'node:fs';
import { cp, glob, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Bundle } from './bundle.ts';

type Manifest = {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const COMMAND_ROOM = 'packages/cli';
/** Not needed to run: sources, which are built; papers; and what belongs to the checkout's tools. */
const LEFT_OUT =
  /\.(ts|md)$|(^|\/)(package\.json|tsconfig\.json|node_modules|dist|fixtures|testing)(\/|$)|^packages\/cli\/bin\//;

/** Lays out the package of the checkout `root` in `folder`, around the built files that are in `folder`/dist already. */
export async function stage(root: string, folder: string, built: Bundle): Promise<void> {
  const rooms = [...new Set(built.sources.map(roomOf))].sort();
  for (const asset of await assetsOf(root, rooms)) await copy(path.join(root, asset), path.join(folder, 'dist', asset));
  for await (const launcher of glob('*.mjs', { cwd: path.join(root, COMMAND_ROOM, 'bin') })) {
    await copy(path.join(root, `${COMMAND_ROOM}/bin/${launcher}`), path.join(folder, 'bin', launcher));
  }
  for (const paper of ['LICENSE', 'README.md'])
    if (existsSync(path.join(root, paper))) await copy(path.join(root, paper), path.join(folder, paper));
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(manifestOf(root, rooms, built), null, 2)}\n`);
}

/** `packages/engines/postgres/src/journal.ts` -> `packages/engines/postgres`. */
function roomOf(source: string): string {
  return /^packages\/(engines\/)?[^/]+/.exec(source)?.[0] ?? '';
}

/** Files that code reads at run time, e.g. SQL migrations. */
async function assetsOf(root: string, rooms: readonly string[]): Promise<readonly string[]> {
  const assets: string[] = [];
  for (const room of rooms) {
    for await (const entry of glob(`${room}/**/*`, {
      cwd: root,
      withFileTypes: true,
      exclude: (each) => each.name === 'node_modules',
    })) {
      const file = path.relative(root, path.join(entry.parentPath, entry.name));
      if (entry.isFile() && !LEFT_OUT.test(file)) assets.push(file);
    }
  }
  return assets.sort();
}

async function copy(source: string, target: string): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  await cp(source, target);
}

/** The package.json that people install: what the rooms inside depend on, at the very versions they were tested with. */
function manifestOf(root: string, rooms: readonly string[], built: Bundle): object {
  const { version, optionalDependencies } = readManifest(root, COMMAND_ROOM);
  const dependencies = new Map<string, string>();
  for (const room of rooms) {
    for (const [name, wanted] of Object.entries(readManifest(root, room).dependencies ?? {})) {
      if (name.startsWith('@filrouge/')) continue;
      const other = dependencies.get(name);
      if (other !== undefined && other !== wanted)
        throw new Error(`two rooms want ${name}, at ${other} and at ${wanted}`);
      dependencies.set(name, wanted);
    }
  }
  for (const [name, importers] of built.imported) {
    if (!dependencies.has(name))
      throw new Error(`${name} is imported by ${importers.join(', ')}, but no room declares it`);
  }
  return {
    name: 'filrouge',
    version,
    description: 'An open customer data platform with consent at its door.',
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '>=20' },
    bin: { filrouge: 'bin/filrouge.mjs' },
    files: ['bin', 'dist'],
    dependencies: Object.fromEntries([...dependencies].sort(([a], [b]) => (a < b ? -1 : 1))),
    optionalDependencies,
  };
}

function readManifest(root: string, room: string): Manifest {
  return JSON.parse(readFileSync(path.join(root, room, 'package.json'), 'utf8')) as Manifest;
}
