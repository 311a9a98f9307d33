import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultFault } from '@filrouge/ports';
import { createDurably, destroyFile, hasCode } from './durable-file.ts';
import { keyFilesIn, newestKeyFilesIn } from './key-directory.ts';
import { KEYS_PER_BUCKET } from './key-tree.ts';

/** Files that a copy was tried of and that were replaced meanwhile are looked for again, so often. */
const PASSES_MAX = 20;

/**
 * Makes the key folder `to` the same as `from`, while that is in use: the newest generation of every file, as it is,
 * sealed by the master key. What is there of an older generation is overwritten and removed, so that what an erasure
 * destroyed goes from the copy too. Answers the numbers of the buckets. Throws `VaultFault` where there are no keys, and
 * where `to` holds those of another installation.
 */
export async function copyKeyDirectory(from: string, to: string): Promise<readonly number[]> {
  if (newestKeyFilesIn(from).length === 0) throw new VaultFault(`there are no keys in ${from}`);
  refuseForeign(from, to);
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (let pass = 1; pass <= PASSES_MAX; pass += 1) {
    const there = new Set(keyFilesIn(to).map(({ file }) => file));
    const missing = newestKeyFilesIn(from).filter(({ file }) => !there.has(file));
    if (missing.length === 0) break;
    for (const { file } of missing) {
      const bytes = readNow(join(from, file));
      if (bytes !== undefined) await createDurably(join(to, file), bytes);
    }
  }
  const newest = new Set(newestKeyFilesIn(from).map(({ file }) => file));
  for (const { file } of keyFilesIn(to)) if (!newest.has(file)) await destroyFile(join(to, file));
  return keyBuckets(to);
}

/** Numbers of the buckets that a key folder holds; empty where it holds no root, for then it is none. */
export function keyBuckets(path: string): readonly number[] {
  const newest = newestKeyFilesIn(path);
  if (!newest.some(({ name }) => name.kind === 'root')) return [];
  return newest.flatMap(({ name }) => (name.kind === 'bucket' ? [name.bucket] : [])).sort((a, b) => a - b);
}

/** A key file is never changed: one of the same name with other bytes, or one more bucket, is somebody else's. */
function refuseForeign(from: string, to: string): void {
  const own = newestKeyFilesIn(from);
  for (const { file, name } of keyFilesIn(to)) {
    const ours = own.find((each) => each.name.kind === name.kind && each.name.bucket === name.bucket);
    const differs = ours?.file === file && readNow(join(from, file))?.equals(readFileSync(join(to, file))) === false;
    if (ours !== undefined && name.generation <= ours.name.generation && !differs) continue;
    throw new VaultFault(
      `${join(to, file)} is no copy of a key in ${from}: name another folder for the copy of the keys`,
    );
  }
}

/** Undefined where it was replaced since it was listed. */
function readNow(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The bucket that holds a data key. */
export function bucketOfKey(id: number): number {
  return Math.floor(id / KEYS_PER_BUCKET);
}
