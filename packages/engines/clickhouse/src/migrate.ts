import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { EngineError } from '@filrouge/ports';
import { type ClickHouseConnection, openClient } from './clickhouse-connection.ts';
import { toEngineError } from './to-engine-error.ts';

/** One numbered file: forward only, never edited once released. */
export type Migration = {
  readonly id: number;
  /** File name, e.g. `0001-events.sql`. */
  readonly name: string;
  /** First 32 hexadecimal digits of the SHA-256 of the file. */
  readonly checksum: string;
  readonly statements: readonly string[];
};

const FOLDER = new URL('../migrations/', import.meta.url);

/** The migrations of this release, in order. Throws when numbers repeat or leave a gap. */
export async function listMigrations(folder: URL = FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const found = /^(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.sql$/.exec(name);
    const id = Number(found?.[1]);
    if (id !== migrations.length + 1) {
      throw new EngineError('other', `migration ${name} is not the next after ${migrations.length}`);
    }
    const text = await readFile(new URL(name, folder), 'utf8');
    const checksum = createHash('sha256').update(text).digest('hex').slice(0, 32);
    migrations.push({ id, name, checksum, statements: statementsOf(text) });
  }
  return migrations;
}

/** Statements end with `;` at the end of a line; lines that begin with `--` are comments. */
export function statementsOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('--'));
  return lines
    .join('\n')
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/**
 * Brings the database to this release: makes it where it is absent, then applies what is missing, each file once.
 * ClickHouse has no transactional DDL: every statement is written so that it may be repeated (IF NOT EXISTS), and a
 * file that broke half way is applied again whole. Returns the names applied now. Throws `EngineError` when a file
 * that was applied has changed since, or the database is of a later release.
 */
export async function migrate(
  connection: ClickHouseConnection,
  migrations?: readonly Migration[],
): Promise<readonly string[]> {
  const wanted = migrations ?? (await listMigrations());
  const client = openClient({ ...connection, database: 'default' });
  try {
    await untilReachable(client);
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${connection.database}` });
  } catch (error) {
    throw toEngineError(error);
  } finally {
    await client.close();
  }
  return applyMissing(connection, wanted);
}

async function untilReachable(client: ClickHouseClient): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const ping = await client.ping({ select: true });
    if (ping.success) return;
    const error = toEngineError(ping.error);
    if (error.failure !== 'unavailable' || attempt >= 20) throw error;
    await sleep(100 * attempt);
  }
}

async function applyMissing(
  connection: ClickHouseConnection,
  wanted: readonly Migration[],
): Promise<readonly string[]> {
  const client = openClient(connection);
  const applied: string[] = [];
  try {
    await client.command({
      query: `CREATE TABLE IF NOT EXISTS migration (id UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'))
        ENGINE = ReplacingMergeTree(applied_at) ORDER BY id SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
    });
    const known = await knownMigrations(client);
    refuseStrangers(known, wanted);
    for (const migration of wanted) {
      if (known.has(migration.id)) continue;
      for (const query of migration.statements) await client.command({ query });
      const { id, name, checksum } = migration;
      await client.insert({ table: 'migration', values: [{ id, name, checksum }], format: 'JSONEachRow' });
      applied.push(name);
    }
  } catch (error) {
    throw toEngineError(error);
  } finally {
    await client.close();
  }
  return applied;
}

async function knownMigrations(client: ClickHouseClient): Promise<ReadonlyMap<number, string>> {
  const query = 'SELECT id, checksum FROM migration FINAL ORDER BY id';
  const rows = await (await client.query({ query, format: 'JSONEachRow' })).json<{ id: number; checksum: string }>();
  return new Map(rows.map((row) => [row.id, row.checksum]));
}

function refuseStrangers(known: ReadonlyMap<number, string>, wanted: readonly Migration[]): void {
  for (const [id, checksum] of known) {
    const migration = wanted[id - 1];
    if (migration === undefined) {
      throw new EngineError(
        'other',
        `the ClickHouse database has migration ${id}: it is of a later release than this one`,
      );
    }
    if (migration.checksum !== checksum) {
      throw new EngineError('other', `${migration.name} has changed since it was applied: restore the released file`);
    }
  }
}
