import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupRefused } from './backup-refused.ts';
import { type BackupManifest, LATER_VERSION, MANIFEST_FILE, MANIFEST_HASH_FILE, readManifest } from './manifest.ts';

/** A difference between a backup and its manifest. */
export type BackupDamage = {
  readonly path: string;
  readonly damage: 'missing' | 'other-size' | 'other-content' | 'unexpected' | 'unreadable';
};

export type VerifiedBackup = { readonly manifest: BackupManifest; readonly damages: readonly BackupDamage[] };

export type VerifyOptions = {
  readonly directory: string;
  /** `sizes` reads no file: what is missing, cut short or too much is found at once. */
  readonly depth?: 'sizes' | 'contents';
  readonly signal: AbortSignal;
  readonly onChecked: (checked: number, total: number) => void;
};

/** Reads the manifest of a backup. Throws `BackupRefused` where the directory is none, or its manifest is damaged. */
export async function openBackup(directory: string): Promise<BackupManifest> {
  const [manifest, hash] = await Promise.all(
    [MANIFEST_FILE, MANIFEST_HASH_FILE].map((name) => readFile(join(directory, name)).catch(absent)),
  );
  if (manifest === undefined) {
    const there = await stat(directory).catch(absent);
    const what =
      there === undefined
        ? `there is no directory ${directory}`
        : `${directory} is no backup: it has no ${MANIFEST_FILE}`;
    const mend = directory.endsWith('.part')
      ? 'It was interrupted before it was whole: make another'
      : 'Name the directory that filrouge backup made';
    throw new BackupRefused('usage', what, mend);
  }
  const read = readManifest(manifest, hash);
  if (read.ok) return read.value;
  if (read.refusal.includes(LATER_VERSION)) {
    throw new BackupRefused('failed', `${directory}: ${read.refusal}`, 'Restore it with that version, or a later one');
  }
  throw new BackupRefused('failed', `the backup ${directory} is damaged: ${read.refusal}`, 'Use another backup');
}

/** Compares every file of a backup with its manifest. Throws as `openBackup`. */
export async function verifyBackup(options: VerifyOptions): Promise<VerifiedBackup> {
  const { directory, depth = 'contents', signal, onChecked } = options;
  const manifest = await openBackup(directory);
  const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const damages: BackupDamage[] = [];
  let checked = 0;
  for (const { path, bytes, sha256 } of manifest.files) {
    signal.throwIfAborted();
    const damage = await damageOf(join(directory, path), bytes, depth === 'contents' ? sha256 : undefined);
    if (damage !== undefined) damages.push({ path, damage });
    checked += bytes;
    if (depth === 'contents') onChecked(checked, total);
  }
  const known = new Set([...manifest.files.map(({ path }) => path), MANIFEST_FILE, MANIFEST_HASH_FILE]);
  const folders = new Set(manifest.directories);
  for (const path of manifest.directories) {
    if ((await stat(join(directory, path)).catch(absent))?.isDirectory() !== true)
      damages.push({ path, damage: 'missing' });
  }
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
      .slice(join(directory).length + 1)
      .replaceAll('\\', '/');
    const expected = entry.isDirectory() ? isFolder(path, known, folders) : known.has(path) && entry.isFile();
    if (!expected) damages.push({ path, damage: 'unexpected' });
  }
  return { manifest, damages };
}

function isFolder(path: string, files: ReadonlySet<string>, folders: ReadonlySet<string>): boolean {
  if (folders.has(path)) return true;
  return [...folders, ...files].some((each) => each.startsWith(`${path}/`));
}

async function damageOf(
  path: string,
  bytes: number,
  sha256: string | undefined,
): Promise<BackupDamage['damage'] | undefined> {
  const there = await stat(path).catch(absent);
  if (there === undefined || !there.isFile()) return 'missing';
  if (there.size !== bytes) return 'other-size';
  if (sha256 === undefined) return undefined;
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece as Buffer);
  } catch {
    // A disk that fails under it: said like any other damage, so that the rest is looked at too.
    return 'unreadable';
  }
  return hash.digest('hex') === sha256 ? undefined : 'other-content';
}

function absent(fault: NodeJS.ErrnoException): undefined {
  if (fault.code === 'ENOENT' || fault.code === 'ENOTDIR') return undefined;
  throw fault;
}
