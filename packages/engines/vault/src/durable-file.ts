import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Begins the name of a file that is not complete yet; a crash may leave one, and it counts for nothing. */
export const UNFINISHED = '.unfinished-';

/**
 * Makes a file that is either absent or complete and on disk: written and fsynced under another name, then given its
 * own by a hard link, which fails if the name is taken. Mode 0600.
 * Answers false, and leaves no trace, when the name is taken.
 */
export function createDurably(path: string, bytes: Uint8Array): boolean {
  const directory = dirname(path);
  const unfinished = join(directory, `${UNFINISHED}${randomBytes(8).toString('hex')}`);
  const file = openSync(unfinished, 'wx', 0o600);
  try {
    writeAll(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  const linked = linkUnlessTaken(unfinished, path);
  if (linked) unlinkSync(unfinished);
  else destroyFile(unfinished);
  syncDirectory(directory);
  return linked;
}

/**
 * Removes a file for good: its bytes are overwritten in place and fsynced before the name goes. Harmless when it is
 * gone already. A disk that writes copies (snapshots, flash) may still hold old blocks: docs/operations say so.
 */
export function destroyFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    writeAll(file, new Uint8Array(statSync(path, { throwIfNoEntry: false })?.size ?? 0));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  unlinkQuietly(path);
  syncDirectory(dirname(path));
}

/** Makes the names in a directory as durable as the files. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Whether a system call failed with this code, e.g. `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written, bytes.length - written, written);
  }
}

function linkUnlessTaken(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
