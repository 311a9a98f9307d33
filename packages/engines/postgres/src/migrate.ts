import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { EngineError } from '@filrouge/ports';
import type { Database } from './database.ts';
import type { Sql } from './sql-session.ts';

/** One file `NNNN-name.sql`. */
export interface Migration {
  readonly number: number;
  /** `0001-journal.sql`. */
  readonly file: string;
  /** SHA-256 of the text with LF line ends. */
  readonly checksum: string;
  /** `yes` in the first line: the version before this one cannot work with the database afterwards. */
  readonly breaking: boolean;
  readonly sql: string;
}

/** What a run of `migrate` did. */
export interface MigrationReport {
  readonly applied: readonly Migration[];
  /** The number of the newest migration in the database now; 0 when there is none. */
  readonly version: number;
}

export interface MigrateOptions {
  /** Another folder than the engine's own (tests; a packed build that keeps them elsewhere). */
  readonly directory?: URL;
  readonly onProgress?: (line: string) => void;
  /** Apply up to and including this number only (tests of one migration). */
  readonly upTo?: number;
}

/** The engine's own migrations: beside `src/` in the checkout, beside the bundle in the packed build. */
export function migrationsDirectory(override?: URL): URL {
  return override ?? new URL('../migrations/', import.meta.url);
}

/** Reads and checks the files: numbered 1, 2, 3 … without gaps, first line `-- breaking: no|yes`. Throws `EngineError`. */
export async function readMigrations(directory: URL = migrationsDirectory()): Promise<readonly Migration[]> {
  const names = await readdir(directory).catch(() => {
    throw new EngineError('other', `the migrations are missing: ${fileURLToPath(directory)} cannot be read`);
  });
  const migrations: Migration[] = [];
  for (const file of names.filter((name) => name.endsWith('.sql')).sort()) {
    const number = Number(/^(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.sql$/.exec(file)?.[1]);
    if (number !== migrations.length + 1) {
      const expected = String(migrations.length + 1).padStart(4, '0');
      throw new EngineError('other', `migration ${file}: the next one must be called ${expected}-<words>.sql`);
    }
    const sql = (await readFile(new URL(encodeURIComponent(file), directory), 'utf8')).replaceAll('\r\n', '\n');
    const breaking = /^-- breaking: (no|yes)\n/.exec(sql)?.[1];
    if (breaking === undefined) {
      throw new EngineError(
        'other',
        `migration ${file}: the first line must be "-- breaking: no" or "-- breaking: yes"`,
      );
    }
    const checksum = createHash('sha256').update(sql).digest('hex');
    migrations.push({ number, file, checksum, breaking: breaking === 'yes', sql });
  }
  return migrations;
}

/** Any number will do, as long as every version of Filrouge uses the same one ("filrouge" in hexadecimal, cut). */
const MIGRATION_LOCK = 0x66_69_6c_72_6f_75_67n;

const CREATE_HISTORY = `
CREATE TABLE IF NOT EXISTS filrouge_migration (
  number int PRIMARY KEY,
  file text NOT NULL,
  checksum text NOT NULL,
  breaking boolean NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`;

/**
 * Brings the database to the newest migration: forward only, each file in a transaction of its own together with its
 * line in `filrouge_migration`. Starters that come at once wait for each other.
 * Throws `EngineError` when the database is newer than this code, when an applied file was changed since, or when a
 * file's SQL fails (what was applied before it stays; the failing one leaves nothing).
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<MigrationReport> {
  const migrations = await readMigrations(migrationsDirectory(options.directory));
  const wanted = migrations.filter((migration) => migration.number <= (options.upTo ?? migrations.length));
  return database.withSession(async (session) => {
    await session.execute('SET statement_timeout = 0; SET lock_timeout = 0');
    await session.execute(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    try {
      await session.execute(CREATE_HISTORY);
      const known = await readHistory(session);
      refuseForeignHistory(known, migrations);
      const applied = wanted.slice(known.length);
      for (const migration of applied) {
        options.onProgress?.(`migrating the database: ${migration.file}`);
        await apply(session, migration);
      }
      return { applied, version: known.length + applied.length };
    } finally {
      await session.execute(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);
      await session.execute('RESET statement_timeout; RESET lock_timeout');
    }
  });
}

interface HistoryRow {
  readonly number: number;
  readonly file: string;
  readonly checksum: string;
}

/** The applied migrations, in order. Throws (42P01) where `migrate` never ran. */
export function readHistory(sql: Sql): Promise<readonly HistoryRow[]> {
  return sql.query<HistoryRow>('SELECT number, file, checksum FROM filrouge_migration ORDER BY number');
}

function refuseForeignHistory(known: readonly HistoryRow[], migrations: readonly Migration[]): void {
  for (const [index, row] of known.entries()) {
    const migration = migrations[index];
    if (migration === undefined) {
      throw new EngineError(
        'other',
        `the database was migrated by a newer Filrouge (it has ${row.file}, this version ends at ${migrations.length}): ` +
          'start that version or a newer one; there is no way back but a backup',
      );
    }
    if (row.number !== migration.number || row.file !== migration.file || row.checksum !== migration.checksum) {
      throw new EngineError(
        'other',
        `migration ${migration.file} is not the one that was applied (${row.file}, ${row.checksum.slice(0, 12)}): ` +
          'an applied file never changes; restore its text and write the change as a new migration',
      );
    }
  }
}

async function apply(session: Sql, migration: Migration): Promise<void> {
  await session.execute('BEGIN');
  try {
    const before = await transactionId(session);
    await session.execute(migration.sql);
    if ((await transactionId(session)) !== before) {
      throw new EngineError('other', 'it ends its own transaction: leave BEGIN and COMMIT out of it');
    }
    await session.execute('INSERT INTO filrouge_migration (number, file, checksum, breaking) VALUES ($1, $2, $3, $4)', [
      migration.number,
      migration.file,
      migration.checksum,
      migration.breaking,
    ]);
    await session.execute('COMMIT');
  } catch (error) {
    await session.execute('ROLLBACK').catch(() => undefined);
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.failure, `migration ${migration.file}: ${error.message}`, error);
  }
}

async function transactionId(session: Sql): Promise<string | undefined> {
  const [row] = await session.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id');
  return row?.id;
}
