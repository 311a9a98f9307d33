export { changeMasterKey } from './change-master-key.ts';
export { bucketOfKey, copyKeyDirectory, keyBuckets } from './copy-keys.ts';
export { type OpenedVault, openVault, type VaultSettings } from './vault.ts';
