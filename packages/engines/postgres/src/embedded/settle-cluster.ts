import { chmod, chown, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '@filrouge/ports';
import { acquireDirectoryLock } from './directory-lock.ts';
import { serverAccountFor } from './embedded-account.ts';
import { clusterDirOf } from './embedded-cluster.ts';
import { stopPostmaster } from './embedded-process.ts';
import { findPostmaster } from './postmaster.ts';

/** Gives a cluster that was copied into its place to the account that its server runs under, with nothing for others. */
export async function settleCopiedCluster(dataDir: string): Promise<void> {
  const clusterDir = clusterDirOf(dataDir);
  const account = await serverAccountFor(clusterDir);
  const waiting = [clusterDir];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (account !== undefined) await chown(path, account.uid, account.gid);
    if ((await stat(path)).isDirectory()) {
      await chmod(path, 0o700);
      for (const name of await readdir(path)) waiting.push(join(path, name));
    } else await chmod(path, 0o600);
  }
}

/** A root who copied a data directory by hand owns it, and PostgreSQL never runs as root: such a cluster is settled. */
export async function settleRootsCluster(dataDir: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const clusterDir = clusterDirOf(dataDir);
  const [top, version] = await Promise.all(
    [clusterDir, join(clusterDir, 'PG_VERSION')].map((path) => stat(path).catch(() => undefined)),
  );
  if (version !== undefined && (top?.uid === 0 || version.uid === 0)) await settleCopiedCluster(dataDir);
}

/**
 * Makes sure that nothing runs on the cluster of a data directory: throws `EngineError` while a Filrouge has it, and
 * stops the server that a killed one left.
 */
export async function demandIdleCluster(wanted: string): Promise<void> {
  if ((await stat(wanted).catch(() => undefined)) === undefined) return;
  const dataDir = await realpath(wanted);
  const lock = await acquireDirectoryLock(dataDir, () => undefined);
  if (!lock.ok) {
    throw new EngineError(
      'other',
      `${dataDir} is in use by process ${lock.refusal.pid} on ${lock.refusal.host}: stop that Filrouge first`,
    );
  }
  try {
    const left = await findPostmaster(clusterDirOf(dataDir));
    if (left !== undefined) await stopPostmaster(left);
  } finally {
    await lock.value.release();
  }
}
