import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { EngineError } from '@filrouge/ports';

/** Where a ClickHouse answers: the embedded one, or a server of the retailer's. */
export type ClickHouseConnection = {
  /** `http(s)://host:port`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Letters, digits and `_`. */
  readonly database: string;
};

const DATABASE_DEFAULT = 'filrouge';

/**
 * `FILROUGE_CLICKHOUSE_URL` -> connection: `http(s)://user:password@host:port/database`; user `default`, no password
 * and database `filrouge` where it names none. Throws `EngineError` that says what is wrong with the URL.
 */
export function parseClickHouseUrl(text: string): ClickHouseConnection {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new EngineError('other', 'FILROUGE_CLICKHOUSE_URL must be http(s)://user:password@host:port/database');
  }
  const database = url.pathname.slice(1) || DATABASE_DEFAULT;
  if (!/^\w{1,64}$/.test(database)) {
    throw new EngineError('other', 'the database in FILROUGE_CLICKHOUSE_URL must be letters, digits and _');
  }
  return {
    url: url.origin,
    username: decodeURIComponent(url.username) || 'default',
    password: decodeURIComponent(url.password),
    database,
  };
}

/** The one client of the product; the caller closes it. Its own log is silent: every failure is thrown. */
export function openClient(connection: ClickHouseConnection): ClickHouseClient {
  return createClient({
    url: connection.url,
    username: connection.username,
    password: connection.password,
    database: connection.database,
    application: 'filrouge',
    request_timeout: 310_000,
    max_open_connections: 16,
    use_multipart_params_auto: true,
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: { date_time_input_format: 'best_effort', output_format_json_quote_64bit_integers: 1 },
  });
}
