import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { KeyId } from '@filrouge/ports';
import { describe, expect, test } from 'vitest';
import { changeMasterKey } from './change-master-key.ts';
import { KeyDirectory } from './key-directory.ts';
import { createMasterKey, nextMasterKeyPath, readMasterKey } from './master-key-file.ts';
import { openForTest, temporarySettings } from './testing/place.ts';
import type { VaultSettings } from './vault.ts';

const BRAND = 'atelier' as BrandId;

/** A vault with something in it, and what it must still answer after the change. */
async function filledVault(settings: VaultSettings) {
  const { vault, close } = await openForTest(settings);
  const keys = [vault.newKey(), vault.newKey()] as const;
  const sealed = keys.map((key) => vault.sealRecord(key, 'place', `of ${key}`));
  await vault.destroy([keys[1]]);
  const node = vault.lookup(BRAND, 'email', 'a@example.com');
  const message = vault.messageKey(BRAND, 'web' as SourceId, 'm');
  close();
  return async function expectUnchanged() {
    const after = (await openForTest(settings)).vault;
    expect(after.lookup(BRAND, 'email', 'a@example.com')).toBe(node);
    expect(after.messageKey(BRAND, 'web' as SourceId, 'm')).toBe(message);
    expect(sealed.map((bytes) => after.openRecord('place', bytes))).toEqual([
      { ok: true, value: Buffer.from(`of ${keys[0]}`) },
      { ok: false, refusal: 'erased' },
    ]);
    expect(keys).not.toContain(after.newKey() satisfies KeyId);
  };
}

describe('a change of master key', () => {
  test('keeps data keys and look-up hashes, and the old master key opens nothing any more', async () => {
    const settings = temporarySettings();
    const expectUnchanged = await filledVault(settings);
    const old = readFileSync(settings.masterKeyFile);
    await changeMasterKey(settings);
    expect(readFileSync(settings.masterKeyFile).equals(old)).toBe(false);
    await expectUnchanged();
    writeFileSync(settings.masterKeyFile, old);
    await expect(openForTest(settings)).rejects.toThrow('sealed by another master key');
  });

  test('overwrites the old master key where it lay', async () => {
    const settings = temporarySettings();
    await filledVault(settings);
    linkSync(settings.masterKeyFile, `${settings.masterKeyFile}.same-blocks`);
    await changeMasterKey(settings);
    expect(readFileSync(`${settings.masterKeyFile}.same-blocks`)).toEqual(Buffer.alloc(65));
    expect(existsSync(`${settings.masterKeyFile}.replaced`)).toBe(false);
  });

  test('that crashed half way is said to have been begun, and goes on where it stopped', async () => {
    const settings = temporarySettings();
    const expectUnchanged = await filledVault(settings);
    const bucket = join(settings.keyDirectory, 'bucket-000001.2.key');
    const untouched = readFileSync(bucket);
    await createMasterKey(nextMasterKeyPath(settings.masterKeyFile));
    const [old, next] = [settings.masterKeyFile, nextMasterKeyPath(settings.masterKeyFile)].map(readMasterKey);
    await new KeyDirectory(settings.keyDirectory, old as Buffer).reseal(next as Buffer);
    // As if it had crashed between two files: the root is sealed anew, the bucket as it was.
    rmSync(join(settings.keyDirectory, 'bucket-000001.3.key'));
    writeFileSync(bucket, untouched);
    await expect(openForTest(settings)).rejects.toThrow('finish the change of master key that was begun');
    await changeMasterKey(settings);
    await expectUnchanged();
    expect(readMasterKey(settings.masterKeyFile).equals(next as Buffer)).toBe(true);
    expect(existsSync(nextMasterKeyPath(settings.masterKeyFile))).toBe(false);
  });
});
