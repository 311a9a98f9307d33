export { createPostgresAccessStore } from './access/postgres-access-store.ts';
export { postgresCanary } from './access/postgres-canary.ts';
export { createLedgerCopyStore } from './append/ledger-copy.ts';
export { createPostgresAppendStore } from './append/postgres-append-store.ts';
export { connectionUrl, type PostgresConnection } from './connection.ts';
export type { CopyColumn, CopyColumns, CopyRow } from './copy-binary.ts';
export {
  type Database,
  type DatabaseOptions,
  openDatabase,
  POSTGRES_VERSION_MIN,
  type TransactionOptions,
} from './database.ts';
export { ensureDayPartitions, partitionName, type UtcDay } from './day-partitions.ts';
export {
  type BooksAt,
  type CopiedCluster,
  type CopyClusterOptions,
  clusterBytes,
  copyEmbeddedCluster,
} from './embedded/copy-cluster.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/embedded-server.ts';
export { EMBEDDED_SETTINGS, logSettings } from './embedded/embedded-settings.ts';
export type { ServerCrash } from './embedded/keep-running.ts';
export { demandIdleCluster, settleCopiedCluster } from './embedded/settle-cluster.ts';
export {
  type MigrateOptions,
  type Migration,
  type MigrationReport,
  migrate,
  migrationsDirectory,
  readMigrations,
} from './migrate.ts';
export { createPostgresProjectionStore } from './projection/postgres-projection-store.ts';
export { createPostgresReadingStore } from './reading/postgres-reading-store.ts';
export { createPostgresReferenceStore } from './reference/postgres-reference-store.ts';
export type { Sql, SqlStatement } from './sql-session.ts';
export { type SqlValue, timestamptz } from './sql-types.ts';
