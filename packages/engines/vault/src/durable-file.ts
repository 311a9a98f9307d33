import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, link, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Begins the name of a file that is not complete yet; a crash may leave one, and it counts for nothing. */
export const UNFINISHED = '.unfinished-';

/**
 * Makes a file that is either absent or complete and on disk: written and fsynced under another name, then given its
 * own by a hard link, which fails if the name is taken. Mode 0600.
 * Answers false, and leaves no trace, when the name is taken.
 */
export async function createDurably(path: string, bytes: Uint8Array): Promise<boolean> {
  const unfinished = unfinishedBeside(path);
  await withFile(unfinished, 'wx', async (file) => {
    await file.writeFile(bytes);
    await file.sync();
  });
  const linked = await link(unfinished, path).then(() => true, refusedWith('EEXIST'));
  if (linked) await unlink(unfinished);
  else await destroyFile(unfinished);
  await syncDirectory(dirname(path));
  return linked;
}

/** `createDurably` without a turn of the event loop, for the rare case that cannot wait. */
export function createDurablySync(path: string, bytes: Uint8Array): boolean {
  const unfinished = unfinishedBeside(path);
  withFileSync(unfinished, 'wx', (file) => {
    writeFileSync(file, bytes);
    fsyncSync(file);
  });
  let linked = true;
  try {
    linkSync(unfinished, path);
  } catch (error) {
    linked = refusedWith('EEXIST')(error);
  }
  unlinkSync(unfinished);
  withFileSync(dirname(path), 'r', fsyncSync);
  return linked;
}

/**
 * Removes a file for good: its bytes are overwritten in place and fsynced before the name goes. Harmless when it is
 * gone already. A disk that writes copies (snapshots, flash) may still hold the old blocks.
 */
export async function destroyFile(path: string): Promise<void> {
  const overwritten = withFile(path, 'r+', async (file) => {
    const { size } = await file.stat();
    await file.writeFile(new Uint8Array(size));
    await file.sync();
    return true;
  });
  if (!(await overwritten.catch(refusedWith('ENOENT')))) return;
  await unlink(path).catch(refusedWith('ENOENT'));
  await syncDirectory(dirname(path));
}

/** Makes the names in a directory as durable as the files. */
export async function syncDirectory(path: string): Promise<void> {
  await withFile(path, 'r', (directory) => directory.sync());
}

/** Whether a system call failed with this code, e.g. `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** An error of this code is the answer `false`; any other is thrown on. */
function refusedWith(code: string): (error: unknown) => false {
  return (error) => {
    if (hasCode(error, code)) return false;
    throw error;
  };
}

function unfinishedBeside(path: string): string {
  return join(dirname(path), `${UNFINISHED}${randomBytes(8).toString('hex')}`);
}

async function withFile<T>(path: string, flags: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags, 0o600);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

function withFileSync(path: string, flags: string, work: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    work(file);
  } finally {
    closeSync(file);
  }
}
