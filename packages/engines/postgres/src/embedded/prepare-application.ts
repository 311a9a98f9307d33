import { EngineError } from '@filrouge/ports';
import pg from 'pg';
import type { PostgresConnection } from '../connection.ts';
import { toEngineError } from '../to-engine-error.ts';
import { APPLICATION_DATABASE, APPLICATION_ROLE } from './embedded-credentials.ts';

/** What the server itself must say before we trust it with data. */
const PROMISES: Readonly<Record<string, string>> = {
  data_checksums: 'on',
  fsync: 'on',
  full_page_writes: 'on',
  server_encoding: 'UTF8',
};

/**
 * Makes the product's role and database where they are missing, and asks the server whether it keeps what we promise
 * (checksums, fsync, UTF-8). Idempotent. Throws `EngineError`.
 */
export async function prepareApplication(admin: PostgresConnection, applicationPassword: string): Promise<void> {
  const client = new pg.Client({ ...admin, connectionTimeoutMillis: 30_000, application_name: 'filrouge prepare' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    for (const [setting, wanted] of Object.entries(PROMISES)) {
      const { rows } = await client.query<{ value: string }>('SELECT current_setting($1) AS value', [setting]);
      if (rows[0]?.value !== wanted) {
        throw new EngineError('other', `PostgreSQL runs with ${setting} = ${rows[0]?.value}, it must be ${wanted}`);
      }
    }
    await ensureRole(client, applicationPassword);
    // It asks for a checkpoint when the disk fills up. PostgreSQL 15 and newer.
    await client.query(`GRANT pg_checkpoint TO ${APPLICATION_ROLE}`);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [APPLICATION_DATABASE]);
    if (rowCount === 0) {
      await client.query(`CREATE DATABASE ${APPLICATION_DATABASE} OWNER ${APPLICATION_ROLE} TEMPLATE template0`);
    }
  } catch (error) {
    throw toEngineError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function ensureRole(client: pg.Client, password: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [APPLICATION_ROLE]);
  if (rowCount !== 0) return;
  // A password in a statement: it never reaches the log (log_min_error_statement = panic, log_statement = none).
  await client.query(`CREATE ROLE ${APPLICATION_ROLE} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
}
