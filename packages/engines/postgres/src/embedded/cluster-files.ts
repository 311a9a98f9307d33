import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '@filrouge/ports';
import { hasCode } from './has-code.ts';

/** Directories whose content a starting server makes anew (PostgreSQL manual, 25.3.5, and its own pg_basebackup). */
const EMPTY_IN_A_COPY = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
]);

/** Files that belong to the running server, or that a copy has of its own. */
const LEFT_OUT = new Set([
  'backup_label',
  'backup_label.old',
  'backup_manifest',
  'current_logfiles',
  'postmaster.opts',
  'postmaster.pid',
  'tablespace_map',
]);

/** Copied last: where a copy is read that was cut short, it must not look like a cluster. */
export const CONTROL_FILE = 'global/pg_control';

export type ClusterFiles = {
  readonly directories: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
};

/** Whether a copy of a cluster needs this file; `path` is relative to the cluster. */
export function belongsInCopy(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (LEFT_OUT.has(path) || path === CONTROL_FILE) return false;
  // Temporary files and tables, and a cache that any server writes anew.
  return !/^(pgsql_tmp|pg_internal\.init|t\d+_\d+)/.test(name) && !name.endsWith('.tmp');
}

/** What a copy of the cluster consists of, but the log and the control file. Throws `EngineError` for tablespaces. */
export async function listClusterFiles(clusterDir: string): Promise<ClusterFiles> {
  const directories: string[] = [];
  const files: { path: string; bytes: number }[] = [];
  const waiting = [''];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await readdir(join(clusterDir, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isSymbolicLink()) {
        throw new EngineError(
          'other',
          `${join(clusterDir, path)} leads to another disk: take the backup of this database with PostgreSQL's own tools`,
        );
      }
      if (entry.isDirectory()) {
        if (entry.name.startsWith('pgsql_tmp')) continue;
        directories.push(path);
        if (!EMPTY_IN_A_COPY.has(path)) waiting.push(path);
      } else if (belongsInCopy(path)) {
        const bytes = await sizeOf(join(clusterDir, path));
        if (bytes !== undefined) files.push({ path, bytes });
      }
    }
  }
  return { directories: directories.sort(), files };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).size;
  } catch (fault) {
    if (hasCode(fault, 'ENOENT')) return undefined;
    throw fault;
  }
}
