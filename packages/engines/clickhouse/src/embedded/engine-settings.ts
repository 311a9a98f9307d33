/**
 * What the engine is allowed to take, whatever a request asks. Bytes, seconds. Its process holds up to 75 MB more than
 * the engine counts.
 */
export const MEMORY_TOTAL_MAX = 900_000_000;
/** With the library's own pages and the process beside it, some 350 MB, one question leaves the whole below 1 GB. */
const MEMORY_QUERY_MAX = 600_000_000;
const QUERY_SECONDS_MAX = 300;
const RESULT_BYTES_MAX = 256 * 1024 * 1024;

/** Set on every statement before what the request asks. */
export const BASE_SETTINGS: Readonly<Record<string, string>> = {
  max_execution_time: '60',
  max_memory_usage: String(MEMORY_QUERY_MAX),
  // By default the engine takes one thread for each free gigabyte, and this one has a gigabyte in all.
  max_threads_min_free_memory_per_thread: '0',
  max_result_bytes: String(RESULT_BYTES_MAX),
  max_query_size: '16777216',
  async_insert: '0',
  // A 64-bit number does not fit a JavaScript number: ids travel as strings, as a server's HTTP interface sends them.
  output_format_json_quote_64bit_integers: '1',
};

/** Upper bounds that a request cannot raise; 0 means "no limit" to the engine and is taken as the bound. */
const CEILINGS: Readonly<Record<string, number>> = {
  max_execution_time: QUERY_SECONDS_MAX,
  max_memory_usage: MEMORY_QUERY_MAX,
  max_result_bytes: RESULT_BYTES_MAX,
};

/** Settings of the HTTP layer of a server: understood here or without meaning here, never sent to the engine. */
const HTTP_ONLY = new Set([
  'wait_end_of_query',
  'send_progress_in_http_headers',
  'http_response_buffer_size',
  'http_headers_progress_interval_ms',
  'enable_http_compression',
  'http_zlib_compression_level',
  'buffer_size',
]);

/** Engine settings that a request may carry. Anything else is refused with UNKNOWN_SETTING. */
const PASSED_ON = new Set([
  'max_execution_time',
  'max_memory_usage',
  'max_result_bytes',
  'max_result_rows',
  'max_rows_to_read',
  'result_overflow_mode',
  'max_threads',
  'max_insert_threads',
  'max_block_size',
  'max_insert_block_size',
  'max_query_size',
  'max_ast_depth',
  'max_ast_elements',
  'max_expanded_ast_elements',
  'max_subquery_depth',
  'insert_deduplicate',
  'insert_deduplication_token',
  'deduplicate_blocks_in_dependent_materialized_views',
  'async_insert',
  'wait_for_async_insert',
  'mutations_sync',
  'alter_sync',
  'lightweight_deletes_sync',
  'optimize_throw_if_noop',
  'readonly',
  'final',
  'join_algorithm',
  'optimize_read_in_order',
  'optimize_use_projections',
  'force_optimize_projection',
  'do_not_merge_across_partitions_select_final',
  'optimize_move_to_prewhere',
  'enable_optimize_predicate_expression',
  'enable_join_transitive_predicates',
  'enable_join_runtime_filters',
  'query_plan_enable_optimizations',
  'max_bytes_before_external_group_by',
  'max_bytes_before_external_sort',
  'output_format_json_quote_64bit_integers',
  'output_format_json_quote_decimals',
  'date_time_input_format',
  'date_time_output_format',
  'input_format_skip_unknown_fields',
  'input_format_null_as_default',
  'input_format_parallel_parsing',
  'log_comment',
  'log_queries',
]);

export type SettingKind = 'engine' | 'http' | 'unknown';

export function settingKind(name: string): SettingKind {
  if (PASSED_ON.has(name)) return 'engine';
  return HTTP_ONLY.has(name) ? 'http' : 'unknown';
}

/** The value that will be set: bounded where a ceiling exists. Text that is no number is left to the engine to refuse. */
export function boundedSetting(name: string, value: string): string {
  const ceiling = CEILINGS[name];
  if (ceiling === undefined) return value;
  const asked = Number(value);
  if (!Number.isFinite(asked)) return value;
  return asked <= 0 || asked > ceiling ? String(ceiling) : value;
}

/**
 * The configuration file of the engine. Old parts go within seconds of a merge or a mutation, so that what was erased
 * leaves the disk (the default keeps it 8 minutes); caches and pools are sized for a machine that other engines share.
 */
export function engineConfiguration(memoryBytesMax: number): string {
  return `<clickhouse>
  <max_server_memory_usage>${memoryBytesMax}</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <index_mark_cache_size>16777216</index_mark_cache_size>
  <primary_index_cache_size>67108864</primary_index_cache_size>
  <query_condition_cache_size>16777216</query_condition_cache_size>
  <compiled_expression_cache_size>33554432</compiled_expression_cache_size>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>8</background_schedule_pool_size>
  <merge_tree>
    <old_parts_lifetime>1</old_parts_lifetime>
    <cleanup_delay_period>1</cleanup_delay_period>
    <max_cleanup_delay_period>3</max_cleanup_delay_period>
  </merge_tree>
</clickhouse>
`;
}
