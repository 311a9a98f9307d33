import { EngineError } from '@filrouge/ports';
import pg from 'pg';
import type { PostgresConnection } from './connection.ts';
import type { CopyColumns, CopyRow } from './copy-binary.ts';
import { type Sql, SqlSession, type SqlStatement, type Transaction } from './sql-session.ts';
import { type SqlValue, TYPE_PARSERS } from './sql-types.ts';
import { toEngineError } from './to-engine-error.ts';

/** The oldest server the SQL is written for. */
export const POSTGRES_VERSION_MIN = 15;

/**
 * The parsers read ISO dates in UTC, and a commit is on disk before it is answered, whatever the server's own
 * configuration says.
 */
const SESSION_OPTIONS =
  '-c DateStyle=ISO,YMD -c TimeZone=UTC -c bytea_output=hex -c extra_float_digits=1 -c synchronous_commit=on';

const STATEMENT_MS_DEFAULT = 30_000;
const LOCK_MS_DEFAULT = 10_000;
const CONNECT_MS_MAX = 10_000;
const CONNECTIONS_DEFAULT = 10;
/** A server that vanished without a word is asked after so long: who waits for its answer hears within some 20 s. */
const KEEP_ALIVE_MS = 10_000;

export interface DatabaseOptions {
  /** Exactly where: an embedded server's `connection`, or a URL (`FILROUGE_POSTGRES_URL`). */
  readonly server: PostgresConnection | { readonly url: string };
  /** Shown in pg_stat_activity as `filrouge <role>`; which part of the product asks. */
  readonly role: string;
  /** Connections at most; default 10. */
  readonly connectionsMax?: number;
  /** Milliseconds a statement may run, 0 for no limit; default 30,000. */
  readonly statementMsMax?: number;
  /** Milliseconds a statement may wait for a lock, 0 for no limit; default 10,000. */
  readonly lockMsMax?: number;
  /** Statements go out without waiting for the answers of those before them; there is no `copyRows`. Default: false. */
  readonly pipelined?: boolean;
  /** A connection that was idle broke (server restarted, network): for the log. The pool goes on with new ones. */
  readonly onIdleFailure?: (failure: EngineError) => void;
}

export interface TransactionOptions {
  /** A statement without values that goes out together with BEGIN; its rows are handed to the work. */
  readonly opening?: SqlStatement;
  /** Default: read committed. */
  readonly isolation?: 'repeatable read' | 'serializable';
  readonly readOnly?: boolean;
  /** How often `work` may be run again after a `serialization` failure; default 0. It must then be repeatable. */
  readonly retriesMax?: number;
}

/** A pool of connections. `query`, `execute` and `copyRows` take one for one statement. */
export interface Database extends Sql {
  /**
   * The driver's own pool, configured the same, for code that must speak to the driver itself. Such code maps its
   * errors with `toEngineError` and gives one client one statement at a time.
   */
  readonly pool: pg.Pool;
  /**
   * Runs `work` between BEGIN and COMMIT on one connection and answers what it answers; when it throws, the
   * transaction is rolled back and the error passes on. Failure `outcome-unknown`: the connection broke during COMMIT.
   */
  withTransaction<T>(
    work: (transaction: Transaction, opened: readonly object[]) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /** Keeps one connection for `work` (advisory locks, reading ahead). */
  withSession<T>(work: (session: Sql) => Promise<T>): Promise<T>;
  /** Waits for running work and closes all connections. */
  close(): Promise<void>;
}

/**
 * Connects, and checks that the server is PostgreSQL 15 or newer in UTF-8 and keeps what it acknowledges.
 * Throws `EngineError`: `unavailable` when it cannot be reached, `other` with what to do when it does not fit.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const database = new PooledDatabase(options);
  try {
    await requireSupportedServer(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** Throws `EngineError` when `versionNumber` (server_version_num, e.g. 180004) is too old or the encoding is not UTF8. */
export function refuseUnsupported(versionNumber: number, encoding: string): void {
  const major = Math.trunc(versionNumber / 10_000);
  if (major < POSTGRES_VERSION_MIN) {
    throw new EngineError(
      'other',
      `this server is PostgreSQL ${major}; Filrouge needs ${POSTGRES_VERSION_MIN} or newer: upgrade it, or leave FILROUGE_POSTGRES_URL unset to use the embedded one`,
    );
  }
  if (encoding !== 'UTF8') {
    throw new EngineError(
      'other',
      `this database is encoded in ${encoding}; Filrouge needs UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`,
    );
  }
}

/** Throws `EngineError` for a server that loses what it acknowledged when its machine stops. */
export function refuseForgetful(settings: Readonly<Record<'fsync' | 'full_page_writes', string>>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value === 'on') continue;
    throw new EngineError(
      'other',
      `this server runs with ${name} = ${value} and loses what it acknowledged when its machine stops: set it to on, or leave FILROUGE_POSTGRES_URL unset to use the embedded one`,
    );
  }
}

async function requireSupportedServer(sql: Sql): Promise<void> {
  const [server] = await sql.query<Record<'version' | 'encoding' | 'fsync' | 'full_page_writes', string>>(
    `SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding,
       current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes`,
  );
  refuseUnsupported(Number(server?.version), server?.encoding ?? 'unknown');
  refuseForgetful({ fsync: server?.fsync ?? 'unknown', full_page_writes: server?.full_page_writes ?? 'unknown' });
}

