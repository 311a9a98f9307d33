export {
  type AccessEntry,
  type AccessStore,
  type Account,
  type ApiTokenEntry,
  type SourceKeyEntry,
  TOKEN_SCOPES,
  type TokenScope,
} from './access-store.ts';
export type {
  AppendBatch,
  AppendStore,
  AppendTransaction,
  ConsentDecisionRow,
  ConsentRecord,
  FlowCount,
  Head,
  JournalRow,
  QuarantineEntry,
  SeenAnswer,
  SeenKey,
  Subject,
  TombstoneLift,
  WithheldHeader,
} from './append-store.ts';
export { createMemoryVault } from './memory/memory-vault.ts';
export type {
  JournalEntry,
  JournalHead,
  KeptCount,
  NewNode,
  NodeRow,
  ProjectionStore,
  ProjectionTransaction,
  ProjectorPosition,
  PurchaseRow,
  ResolvedNode,
  SealedTraits,
} from './projection-store.ts';
export type {
  FlowBySource,
  FlowReading,
  LedgerEntry,
  QuarantineItem,
  ReadingStore,
  SealedNode,
} from './reading-store.ts';
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
