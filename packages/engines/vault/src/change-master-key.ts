import { KeyDirectory } from './key-directory.ts';
import { createMasterKey, nextMasterKeyPath, promoteNextMasterKey, readMasterKey } from './master-key-file.ts';
import { wipe } from './secret-bytes.ts';
import type { VaultSettings } from './vault.ts';

/**
 * Replaces the master key: the key files are sealed anew by a fresh one, and nothing else changes (data keys, look-up
 * hashes and all that they sealed stay as they are). Every process must be stopped. After a crash, call it again: it
 * goes on with the new key that was begun. Throws `VaultFault` like `openVault`.
 */
export async function changeMasterKey({ masterKeyFile, keyDirectory }: VaultSettings): Promise<void> {
  const old = readMasterKey(masterKeyFile);
  await createMasterKey(nextMasterKeyPath(masterKeyFile));
  const next = readMasterKey(nextMasterKeyPath(masterKeyFile));
  await new KeyDirectory(keyDirectory, old).reseal(next);
  await promoteNextMasterKey(masterKeyFile);
  wipe(old);
  wipe(next);
}
