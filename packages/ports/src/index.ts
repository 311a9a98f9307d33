export { createMemoryVault } from './memory/memory-vault.ts';
export {
  type BatchSealer,
  type DataKeyRow,
  type KeyId,
  type MessageKey,
  NOBODY_CLAIM,
  type OpenedItem,
  parseKeyId,
  type Unopened,
  type Vault,
  VaultFault,
} from './vault.ts';
