export { type ClickHouseConnection, openClient, parseClickHouseUrl } from './clickhouse-connection.ts';
export { createClickHouseEventStore } from './clickhouse-event-store.ts';
export { copyEventParts, placeEventParts } from './embedded/copy-events.ts';
export { EVENTS_DATABASE } from './embedded/events-database.ts';
export {
  type EmbeddedClickHouse,
  type EmbeddedOptions,
  startEmbeddedClickHouse,
} from './embedded/start-embedded-clickhouse.ts';
export { holdMerges } from './hold-merges.ts';
export { listMigrations, type Migration, migrate } from './migrate.ts';
export { createClickHouseSqlDoor, SQL_LIMITS, type SqlLimits } from './sql-door/clickhouse-sql-door.ts';
