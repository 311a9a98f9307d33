export { changeMasterKey } from './change-master-key.ts';
export { type OpenedVault, openVault, type VaultSettings } from './vault.ts';
