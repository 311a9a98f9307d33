const MB = 1024 * 1024;
/** Bounds of what the write-ahead log may take, in MB. */
const LOG_MB_MAX = 2_048;
const LOG_MB_MIN = 64;
const LOG_MB_KEPT_MAX = 128;

/**
 * Changes to `EMBEDDED_SETTINGS` for a small disk, of which the write-ahead log takes an eighth at most, but 64 MB; none
 * from 16 GB on.
 */
export function logSettings(diskBytes: number): Readonly<Record<string, string>> {
  const share = Math.floor(diskBytes / 8 / MB);
  if (share >= LOG_MB_MAX) return {};
  const max = Math.max(LOG_MB_MIN, share);
  return { max_wal_size: `${max}MB`, min_wal_size: `${Math.min(LOG_MB_KEPT_MAX, Math.floor(max / 2))}MB` };
}

/**
 * Settings of the embedded server, for a machine of two cores that it shares with Node and ClickHouse.
 * The one place where they are kept: they go on the command line, so nothing in the data directory overrides them.
 * `fsync`, `full_page_writes` and `synchronous_commit` are the promise behind every 200 that the product answers.
 */
export const EMBEDDED_SETTINGS: Readonly<Record<string, string>> = {
  // Durability. Never off, not even in tests: a test that passes without fsync proves nothing about the journal.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',

  // Whether it is started again is judged by us (judge-end.ts): after a sync that failed, or without space for its log, it
  // is not, and left to itself it would recover over and over on the broken disk.
  restart_after_crash: 'off',

  // Who may enter: scram everywhere (pg_hba.conf is written by us), and passwords are stored as scram verifiers.
  password_encryption: 'scram-sha-256',
  max_connections: '80',

  // Memory. The reports are ClickHouse's work; PostgreSQL does point reads and batch writes.
  shared_buffers: '128MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '512MB',
  // Parallel workers would need /dev/shm, of which containers give 64 MB, and both cores are busy already.
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  jit: 'off',

  // Write-ahead log. This build has no lz4 (the server refuses to start with it); pglz halves the full-page images.
  wal_compression: 'pglz',
  wal_buffers: '8MB',
  max_wal_size: '2GB',
  min_wal_size: '128MB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',

  // Solid-state disks.
  random_page_cost: '1.1',
  effective_io_concurrency: '16',

  // Hot tables (positions, profiles, consent state) are rewritten all day: clean early and often, in small bites.
  autovacuum_naptime: '20s',
  autovacuum_max_workers: '2',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_vacuum_insert_scale_factor: '0.1',
  autovacuum_analyze_scale_factor: '0.05',
  autovacuum_vacuum_cost_limit: '1000',

  // A killed Node process must not keep locks: its server processes notice the closed socket even inside a query.
  client_connection_check_interval: '2s',
  idle_in_transaction_session_timeout: '5min',

  // Logs carry no personal data: neither statements nor parameters nor the DETAIL of an error, which quotes row values.
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
  log_line_prefix: '%m [%p] %a ',
  log_destination: 'stderr',
  logging_collector: 'off',

  // The product thinks in UTC and in bytes.
  timezone: 'UTC',
  log_timezone: 'UTC',
  datestyle: 'ISO, YMD',
};
