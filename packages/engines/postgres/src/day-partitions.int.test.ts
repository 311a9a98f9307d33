import { beforeAll, expect, test } from 'vitest';
import type { Database } from './database.ts';
import { dropDayPartitions, ensureDayPartitions, partitionDay } from './day-partitions.ts';
import { openTestPostgres, type TestPostgres } from './testing/index.ts';

let postgres: TestPostgres;
let database: Database;

beforeAll(async () => {
  postgres = await openTestPostgres();
  database = postgres.database;
  await database.execute(`
    CREATE TABLE entry (position int8, at timestamptz NOT NULL, body bytea, PRIMARY KEY (position, at)) PARTITION BY RANGE (at);
    ALTER TABLE entry ALTER COLUMN body SET STORAGE EXTERNAL;
    CREATE TABLE tally (day date, n int) PARTITION BY RANGE (day);
    CREATE TABLE plain (n int)`);
  return () => postgres.close();
});

test('the missing days are made, in UTC, with the indexes and the storage of the table', async () => {
  expect(await ensureDayPartitions(database, 'entry', '2026-11-20', '2026-11-22')).toEqual([
    'entry_p20261120',
    'entry_p20261121',
  ]);
  expect(await ensureDayPartitions(database, 'entry', '2026-11-21', '2026-11-23')).toEqual(['entry_p20261122']);
  await database.execute(
    "INSERT INTO entry VALUES (1, '2026-11-20 23:59:59.999999+00', ''), (2, '2026-11-21 00:00:00+00', '')",
  );
  expect(await database.query('SELECT position, tableoid::regclass::text AS place FROM entry ORDER BY 1')).toEqual([
    { position: 1n, place: 'entry_p20261120' },
    { position: 2n, place: 'entry_p20261121' },
  ]);
  expect(
    await database.query(`SELECT
      (SELECT count(*)::int FROM pg_index WHERE indrelid = 'entry_p20261121'::regclass AND indisprimary) AS keys,
      (SELECT attstorage FROM pg_attribute WHERE attrelid = 'entry_p20261121'::regclass AND attname = 'body') AS storage`),
  ).toEqual([{ keys: 1, storage: 'e' }]);
  await expect(database.execute("INSERT INTO entry VALUES (3, '2026-11-23', '')")).rejects.toMatchObject({
    code: '23514',
  });
});

test('a date column works the same, over the ends of months and leap days', async () => {
  const made = await ensureDayPartitions(database, 'tally', '2028-02-28', '2028-03-02');
  expect(made).toEqual(['tally_p20280228', 'tally_p20280229', 'tally_p20280301']);
  await database.execute("INSERT INTO tally VALUES ('2028-02-29', 1)");
});

test('callers at once make each day once, while rows are being written', async () => {
  await ensureDayPartitions(database, 'entry', '2027-01-01', '2027-01-02');
  await database.withTransaction(async (sql) => {
    await sql.execute("INSERT INTO entry VALUES (9, '2027-01-01 10:00+00', '')");
    const pools = await Promise.all([postgres.open(), postgres.open(), postgres.open()]);
    const made = await Promise.all(pools.map((pool) => ensureDayPartitions(pool, 'entry', '2027-01-01', '2027-01-04')));
    expect(made.flat().sort()).toEqual(['entry_p20270102', 'entry_p20270103']);
  });
});

test.each([
  ['plain', '2026-01-01', '2026-01-02', 'plain is not partitioned'],
  ['missing', '2026-01-01', '2026-01-02', 'missing is not partitioned'],
  ['entry', '2026-02-30', '2026-03-02', 'not a day: 2026-02-30'],
  ['entry', '2026-01-01', '2036-01-01', 'more than 1000 daily partitions'],
])('what makes no sense is refused: %s %s %s', async (table, from, to, why) => {
  await expect(ensureDayPartitions(database, table, from, to)).rejects.toThrow(why);
});