class PooledDatabase implements Database {
  readonly pool: pg.Pool;
  readonly #pipelined: boolean;

  constructor(options: DatabaseOptions) {
    this.#pipelined = options.pipelined === true;
    this.pool = new pg.Pool(poolConfig(options));
    // Without a listener a broken idle connection would end the process.
    this.pool.on('error', (error) => options.onIdleFailure?.(toEngineError(error)));
  }

  query<Row extends object>(statement: SqlStatement, values?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#borrow((session) => session.query<Row>(statement, values));
  }

  execute(statement: SqlStatement, values?: readonly SqlValue[]): Promise<number> {
    return this.#borrow((session) => session.execute(statement, values));
  }

  async *copyRows<Columns extends CopyColumns>(
    query: string,
    columns: Columns,
  ): AsyncGenerator<CopyRow<Columns>, void, void> {
    const { session, giveBack } = await this.#take();
    try {
      yield* session.copyRows(query, columns);
    } finally {
      giveBack();
    }
  }

  withSession<T>(work: (session: Sql) => Promise<T>): Promise<T> {
    return this.#borrow(work);
  }

  async withTransaction<T>(
    work: (transaction: Transaction, opened: readonly object[]) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    for (let retry = 0; ; retry += 1) {
      try {
        return await this.#borrow((session) => inTransaction(session, work, options));
      } catch (error) {
        const again = error instanceof EngineError && error.failure === 'serialization';
        if (!again || retry >= (options.retriesMax ?? 0)) throw error;
      }
    }
  }

  async close(): Promise<void> {
    if (this.pool.ending) return;
    await this.pool.end();
  }

  async #borrow<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    const { session, giveBack } = await this.#take();
    try {
      return await work(session);
    } finally {
      giveBack();
    }
  }

  async #take(): Promise<{ session: SqlSession; giveBack: () => void }> {
    let client: pg.PoolClient;
    try {
      client = await this.pool.connect();
    } catch (error) {
      throw toEngineError(error);
    }
    // While a connection is lent, the pool does not listen to it.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    const session = new SqlSession(client, this.#pipelined);
    return {
      session,
      giveBack() {
        session.close();
        client.off('error', ignore);
        client.release(session.broken);
      },
    };
  }
}

async function inTransaction<T>(
  session: SqlSession,
  work: (transaction: Transaction, opened: readonly object[]) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  let answer: T;
  try {
    const opened = await begin(session, options);
    answer = await work(session, opened);
  } catch (error) {
    await session.execute('ROLLBACK').catch(() => session.discard());
    throw error;
  }
  await commit(session);
  return answer;
}

async function begin(session: SqlSession, options: TransactionOptions): Promise<readonly object[]> {
  const isolation = options.isolation === undefined ? '' : ` ISOLATION LEVEL ${options.isolation.toUpperCase()}`;
  const begun = session.execute(`BEGIN${isolation}${options.readOnly === true ? ' READ ONLY' : ''}`);
  const opened = options.opening === undefined ? [] : session.query<object>(options.opening);
  // Both, before any work: a statement after a BEGIN that failed would stand by itself.
  const [, rows] = await Promise.all([begun, opened]);
  return rows;
}

async function commit(session: SqlSession): Promise<void> {
  const sent = Promise.allSettled(session.sent());
  const [end] = await Promise.allSettled([session.run('COMMIT', [])]);
  if (end.status === 'rejected' && toEngineError(end.reason).failure === 'unavailable') {
    throw new EngineError('outcome-unknown', 'the connection to PostgreSQL broke during COMMIT');
  }
  // The commit after a statement that failed rolled everything back: the statement's own fault says more.
  for (const one of [...(await sent), end]) if (one.status === 'rejected') throw toEngineError(one.reason);
  // COMMIT of a transaction in which a statement failed is answered with ROLLBACK, not with an error.
  if (end.status === 'fulfilled' && end.value.command !== 'COMMIT') {
    throw new EngineError('other', 'the transaction was rolled back: a failed statement in it was passed over');
  }
}

function poolConfig(options: DatabaseOptions): pg.PoolConfig {
  const { server } = options;
  const where: pg.PoolConfig = 'url' in server ? { connectionString: withSessionOptions(server.url) } : { ...server };
  return {
    ...where,
    application_name: `filrouge ${options.role}`,
    max: options.connectionsMax ?? CONNECTIONS_DEFAULT,
    statement_timeout: options.statementMsMax ?? STATEMENT_MS_DEFAULT,
    lock_timeout: options.lockMsMax ?? LOCK_MS_DEFAULT,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    options: SESSION_OPTIONS,
    types: TYPE_PARSERS,
    ...(options.pipelined === true ? { pipeline: true } : {}),
  };
}

/** What a URL says wins over the driver's configuration: options of its own must not hide ours. */
function withSessionOptions(text: string): string {
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    // The text itself is not repeated: it holds a password.
    throw new EngineError(
      'other',
      'FILROUGE_POSTGRES_URL must look like postgresql://user:password@host:5432/database',
    );
  }
  const url = new URL(text);
  const own = url.searchParams.get('options');
  url.searchParams.set('options', own === null ? SESSION_OPTIONS : `${own} ${SESSION_OPTIONS}`);
  return url.href;
}
