import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VaultFault } from '@filrouge/ports';
import { describe, expect, test } from 'vitest';
import { createMasterKey, newMasterKeyWarning, readMasterKey } from './master-key-file.ts';
import { filesIn, temporaryFolder } from './testing/place.ts';

const DIGITS = '0123456789abcdef'.repeat(4);

function writeKey(text: string, mode = 0o600): string {
  const path = join(temporaryFolder(), 'master.key');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function faultOf(path: string): string {
  try {
    readMasterKey(path);
  } catch (error) {
    if (error instanceof VaultFault) return error.message;
    throw error;
  }
  throw new Error('the master key was read');
}

describe('the master key file', () => {
  test('is made once, for its owner alone, as one line that reads back to the key', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'made', 'on the way', 'master.key');
    expect(await createMasterKey(path)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/^[0-9a-f]{64}\n$/);
    expect(readMasterKey(path).toString('hex')).toBe(text.trim());
    expect(await createMasterKey(path)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect([...filesIn(join(path, '..')).keys()]).toEqual(['master.key']);
  });

  test('two starts at once make one key', async () => {
    const path = join(temporaryFolder(), 'master.key');
    const made = await Promise.all(Array.from({ length: 8 }, () => createMasterKey(path)));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect([...filesIn(join(path, '..')).keys()]).toEqual(['master.key']);
  });

  test('a key typed by hand is read with or without its line end, in either case', () => {
    for (const text of [DIGITS, `${DIGITS}\n`, `${DIGITS}\r\n`, DIGITS.toUpperCase()]) {
      expect(readMasterKey(writeKey(text)).toString('hex')).toBe(DIGITS);
    }
  });

  test('wider permissions are refused with the command that mends them', () => {
    for (const mode of [0o640, 0o604, 0o660, 0o601, 0o777]) {
      const path = writeKey(DIGITS, mode);
      expect(faultOf(path)).toContain(`mode ${mode.toString(8)}`);
      expect(faultOf(path)).toContain(`chmod 600 ${path}`);
    }
  });

  test('a file that is no key is refused, and the message repeats nothing of it', () => {
    const wrong = ['', '\n', DIGITS.slice(1), `${DIGITS}0`, `${DIGITS}\n${DIGITS}`, `${DIGITS.slice(2)}zz`];
    for (const text of wrong) {
      const message = faultOf(writeKey(text));
      expect(message).toContain('64 hexadecimal digits');
      expect(message).toContain('openssl rand -hex 32');
      expect(message).not.toMatch(/[0-9a-f]{16}/);
    }
  });

  test('an absent file and a folder in its place are told apart', () => {
    const folder = temporaryFolder();
    expect(faultOf(join(folder, 'none.key'))).toContain('there is no master key');
    mkdirSync(join(folder, 'folder.key'), { mode: 0o700 });
    expect(faultOf(join(folder, 'folder.key'))).toContain('is not a file');
  });

  test('the warning of the first start says where the key is and what to do', () => {
    expect(newMasterKeyWarning('/data/master.key')).toMatch(/\/data\/master\.key.*Move it.*FILROUGE_MASTER_KEY_FILE/s);
  });
});
