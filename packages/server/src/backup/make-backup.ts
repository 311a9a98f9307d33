import { mkdir, readdir, realpath, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { embeddedFiles, keysAt } from '../compose.ts';
import type { Environment } from '../config/environment.ts';
import { BackupRefused } from './backup-refused.ts';
import { BackupWriter } from './backup-writer.ts';
import type { BackupManifest } from './manifest.ts';
import { demandEmbedded } from './own-engines.ts';

export type BackupOptions = {
  readonly environment: Environment;
  /** Absolute; not there yet, or empty. */
  readonly directory: string;
  /** Folder for the copy of the key files, apart from the backup; undefined: they are not copied. */
  readonly keys: string | undefined;
  readonly signal: AbortSignal;
  /** One line of progress for the operator. */
  readonly onProgress: (line: string) => void;
  readonly onCopied: (copied: number, total: number) => void;
};

/** What stands in the directory of a backup that is not finished, so that the next one may remove it. */
const UNFINISHED_MARK = 'unfinished-backup';

/**
 * Makes a backup of an installation with embedded engines, while it works or not. What cannot be rebuilt is copied:
 * PostgreSQL, and where the journal's first days are gone the events that they told. Keys are not in it. Under its name
 * the directory is whole or not there. Throws `BackupRefused`, `EngineError`, `VaultFault`, and what the disk refuses.
 */
export async function makeBackup(options: BackupOptions): Promise<BackupManifest> {
  const { directory, signal } = options;
  const { fingerprint } = await planBackup(options);
  const part = `${directory}.part`;
  await mkdir(dirname(directory), { recursive: true });
  await rmdir(directory).catch(absent);
  await removeUnfinished(part);
  const writer = await BackupWriter.open(part, directory);
  try {
    await writeFile(join(part, UNFINISHED_MARK), 'of filrouge\n');
    return await copyEverything(options, writer, fingerprint, part);
  } catch (fault) {
    await rm(part, { recursive: true, force: true });
    signal.throwIfAborted();
    throw fault;
  }
}

/** Looks whether a backup can be made, and what it would copy of the database; changes nothing. Throws as `makeBackup`. */
export async function planBackup(
  options: Pick<BackupOptions, 'environment' | 'directory' | 'keys'>,
): Promise<{ readonly bytes: number; readonly fingerprint: string }> {
  const { environment } = options;
  demandEmbedded(environment, 'backup');
  await demandPlace(options);
  const { fingerprint } = await keysAt(keyPlacesOf(environment));
  return { bytes: await embeddedFiles(environment.dataDir).postgresBytes(), fingerprint };
}

/** Where an installation keeps its keys. */
export function keyPlacesOf(environment: Pick<Environment, 'dataDir' | 'masterKeyFile'>): {
  readonly masterKeyFile: string;
  readonly keyDirectory: string;
} {
  return { masterKeyFile: environment.masterKeyFile, keyDirectory: join(environment.dataDir, 'keys') };
}

async function copyEverything(
  options: BackupOptions,
  writer: BackupWriter,
  fingerprint: string,
  part: string,
): Promise<BackupManifest> {
  const { environment, directory, signal, onProgress, onCopied } = options;
  const files = embeddedFiles(environment.dataDir);
  const { version, before, after, startedAt, stoppedAt } = await files.copyPostgres({
    sink: writer.below('postgres'),
    signal,
    onProgress,
    onCopied,
    onSize: (bytes) => demandRoom(dirname(directory), bytes),
    async afterwards({ after: copied }, ask) {
      if (copied.prunedUpTo === 0) return;
      onProgress('the first days of the journal are gone: copying the events that they told');
      await files.copyEvents(writer.below('clickhouse'), signal);
      const { takenBack } = await ask();
      if (takenBack !== undefined && takenBack === copied.takenBack) return;
      throw new BackupRefused(
        'failed',
        'an import was undone while the backup was made',
        'Wait until it is undone (filrouge import list), then make the backup again',
      );
    },
  });
  // After the database: whatever key its rows name is in the folder by now.
  const buckets = await copyKeys(options);
  await rm(join(part, UNFINISHED_MARK));
  return writer.finish({
    madeAt: new Date().toISOString(),
    postgres: { version, startedAt, stoppedAt },
    journal: { from: before.journalPosition, to: after.journalPosition },
    ledger: { from: before.ledgerPosition, to: after.ledgerPosition },
    prunedUpTo: after.prunedUpTo,
    migrations: after.migrations,
    keys: { fingerprint, buckets: [...buckets] },
  });
}

async function copyKeys({ environment, keys, onProgress }: BackupOptions): Promise<readonly number[]> {
  const { keyDirectory } = keyPlacesOf(environment);
  const files = embeddedFiles(environment.dataDir);
  if (keys === undefined) return files.keyBuckets(keyDirectory);
  onProgress(`copying the key files to ${keys}`);
  return files.copyKeys(keyDirectory, keys);
}

async function demandPlace({
  environment,
  directory,
  keys,
}: Pick<BackupOptions, 'environment' | 'directory' | 'keys'>): Promise<void> {
  const dataDir = await realpath(environment.dataDir).catch(() => environment.dataDir);
  const wanted = join(await realpath(dirname(directory)).catch(() => dirname(directory)), basename(directory));
  if (isWithin(wanted, dataDir)) {
    throw new BackupRefused('usage', `${directory} lies in the data directory`, 'Name a place on another disk');
  }
  if (keys !== undefined && (isWithin(keys, wanted) || isWithin(keys, dataDir))) {
    const what = `${keys} lies in the backup or in the data directory`;
    throw new BackupRefused('usage', what, 'Keep the keys apart: whoever has both can read everything');
  }
  // Found out now, and not after the database was copied.
  if (keys !== undefined) await readdir(keys).catch(absent);
  const names = await readdir(directory).catch(absent);
  if (names === undefined || names.length === 0) return;
  throw new BackupRefused('usage', `${directory} is there and not empty`, 'Name a directory for each backup');
}

function absent(fault: NodeJS.ErrnoException): undefined {
  if (fault.code !== 'ENOENT') throw fault;
}

export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}${sep}`);
}

async function removeUnfinished(part: string): Promise<void> {
  const names = await readdir(part).catch(() => undefined);
  if (names === undefined) return;
  if (!names.includes(UNFINISHED_MARK) && names.length > 0) {
    throw new BackupRefused('usage', `${part} is in the way`, 'Remove it, or name another directory');
  }
  await rm(part, { recursive: true, force: true });
}

async function demandRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize > bytes) return;
  const what = `${directory} has room for ${megabytes(bavail * bsize)} and the database has ${megabytes(bytes)}`;
  throw new BackupRefused('failed', what, 'Free some room, or name a place on another disk');
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`;
}