/** A table with ten days, a row in each. */
async function aTable(name: string): Promise<void> {
  await database.execute(
    `CREATE TABLE ${name} (day date NOT NULL, n int, PRIMARY KEY (day, n)) PARTITION BY RANGE (day)`,
  );
  await ensureDayPartitions(database, name, '2026-11-01', '2026-11-11');
  await database.execute(
    `INSERT INTO ${name} SELECT day, 1 FROM generate_series('2026-11-01', '2026-11-10'::date, '1 day') AS day`,
  );
}

async function days(name: string): Promise<readonly string[]> {
  const rows = await database.query<{ day: string }>(`SELECT day FROM ${name} ORDER BY day`);
  return rows.map(({ day }) => day);
}

test('days that are past are dropped, and no other day or table', async () => {
  await aTable('past');
  await aTable('past_two');
  expect(await dropDayPartitions(database, 'past', '2026-11-09')).toHaveLength(8);
  expect(await days('past')).toEqual(['2026-11-09', '2026-11-10']);
  expect(await days('past_two')).toHaveLength(10);
  expect(await dropDayPartitions(database, 'past', '2026-11-09')).toEqual([]);
  expect(
    await database.query(`SELECT relname FROM pg_class WHERE relname LIKE 'past\\_p%' AND relkind = 'r'`),
  ).toHaveLength(2);
  expect(partitionDay('past', 'past_p20261109')).toBe('2026-11-09');
  expect([partitionDay('past', 'past_two_p20261109'), partitionDay('past', 'past_p2026')]).toEqual([
    undefined,
    undefined,
  ]);
});

test('while a long reading goes on, a drop waits for it, and writing waits for neither', async () => {
  await aTable('busy');
  const reading = Promise.withResolvers<void>();
  const reader = await postgres.open();
  const read = reader.withTransaction(async (sql) => {
    await sql.query('SELECT n FROM busy');
    await reading.promise;
  });
  const dropper = await postgres.open();
  let isDropped = false;
  const dropped = dropDayPartitions(dropper, 'busy', '2026-11-03').then((names) => {
    isDropped = true;
    return names;
  });
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE%busy%'`;
  await expect.poll(() => database.query(waiting)).toHaveLength(1);
  const writer = await postgres.open({ lockMsMax: 200 });
  await writer.execute("INSERT INTO busy SELECT '2026-11-10', 2");
  expect(await writer.query("SELECT n FROM busy WHERE day = '2026-11-10' ORDER BY n")).toEqual([{ n: 1 }, { n: 2 }]);
  expect(await dropDayPartitions(writer, 'busy', '2026-11-03'), 'somebody is at it').toEqual([]);
  expect(isDropped).toBe(false);
  reading.resolve();
  await read;
  expect(await dropped).toEqual(['busy_p20261101', 'busy_p20261102']);
});

test('what gave up waiting, or died between two steps, is finished by the next', async () => {
  await aTable('half');
  const reading = Promise.withResolvers<void>();
  const reader = await postgres.open();
  const read = reader.withTransaction(async (sql) => {
    await sql.query('SELECT n FROM half');
    await reading.promise;
  });
  const impatient = await postgres.open({ statementMsMax: 300 });
  await expect(dropDayPartitions(impatient, 'half', '2026-11-03')).rejects.toMatchObject({ failure: 'timeout' });
  reading.resolve();
  await read;
  expect(await dropDayPartitions(database, 'half', '2026-11-04')).toEqual([
    'half_p20261101',
    'half_p20261102',
    'half_p20261103',
  ]);
  await ensureDayPartitions(database, 'half', '2026-11-01', '2026-11-04');
  await database.execute('ALTER TABLE half DETACH PARTITION half_p20261101');
  expect(await dropDayPartitions(database, 'half', '2026-11-02'), 'detached, and never dropped').toEqual([
    'half_p20261101',
  ]);
});
