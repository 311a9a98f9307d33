export { changeMasterKey } from './change-master-key.ts';
export { copyKeyDirectory, keyBuckets } from './copy-keys.ts';
export { type OpenedVault, openVault, type VaultSettings } from './vault.ts';
