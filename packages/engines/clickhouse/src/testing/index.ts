export { openTestClickHouse, stopTestClickHouse } from './open-test-clickhouse.ts';
