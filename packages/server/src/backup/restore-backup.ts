import { chmod, copyFile, mkdir, readdir, realpath, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Deployment } from '@filrouge/domain/deployment';
import type { FlowReading } from '@filrouge/ports';
import { embeddedFiles, keysAt, RESTORING_MARK } from '../compose.ts';
import type { Environment } from '../config/environment.ts';
import { openOffline } from '../offline.ts';
import { type CaughtUp, readHeld } from '../second-place/catch-up.ts';
import { BackupRefused } from './backup-refused.ts';
import { syncAll, writeDurably } from './backup-writer.ts';
import { isWithin, keyPlacesOf } from './make-backup.ts';
import type { BackupManifest } from './manifest.ts';
import { demandEmbedded } from './own-engines.ts';
import { type BackupDamage, type VerifiedBackup, verifyBackup } from './verify-backup.ts';

export type RestoreOptions = {
  readonly environment: Environment;
  readonly deployment: Deployment;
  readonly directory: string;
  /** Folder with the copy of the key files; undefined: those of the data directory. */
  readonly keys: string | undefined;
  /** A data directory that is not empty is renamed aside. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
  readonly onChecked: (checked: number, total: number) => void;
  readonly onReplayed: (items: number) => void;
};

/** What will be done, found out without changing anything. */
export type RestorePlan = {
  readonly manifest: BackupManifest;
  readonly bytes: number;
  /** Where what is in the data directory now will be; undefined: nothing is. */
  readonly aside: string | undefined;
  readonly keysFrom: string;
};

export type Restored = RestorePlan & {
  readonly journalPosition: number;
  readonly ledgerPosition: number;
  /** What people decided after the backup, from the second place of the consents. */
  readonly consents: CaughtUp;
  /** Items of the journal that were replayed. */
  readonly items: number;
  /** The projections, built again. */
  readonly digest: Readonly<Record<string, string>>;
  /** PostgreSQL's projections that came out otherwise than they stood in the backup; empty: all is well. */
  readonly differing: readonly string[];
  readonly flow: FlowReading;
};

/**
 * Looks whether a backup is whole, its keys are here, and there is a place for it. Throws `BackupRefused` that names the
 * first damages, `VaultFault`, `EngineError` while a server has the data directory.
 */
export async function planRestore(options: RestoreOptions): Promise<RestorePlan> {
  const { environment } = options;
  demandEmbedded(environment, 'restore');
  await demandApart(options);
  // What is found quickly first: hashing a large backup takes minutes.
  const { manifest } = await demandWhole(options, 'sizes');
  await demandKnown(options, manifest);
  const aside = await placeOfOld(options);
  const places = keyPlacesOf(environment);
  const keysFrom = options.keys ?? places.keyDirectory;
  const { fingerprint, buckets } = await keysAt({ ...places, keyDirectory: keysFrom });
  if (fingerprint !== manifest.keys.fingerprint) {
    throw new BackupRefused('failed', `the keys in ${keysFrom} are those of another installation`, KEYS_MEND);
  }
  const missing = manifest.keys.buckets.filter((bucket) => !buckets.includes(bucket));
  if (missing.length > 0) {
    const what = `the keys in ${keysFrom} are older than the backup: bucket ${missing.join(', ')} is missing`;
    throw new BackupRefused('failed', what, KEYS_MEND);
  }
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  await demandRoom(environment.dataDir, bytes);
  await demandWhole(options, 'contents');
  return { manifest, bytes, aside, keysFrom };
}

/** Renaming the one aside would take the other away. */
async function demandApart({ environment: { dataDir }, directory }: RestoreOptions): Promise<void> {
  const [data, backup] = await Promise.all([dataDir, directory].map((path) => realpath(path).catch(() => path)));
  if (data === undefined || backup === undefined) return;
  if (!isWithin(data, backup) && !isWithin(backup, data)) return;
  const what = `the backup ${directory} and the data directory ${dataDir} lie in one another`;
  throw new BackupRefused('usage', what, 'Set FILROUGE_DATA_DIR to another place, or move the backup');
}

/** What would come to light only after the files were copied. */
async function demandKnown({ environment, directory }: RestoreOptions, manifest: BackupManifest): Promise<void> {
  const { migrations = 0, ledger } = manifest;
  const known = await embeddedFiles(environment.dataDir).migrationsKnown();
  if (migrations > known) {
    const what = `the backup ${directory} was made by a later version of filrouge (its database has migration ${migrations}, this version ends at ${known})`;
    throw new BackupRefused('failed', what, 'Restore it with that version, or a later one');
  }
  const { consentsDir } = environment;
  if (consentsDir === undefined || ledger.from === 0 || (await readHeld(consentsDir, ledger.from)).last > 0) return;
  throw new BackupRefused(
    'failed',
    `FILROUGE_CONSENTS_DIR names ${consentsDir}, which holds no consents`,
    'Name the directory in which they were kept, or leave the variable out: what people decided after the backup is not known then',
  );
}

const KEYS_MEND = 'Name the copy of the keys that was made with the backup: --keys DIR';

async function demandWhole(options: RestoreOptions, depth: 'sizes' | 'contents'): Promise<VerifiedBackup> {
  const verified = await verifyBackup({ ...options, depth });
  if (verified.damages.length > 0) throw damaged(options.directory, verified.damages);
  return verified;
}

function damaged(directory: string, damages: readonly BackupDamage[]): BackupRefused {
  const shown = damages.slice(0, 3).map(({ path, damage }) => `${path} (${damage})`);
  const more = damages.length > shown.length ? `, and ${damages.length - shown.length} more` : '';
  const what = `the backup ${directory} is damaged: ${shown.join(', ')}${more}`;
  return new BackupRefused('failed', what, 'Nothing was changed; use another backup');
}

/**
 * Puts an installation back as it was at the end of a backup. Until everything is in place and its projections are built
 * again the data directory carries a mark, and nothing else opens it; a restore that was interrupted is begun anew by the
 * same command. Throws as `planRestore`.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const plan = await planRestore(options);
  const { environment, signal, onProgress } = options;
  const { dataDir } = environment;
  signal.throwIfAborted();
  await makeRoom(options, plan);
  onProgress('copying the files of the database');
  await copyFiles(options, plan.manifest);
  const mark = join(dataDir, RESTORING_MARK);
  onProgress('PostgreSQL recovers to the end of the backup');
  const rebuilt = await rebuild(options, plan.manifest);
  await rm(mark);
  await syncAll([dataDir]);
  return { ...plan, ...rebuilt };
}

/** Everything that may stand in the data directory already, and stays. */
function staysIn({ dataDir, masterKeyFile }: Environment): ReadonlySet<string> {
  const key = dirname(masterKeyFile) === dataDir ? [basename(masterKeyFile)] : [];
  return new Set([...key, 'keys', 'lost+found']);
}

async function placeOfOld({ environment, force }: RestoreOptions): Promise<string | undefined> {
  const { dataDir } = environment;
  const names = await readdir(dataDir).catch((fault: NodeJS.ErrnoException): string[] => {
    if (fault.code === 'ENOENT') return [];
    throw fault;
  });
  // What an interrupted restore left is its own.
  if (names.includes(RESTORING_MARK)) return undefined;
  const stays = staysIn(environment);
  if (names.every((name) => stays.has(name))) return undefined;
  if (!force) {
    const mend = 'Set FILROUGE_DATA_DIR to an empty directory, or give --force to have this one renamed aside';
    throw new BackupRefused('usage', `the data directory ${dataDir} is not empty`, mend);
  }
  await embeddedFiles(dataDir).demandIdle();
  return `${dataDir}.before-restore-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}`;
}

async function makeRoom(options: RestoreOptions, { aside, keysFrom }: RestorePlan): Promise<void> {
  const { environment, directory, onProgress } = options;
  const { dataDir, masterKeyFile } = environment;
  const places = keyPlacesOf(environment);
  if (aside !== undefined) {
    onProgress(`renaming ${dataDir} to ${aside}`);
    await rename(dataDir, aside).catch((fault: NodeJS.ErrnoException) => {
      const what = `${dataDir} cannot be renamed aside (${fault.code ?? fault.message})`;
      throw new BackupRefused('failed', what, 'Move what is in it away, then run the command again without --force');
    });
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const moved = (path: string): string => (aside === undefined ? path : inside(path, dataDir, aside));
  await writeDurably(join(dataDir, RESTORING_MARK), `${directory}\n`);
  if (moved(masterKeyFile) !== masterKeyFile) {
    await copyFile(moved(masterKeyFile), masterKeyFile);
    await chmod(masterKeyFile, 0o600);
    await syncAll([masterKeyFile]);
  }
  const keys = moved(keysFrom);
  if (keys !== places.keyDirectory) await embeddedFiles(dataDir).copyKeys(keys, places.keyDirectory);
  await syncAll([dataDir]);
}

/** The same file after its directory was renamed. */
function inside(path: string, from: string, to: string): string {
  return isWithin(path, from) ? `${to}${path.slice(from.length)}` : path;
}

async function copyFiles(
  { environment, directory, signal }: RestoreOptions,
  { directories, files }: BackupManifest,
): Promise<void> {
  const { dataDir } = environment;
  const engines = embeddedFiles(dataDir);
  await engines.demandIdle();
  for (const name of ['postgres', 'clickhouse']) await rm(join(dataDir, name), { recursive: true, force: true });
  const postgres = files.filter(({ path }) => path.startsWith('postgres/'));
  for (const path of ['postgres', ...directories.filter((each) => each.startsWith('postgres/'))]) {
    await mkdir(join(dataDir, path), { recursive: true, mode: 0o700 });
  }
  for (const { path } of postgres) {
    signal.throwIfAborted();
    await copyFile(join(directory, path), join(dataDir, path));
    await chmod(join(dataDir, path), 0o600);
  }
  await syncAll(postgres.map(({ path }) => join(dataDir, path)));
  await engines.settlePostgres();
  if (directories.includes('clickhouse/event')) await engines.placeEvents(join(directory, 'clickhouse', 'event'));
}

async function rebuild(options: RestoreOptions, manifest: BackupManifest): Promise<Omit<Restored, keyof RestorePlan>> {
  const { environment, deployment, signal, onProgress, onReplayed } = options;
  const offline = await openOffline({ environment, deployment, onProgress, restoring: true });
  try {
    const recovered = await offline.head();
    const { journalPosition } = recovered;
    demandBetween('journal', journalPosition, manifest.journal);
    demandBetween('ledger', recovered.ledgerPosition, manifest.ledger);
    const consents = await offline.catchUp();
    if (consents.facts > 0)
      onProgress(`taking over ${consents.facts} decisions made since, from ${environment.consentsDir}`);
    onProgress('building the projections again');
    await offline.drain();
    signal.throwIfAborted();
    const before = await offline.digest();
    const { items } = await offline.replay((done) => {
      signal.throwIfAborted();
      onReplayed(done.items);
    });
    const digest = await offline.digest();
    // Those of ClickHouse were not in the backup, or with later rows.
    const differing = Object.keys(before).filter(
      (name) => name.startsWith('postgres.') && before[name] !== digest[name],
    );
    const { ledgerPosition } = await offline.head();
    return { journalPosition, ledgerPosition, consents, items, digest, differing, flow: await offline.flow() };
  } finally {
    await offline.close();
  }
}

function demandBetween(log: string, at: number, { from, to }: BackupManifest['journal']): void {
  if (at >= from && at <= to) return;
  const what = `the ${log} ends at position ${at} after the restore, and the backup says ${from} to ${to}`;
  throw new BackupRefused('failed', what, 'Use another backup');
}

async function demandRoom(dataDir: string, bytes: number): Promise<void> {
  let there = dataDir;
  while ((await stat(there).catch(() => undefined)) === undefined && dirname(there) !== there) there = dirname(there);
  const { bavail, bsize } = await statfs(there);
  if (bavail * bsize > bytes) return;
  const what = `${there} has room for ${Math.floor((bavail * bsize) / 1_000_000)} MB and the backup has ${Math.ceil(bytes / 1_000_000)} MB`;
  throw new BackupRefused('failed', what, 'Free some room, or name another data directory');
}
