import type { BrandId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import { type KeyId, type Vault, VaultFault } from '@filrouge/ports';
import { KeyDirectory } from './key-directory.ts';
import { createLookupHash } from './lookup-hash.ts';
import { createMasterKey, destroyReplacedMasterKey, newMasterKeyWarning, readMasterKey } from './master-key-file.ts';
import { createNonces } from './nonces.ts';
import { OpenKeys } from './open-keys.ts';
import { RecentMap } from './recent-map.ts';
import { createBatchSealer, openBatch } from './sealed-batch.ts';
import { openRecord, sealRecord } from './sealed-record.ts';
import { wipe } from './secret-bytes.ts';

/** Data keys held open, and claims whose key is known per brand, unless said otherwise. About 22 MB when full. */
const KEYS_IN_MEMORY_MAX = 200_000;

export type VaultSettings = {
  /** FILROUGE_MASTER_KEY_FILE. Made on the first start. */
  readonly masterKeyFile: string;
  /** Folder of the key files: outside PostgreSQL's directory and outside the backups of the data. */
  readonly keyDirectory: string;
  readonly keysInMemoryMax?: number;
};

export type OpenedVault = {
  readonly vault: Vault;
  /** What the operator must be told, e.g. that a master key was made and should be moved. */
  readonly warnings: readonly string[];
  /** Overwrites the keys in memory; the vault is not to be used afterwards. */
  readonly close: () => void;
};

/**
 * Opens the vault on its two places. On the first start it makes the master key; later a missing one is a `VaultFault`,
 * as are wider permissions, another master key, and key files that are damaged: the messages say how to mend it.
 */
export async function openVault(settings: VaultSettings): Promise<OpenedVault> {
  const { masterKeyFile, keyDirectory } = settings;
  const made = !KeyDirectory.isInUse(keyDirectory) && (await createMasterKey(masterKeyFile));
  const master = readMasterKey(masterKeyFile);
  await destroyReplacedMasterKey(masterKeyFile);
  const directory = new KeyDirectory(keyDirectory, master);
  await directory.prepare();
  const root = await directory.lookupRoot();
  const capacity = settings.keysInMemoryMax ?? KEYS_IN_MEMORY_MAX;
  const keys = new OpenKeys(capacity, (id, into) => directory.derive(id, into));
  return {
    vault: assembleVault(directory, keys, root, capacity),
    warnings: made ? [newMasterKeyWarning(masterKeyFile)] : [],
    close() {
      keys.close();
      directory.close();
      wipe(root);
      wipe(master);
    },
  };
}

function assembleVault(directory: KeyDirectory, keys: OpenKeys, root: Buffer, capacity: number): Vault {
  const hash = createLookupHash(root);
  const nextNonce = createNonces();
  const claims = new Map<BrandId, RecentMap<NodeId, KeyId>>();

  function dropFromMemory(ids: readonly KeyId[]): void {
    const gone = new Set(ids);
    keys.forget(gone);
    for (const ofBrand of claims.values()) ofBrand.deleteValues(gone);
  }

  return {
    lookup: hash.node,
    messageKey: hash.message,
    keyOf: (brand, claim) => claims.get(brand)?.get(claim),
    remember(rows) {
      for (const { id, brand, claim } of rows) {
        if (!directory.holds(id)) continue;
        const ofBrand = claims.get(brand) ?? new RecentMap<NodeId, KeyId>(capacity);
        ofBrand.set(claim, id);
        claims.set(brand, ofBrand);
      }
    },
    newKey: () => directory.newKey(),
    sealBatch(position) {
      if (Number.isSafeInteger(position) && position >= 0) return createBatchSealer(keys, nextNonce, position);
      throw new VaultFault(`${position} is not a journal position`);
    },
    openBatch: (position, sealed) => openBatch(keys, position, sealed),
    sealRecord: (id, associated, plaintext) => sealRecord(keys, nextNonce(), id, associated, plaintext),
    openRecord: (associated, sealed) => openRecord(keys, associated, sealed),
    async destroy(ids) {
      // Before, so that nothing new is sealed with them; after, because they could be opened again in between.
      dropFromMemory(ids);
      await directory.destroy(ids);
      dropFromMemory(ids);
    },
    forget(ids) {
      dropFromMemory(ids);
      directory.forget(ids);
    },
  };
}
