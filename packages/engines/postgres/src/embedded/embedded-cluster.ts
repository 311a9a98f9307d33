import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { chown, mkdir, open, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '@filrouge/ports';
import type { ServerAccount } from './embedded-account.ts';
import type { PostgresBinaries } from './embedded-binaries.ts';
import { SUPERUSER } from './embedded-credentials.ts';

/** Folder of the cluster (PGDATA) inside the data directory. */
export function clusterDirOf(dataDir: string): string {
  return join(dataDir, 'cluster');
}

/** The whole of pg_hba.conf: no `trust`, no `peer`, no address but loopback, no replication. */
const HOST_BASED_AUTHENTICATION = `# Written by Filrouge when the cluster was made.
# TYPE  DATABASE  USER  ADDRESS       METHOD
local   all       all                 scram-sha-256
host    all       all   127.0.0.1/32  scram-sha-256
host    all       all   ::1/128       scram-sha-256
`;

/**
 * A directory as the child sees it. As root on Linux the child gets an open descriptor and goes through
 * /proc/self/fd: the magic link leads straight to the directory, so that the unprivileged account needs no right to
 * enter the (possibly private) directories above it. Elsewhere it is the path itself.
 */
export interface ChildDirectory {
  readonly path: string;
  /** To append to `stdio` after the three standard ones. */
  readonly stdio: readonly number[];
  close(): void;
}

export function openChildDirectory(path: string, account: ServerAccount | undefined): ChildDirectory {
  if (account === undefined || process.platform !== 'linux') return { path, stdio: [], close: () => undefined };
  const descriptor = openSync(path, 'r');
  return { path: '/proc/self/fd/3', stdio: [descriptor], close: () => closeSync(descriptor) };
}

/** A clean environment: PGDATA, PGPORT and their kin, LD_PRELOAD and secrets of ours stay out of the server. */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/**
 * Makes the cluster where there is none. It is made in a folder of its own and renamed when complete, so an
 * interrupted attempt leaves only a folder that the next start removes.
 * Throws `EngineError` when the directory holds a cluster of another major version, or initdb fails.
 */
export async function ensureCluster(options: {
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount | undefined;
  readonly superuserPassword: string;
  readonly onProgress: (line: string) => void;
}): Promise<void> {
  const { dataDir, binaries, onProgress } = options;
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith('cluster.init-')) continue;
    onProgress('removing what an interrupted start left');
    // An initdb whose parent was killed may still be writing there: it fails at the next file, we try again.
    await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
  const clusterDir = clusterDirOf(dataDir);
  const written = await readFile(join(clusterDir, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (written === undefined) {
    await refuseForeignFiles(clusterDir);
    await initialise(options);
    return;
  }
  const major = binaries.version.split('.')[0];
  if (written.trim() !== major) {
    throw new EngineError(
      'other',
      `the database in ${clusterDir} was written by PostgreSQL ${written.trim()} and this Filrouge brings ${major}: ` +
        'start the Filrouge version that wrote it, `filrouge backup`, and restore into a new directory',
    );
  }
}

async function refuseForeignFiles(clusterDir: string): Promise<void> {
  const files = await readdir(clusterDir).catch(() => undefined);
  if (files === undefined) return;
  if (files.length > 0) {
    throw new EngineError(
      'other',
      `${clusterDir} holds files but no database (PG_VERSION is missing): move it away, or restore it from a backup`,
    );
  }
  await rmdir(clusterDir);
}

async function initialise(options: {
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount | undefined;
  readonly superuserPassword: string;
  readonly onProgress: (line: string) => void;
}): Promise<void> {
  const { dataDir, account } = options;
  options.onProgress('creating the PostgreSQL database (once, a few seconds)');
  const workshop = join(dataDir, `cluster.init-${randomBytes(4).toString('hex')}`);
  await mkdir(workshop, { mode: 0o700 });
  const passwordFile = join(workshop, 'password');
  await writeFile(passwordFile, `${options.superuserPassword}\n`, { mode: 0o600 });
  if (account !== undefined) {
    await chown(passwordFile, account.uid, account.gid);
    await chown(workshop, account.uid, account.gid);
  }
  const folder = openChildDirectory(workshop, account);
  try {
    await runInitdb(options.binaries, account, folder);
  } finally {
    folder.close();
  }
  const fresh = join(workshop, 'cluster');
  await writeFile(join(fresh, 'pg_hba.conf'), HOST_BASED_AUTHENTICATION);
  await syncPath(join(fresh, 'pg_hba.conf'));
  await rename(fresh, clusterDirOf(dataDir));
  await syncPath(dataDir);
  await rm(workshop, { recursive: true, force: true });
}

async function runInitdb(
  binaries: PostgresBinaries,
  account: ServerAccount | undefined,
  folder: ChildDirectory,
): Promise<void> {
  const flags = [
    '--pgdata',
    `${folder.path}/cluster`,
    '--pwfile',
    `${folder.path}/password`,
    '--username',
    SUPERUSER,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
    '--no-instructions',
  ];
  const child = spawn(binaries.initdb, flags, {
    ...account,
    cwd: '/',
    env: childEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe', ...folder.stdio],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-4_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  const full = /no space left/i.test(said);
  throw new EngineError(full ? 'disk-full' : 'other', `initdb could not create the database: ${said.trim()}`);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
