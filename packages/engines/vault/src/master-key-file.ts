import { closeSync, existsSync, fstatSync, linkSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VaultFault } from '@filrouge/ports';
import { createDurably, destroyFile, hasCode, syncDirectory } from './durable-file.ts';
import { KEY_BYTES, randomKey, secretBytes, wipe } from './secret-bytes.ts';

/** The file is one line of 64 hexadecimal digits, so that it can be made, printed and typed back by hand. */
const DIGITS = 2 * KEY_BYTES;

/**
 * The master key, in secret memory. Throws `VaultFault`, saying how to mend it, when the file is absent, can be read by
 * others, or does not hold a key.
 */
export function readMasterKey(path: string): Buffer {
  const file = openMasterKey(path);
  const text = secretBytes(DIGITS + 3);
  try {
    const status = fstatSync(file);
    if (!status.isFile())
      throw new VaultFault(`the master key ${path} is not a file: FILROUGE_MASTER_KEY_FILE names one`);
    if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) {
      const mode = (status.mode & 0o777).toString(8);
      throw new VaultFault(`others may read the master key ${path} (mode ${mode}): run "chmod 600 ${path}"`);
    }
    const length = readSync(file, text, 0, text.length, 0);
    const key = parseMasterKey(text.subarray(0, length));
    if (key !== undefined) return key;
    throw new VaultFault(
      `the master key ${path} is not one line of ${DIGITS} hexadecimal digits: put the right file back, or, if nothing ` +
        `was stored with it yet, make a new one with "openssl rand -hex ${KEY_BYTES} > ${path}"`,
    );
  } finally {
    closeSync(file);
    wipe(text);
  }
}

/** Makes a master key, mode 0600, whole or not at all; false when the file is already there. */
export async function createMasterKey(path: string): Promise<boolean> {
  const key = randomKey();
  const line = secretBytes(DIGITS + 1);
  try {
    key.forEach((byte, index) => {
      line[2 * index] = hexDigit(byte >> 4);
      line[2 * index + 1] = hexDigit(byte & 15);
    });
    line[DIGITS] = 0x0a;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return await createDurably(path, line);
  } finally {
    wipe(key);
    wipe(line);
  }
}

/** What to tell whoever started the first time. */
export function newMasterKeyWarning(path: string): string {
  return (
    `A new master key was made in ${path}. Without it nothing stored can be read. Move it to a place that is neither ` +
    `on this disk's backups nor beside the data (a secret store, another disk), set FILROUGE_MASTER_KEY_FILE to that ` +
    `place, and keep a copy offline.`
  );
}

/** Where a change of master key keeps the new one until all key files are sealed by it. */
export function nextMasterKeyPath(path: string): string {
  return `${path}.next`;
}

/** Puts the new master key in the place of the old one, whose bytes are overwritten. At no time is there none. */
export async function promoteNextMasterKey(path: string): Promise<void> {
  await destroyReplacedMasterKey(path);
  linkSync(path, replacedMasterKeyPath(path));
  renameSync(nextMasterKeyPath(path), path);
  await syncDirectory(dirname(path));
  await destroyReplacedMasterKey(path);
}

/** Ends a change of master key that crashed after its last step but one. */
export async function destroyReplacedMasterKey(path: string): Promise<void> {
  // While a new key waits, the replaced one may still be the one in use: the same file under two names.
  if (!existsSync(nextMasterKeyPath(path))) await destroyFile(replacedMasterKeyPath(path));
  else rmSync(replacedMasterKeyPath(path), { force: true });
}

function replacedMasterKeyPath(path: string): string {
  return `${path}.replaced`;
}

function openMasterKey(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new VaultFault(`there is no master key at ${path}: put the file back`);
    if (hasCode(error, 'EACCES')) throw new VaultFault(`the master key ${path} belongs to another user: chown it`);
    throw error;
  }
}

function parseMasterKey(text: Buffer): Buffer | undefined {
  let end = text.length;
  while (end > 0 && (text[end - 1] === 0x0a || text[end - 1] === 0x0d)) end -= 1;
  if (end !== DIGITS) return undefined;
  const key = secretBytes(KEY_BYTES);
  for (let index = 0; index < KEY_BYTES; index += 1) {
    const high = hexValue(text[2 * index]);
    const low = hexValue(text[2 * index + 1]);
    if (high < 0 || low < 0) return undefined;
    key[index] = high * 16 + low;
  }
  return key;
}

function hexDigit(value: number): number {
  return value < 10 ? 0x30 + value : 0x57 + value;
}

function hexValue(character: number | undefined): number {
  if (character === undefined) return -1;
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  const lower = character | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
