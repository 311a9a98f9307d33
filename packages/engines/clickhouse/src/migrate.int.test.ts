import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClickHouseConnection, openClient } from './clickhouse-connection.ts';
import { CONSENT_COLUMNS } from './consent-row.ts';
import { EVENT_COLUMNS } from './event-columns.ts';
import { listMigrations, type Migration, migrate } from './migrate.ts';
import { openTestClickHouse, stopTestClickHouse } from './testing/open-test-clickhouse.ts';

let connection: ClickHouseConnection;

beforeAll(async () => {
  connection = await openTestClickHouse();
});
afterAll(stopTestClickHouse);

async function columnsOf(table: string): Promise<readonly string[]> {
  const client = openClient(connection);
  const answer = await client.query({
    query:
      'SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String} ORDER BY position',
    query_params: { database: connection.database, table },
    format: 'JSONEachRow',
  });
  const rows = await answer.json<{ name: string }>();
  await client.close();
  return rows.map(({ name }) => name);
}

async function engineOf(table: string): Promise<string> {
  const client = openClient(connection);
  const answer = await client.query({
    query: 'SELECT engine_full FROM system.tables WHERE database = {database:String} AND name = {table:String}',
    query_params: { database: connection.database, table },
    format: 'JSONEachRow',
  });
  const [row] = await answer.json<{ engine_full: string }>();
  await client.close();
  return row?.engine_full ?? '';
}

/** What each released file makes; a file without an entry here has no test, and the first test fails. */
const MAKES: Readonly<Record<string, () => Promise<void>>> = {
  async '0001-events.sql'() {
    expect(new Set(await columnsOf('event'))).toEqual(new Set([...EVENT_COLUMNS, 'precedence']));
    expect(await columnsOf('thread_person')).toEqual(['brand', 'thread', 'froms', 'tos', 'persons', 'version']);
    expect(await columnsOf('consent_state')).toEqual([...CONSENT_COLUMNS, 'version']);
    expect(await columnsOf('generation')).toEqual(['id', 'generation', 'begun_at']);
  },
  async '0002-imports.sql'() {
    expect(await columnsOf('event')).toContain('run');
  },
  async '0003-small-blocks.sql'() {
    expect(await engineOf('event')).toContain('min_compress_block_size = 16384');
  },
};

describe('migrations', () => {
  test('every file is applied once, in order, and makes what it says', async () => {
    const names = (await listMigrations()).map(({ name }) => name);
    expect(names).toEqual(Object.keys(MAKES));
    expect(await migrate(connection)).toEqual(names);
    for (const name of names) await MAKES[name]?.();
    expect(await migrate(connection)).toEqual([]);
  });

  test('a file that broke half way is applied again whole', async () => {
    const own = await openTestClickHouse();
    const released = await listMigrations();
    const [first] = released;
    if (first === undefined) throw new Error('no migration');
    const broken: Migration = { ...first, statements: [...first.statements.slice(0, 2), 'SELECT * FROM absent'] };
    await expect(migrate(own, [broken])).rejects.toThrow(/UNKNOWN_TABLE/);
    expect(await migrate(own)).toEqual(released.map(({ name }) => name));
  });

  test('a file that changed after it was applied is refused by name', async () => {
    const [first] = await listMigrations();
    if (first === undefined) throw new Error('no migration');
    await migrate(connection);
    await expect(migrate(connection, [{ ...first, checksum: 'other' }])).rejects.toThrow(
      /0001-events\.sql has changed/,
    );
  });

  test('a database of a later release is refused', async () => {
    await migrate(connection);
    await expect(migrate(connection, [])).rejects.toThrow(/later release/);
  });

  test('a wrong password is said at once', async () => {
    await expect(migrate({ ...connection, password: 'wrong' })).rejects.toThrow(/516/);
  });
});
