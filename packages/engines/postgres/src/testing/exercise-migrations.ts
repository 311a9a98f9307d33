import type { Database } from '../database.ts';
import { migrate, migrationsDirectory, readHistory, readMigrations } from '../migrate.ts';
import type { Sql } from '../sql-session.ts';

/** What one migration meets and leaves: `before` fills the database as it was, `after` looks at what became of it. */
export interface MigrationExample {
  readonly before?: (sql: Sql) => Promise<void>;
  readonly after: (sql: Sql) => Promise<void>;
}

/**
 * Runs every migration of `directory` (default: the engine's own) one by one on an empty database, with its example
 * around it. Throws when a file has no example, an example has no file, or a file was not run.
 */
export async function exerciseMigrations(
  database: Database,
  examples: Readonly<Record<string, MigrationExample>>,
  directory?: URL,
): Promise<void> {
  const folder = migrationsDirectory(directory);
  const migrations = await readMigrations(folder);
  const files = migrations.map((migration) => migration.file);
  const lonely = Object.keys(examples).filter((file) => !files.includes(file));
  if (lonely.length > 0) throw new Error(`examples of migrations that do not exist: ${lonely.join(', ')}`);
  for (const { number, file } of migrations) {
    const example = examples[file];
    if (example === undefined) throw new Error(`migration ${file} was never run with rows: write an example for it`);
    await example.before?.(database);
    await migrate(database, { directory: folder, upTo: number });
    await example.after(database);
  }
  const ran = await readHistory(database);
  const missed = files.filter((file) => !ran.some((row) => row.file === file));
  if (missed.length > 0) throw new Error(`migrations that were never run: ${missed.join(', ')}`);
}
