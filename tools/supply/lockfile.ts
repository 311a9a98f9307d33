import { readFileSync } from 'node:fs';
import path from 'node:path';

export type Versions = Readonly<Record<string, string>>;

/** What a manifest and its entry in the lockfile both say. */
export type Dependencies = {
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
  readonly peerDependencies?: Versions;
};

/** One package at its place, e.g. `node_modules/pg`; also the root (``) and the rooms (`packages/wire`). */
export type LockEntry = Dependencies & {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly libc?: string | readonly string[];
};

export type Lockfile = { readonly packages: Readonly<Record<string, LockEntry>> };

const EXACT = /^\d+\.\d+\.\d+(-[\w.-]+)?$/;

export function readLockfile(root: string): Lockfile {
  return JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as Lockfile;
}

/** `node_modules/a/node_modules/@b/c` -> `@b/c`. */
export function nameOf(place: string): string {
  return place.replace(/^.*node_modules\//, '');
}

/** What is installed from elsewhere, rooms and links left out. */
export function broughtBy(lock: Lockfile): readonly (readonly [place: string, entry: LockEntry])[] {
  return Object.entries(lock.packages).filter(
    ([place, entry]) => place.includes('node_modules/') && entry.link !== true,
  );
}

/** A dependency that the lockfile does not hold, or at another version than the exact one that is asked for. */
export type Unmet = { readonly by: string; readonly name: string; readonly wanted: string; readonly optional: boolean };

/** What `npm ci` would miss. Ranges are taken as met by whatever is there: npm itself compares those. */
export function unmetIn(lock: Lockfile): readonly Unmet[] {
  return Object.entries(lock.packages).flatMap(([by, entry]) =>
    dependenciesOf(entry)
      .filter(([name, wanted]) => {
        const found = entryFor(lock, by, name);
        return found === undefined || (EXACT.test(wanted) && found.version !== wanted);
      })
      .map(([name, wanted]) => ({ by, name, wanted, optional: entry.optionalDependencies?.[name] !== undefined })),
  );
}

function dependenciesOf(entry: LockEntry): readonly (readonly [name: string, wanted: string])[] {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = entry;
  const peers = Object.entries(peerDependencies ?? {}).filter(
    ([name]) => peerDependenciesMeta?.[name]?.optional !== true,
  );
  const others = [dependencies, devDependencies, optionalDependencies].flatMap((each) => Object.entries(each ?? {}));
  return [...others, ...peers];
}

/** The package that Node finds under `name` from `place`: its own node_modules first, then those above it. */
function entryFor(lock: Lockfile, place: string, name: string): LockEntry | undefined {
  for (let from = place; ; from = from.replace(/(^|\/)[^/]*$/, '')) {
    const entry = from.endsWith('node_modules')
      ? undefined
      : lock.packages[`${from === '' ? '' : `${from}/`}node_modules/${name}`];
    if (entry !== undefined || from === '') return entry;
  }
}
