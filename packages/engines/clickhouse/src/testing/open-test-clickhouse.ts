import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClickHouseConnection } from '../clickhouse-connection.ts';
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from '../embedded/start-embedded-clickhouse.ts';

let shared: Promise<EmbeddedClickHouse> | undefined;

/**
 * One engine per test process, a database of its own for every call, named but not made: `migrate` makes it. The
 * engine ends with the process (its child watches the channel), its files when `stopTestClickHouse` or the next
 * system clean-up removes them.
 */
export async function openTestClickHouse(): Promise<ClickHouseConnection> {
  shared ??= start();
  const { url, username, password } = await shared;
  return { url, username, password, database: `test_${randomBytes(6).toString('hex')}` };
}

let directory: string | undefined;

async function start(): Promise<EmbeddedClickHouse> {
  directory = await mkdtemp(join(tmpdir(), 'filrouge-clickhouse-'));
  return startEmbeddedClickHouse({ dataDir: directory });
}

/** Ends the shared engine and removes its files; call it in the `afterAll` of each file that opened it. */
export async function stopTestClickHouse(): Promise<void> {
  const engine = await shared;
  shared = undefined;
  await engine?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  directory = undefined;
}
