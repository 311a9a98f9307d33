import { expect, test } from 'vitest';
import { root } from '../check/run-tool.ts';
import { completeLockfile, isCompleted } from './complete-lockfile.ts';
import { type Lockfile, readLockfile, unmetIn } from './lockfile.ts';

const paint = (version: string): Lockfile => ({
  packages: {
    '': { devDependencies: { paint: version } },
    'node_modules/paint': {
      version,
      integrity: 'sha512-',
      dev: true,
      optionalDependencies: { 'paint-linux-x64': version, 'paint-linux-arm-musl': version, 'paint-win32-x64': version },
    },
    'node_modules/paint-linux-x64': { version, integrity: 'sha512-', dev: true, optional: true },
  },
});

test('an optional package that the lockfile lacks is added at its version, for the platform of its name', () => {
  const { packages } = completeLockfile(paint('1.2.3'));
  expect(Object.keys(packages)).toEqual([
    '',
    'node_modules/paint',
    'node_modules/paint-linux-arm-musl',
    'node_modules/paint-linux-x64',
    'node_modules/paint-win32-x64',
  ]);
  const common = { version: '1.2.3', dev: true, optional: true };
  expect(packages['node_modules/paint-linux-arm-musl']).toEqual({
    ...common,
    os: ['linux'],
    cpu: ['arm'],
    libc: ['musl'],
  });
  expect(packages['node_modules/paint-win32-x64']).toEqual({ ...common, os: ['win32'], cpu: ['x64'] });
});

test('what was completed for an earlier version is completed anew', () => {
  const added = Object.entries(completeLockfile(paint('1.2.3')).packages).filter(([, entry]) => isCompleted(entry));
  const { packages } = completeLockfile({ packages: { ...paint('1.3.0').packages, ...Object.fromEntries(added) } });
  expect(packages['node_modules/paint-win32-x64']?.version).toBe('1.3.0');
});

test('a name that tells no platform is not guessed', () => {
  const lock = { packages: { '': { optionalDependencies: { brush: '1.0.0' } } } };
  expect(() => completeLockfile(lock)).toThrow('brush: its name tells no platform');
});

test('what is asked for is looked for as Node does, own packages first, and compared where it is exact', () => {
  const lock: Lockfile = {
    packages: {
      'packages/a': { dependencies: { paint: '2.0.0', brush: '^1.0.0', room: '*' } },
      'packages/a/node_modules/paint': { version: '2.0.0' },
      'packages/b': { dependencies: { paint: '2.0.0' }, devDependencies: { easel: '^1.0.0' } },
      'node_modules/paint': {
        version: '1.0.0',
        peerDependencies: { canvas: '*', frame: '*' },
        peerDependenciesMeta: { frame: { optional: true } },
      },
      'node_modules/brush': { version: '1.4.0' },
      'node_modules/room': { link: true },
    },
  };
  expect(unmetIn(lock).map(({ by, name }) => `${by}: ${name}`)).toEqual([
    'packages/b: paint',
    'packages/b: easel',
    'node_modules/paint: canvas',
  ]);
});

test('completing the lockfile of the house changes nothing', () => {
  const lock = readLockfile(root);
  expect(JSON.stringify(completeLockfile(lock))).toBe(JSON.stringify(lock));
});
