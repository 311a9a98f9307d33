export {
  type AccessEntry,
  type AccessStore,
  type Account,
  type ApiTokenEntry,
  type SourceKeyEntry,
  TOKEN_SCOPES,
  type TokenScope,
} from './access-store.ts';
export {
  type AppendBatch,
  type AppendStore,
  type AppendTransaction,
  type ConsentDecisionRow,
  type ConsentRecord,
  type ExpiredIds,
  type FlowCount,
  type Head,
  type JournalRow,
  noBitLeft,
  type QuarantineEntry,
  SEEN_DAYS_AHEAD,
  SEEN_DAYS_BACK,
  SEEN_DAYS_KEPT,
  SEEN_STATED_DAYS_KEPT,
  type SeenAnswer,
  type SeenKey,
  type Subject,
  type TombstoneLift,
  type WithheldHeader,
} from './append-store.ts';
export type { BackupSink } from './backup-sink.ts';
export {
  type Encounter,
  encountersOf,
  type KnownDevices,
  type SightedHour,
  touchedByHours,
  uniteEncounters,
  type WrittenHour,
} from './encounter.ts';
export { EngineError, type EngineFailure } from './engine-error.ts';
export {
  type ConsentStanding,
  type EventDigest,
  type EventLine,
  type EventRange,
  type EventReceipt,
  type EventRow,
  type EventStore,
  type ReadPermission,
  type RopoQuery,
  SCAN_ROWS_MAX,
  type ScanCursor,
  type ScanPage,
  type ScanQuery,
  StaleGeneration,
  type ThreadSpans,
  TIMELINE_ROWS_MAX,
  TIMELINE_THREADS_MAX,
  type TimelineCursor,
  type TimelinePage,
  type TimelineQuery,
  type Total,
  type TotalsQuery,
} from './event-store.ts';
export {
  ImportClosed,
  type ImportNote,
  type ImportQuery,
  type ImportRun,
  type ImportStore,
  type ImportTally,
  type ImportUndo,
} from './import-store.ts';
export type { LedgerCopyStore, LedgerLine } from './ledger-copy-store.ts';
export { createMemoryAccessStore } from './memory/memory-access-store.ts';
export { createMemoryAppendStore } from './memory/memory-append-store.ts';
export { MemoryDatabase, type MemoryDisk } from './memory/memory-database.ts';
export { createMemoryEventStore } from './memory/memory-event-store.ts';
export { createMemoryProjectionStore } from './memory/memory-projection-store.ts';
export { createMemoryReadingStore } from './memory/memory-reading-store.ts';
export { createMemoryReferenceStore } from './memory/memory-reference-store.ts';
export { createMemoryVault, createVaultWith, PLAIN } from './memory/memory-vault.ts';
export {
  AttemptSuperseded,
  type JournalEntry,
  type JournalHead,
  type KeptCount,
  type NewNode,
  type NodeRow,
  type ProjectionStore,
  type ProjectionTransaction,
  type ProjectorLease,
  type ProjectorPosition,
  type PurchaseRow,
  type ResolvedNode,
  type SealedTraits,
} from './projection-store.ts';
export {
  type FlowBySource,
  type FlowReading,
  JOURNAL_DAMAGE,
  type JournalDamage,
  type LedgerEntry,
  type LedgerFact,
  type PersonParts,
  type QuarantineItem,
  type ReadingStore,
  type SealedNode,
  type Standing,
} from './reading-store.ts';
export {
  REFERENCE_VERSIONS_MAX,
  type ReferenceQuery,
  type ReferenceStore,
  type ToldReference,
} from './reference-store.ts';
export type { JournalHorizon, PrunedJournal, Snapshot, SnapshotStore } from './snapshot-store.ts';
export {
  SQL_REFUSALS,
  SQL_ROWS_MAX,
  SQL_TEXT_MAX,
  type SqlAnswer,
  type SqlColumn,
  type SqlDoor,
  type SqlQuestion,
  type SqlRefusal,
  type SqlRefusalCode,
  type SqlTable,
  type SqlValue,
} from './sql-door.ts';
export {
  type BatchSealer,
  DamagedFraming,
  type DataKeyRow,
  type KeyId,
  type MessageKey,
  NO_KEY,
  NOBODY_CLAIM,
  type OpenedItem,
  parseKeyId,
  type Unopened,
  type Vault,
  VaultFault,
} from './vault.ts';
