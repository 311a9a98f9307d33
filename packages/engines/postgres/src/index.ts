export { connectionUrl, type PostgresConnection } from './connection.ts';
export type { ServerCrash } from './embedded/embedded-process.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/embedded-server.ts';
export { EMBEDDED_SETTINGS } from './embedded/embedded-settings.ts';
export { EngineError, type EngineFailure, toEngineError } from './engine-error.ts';
