import { instant } from '@filrouge/domain/base';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectionUrl } from './connection.ts';
import { type Database, openDatabase, refuseForgetful, refuseUnsupported } from './database.ts';
import { timestamptz } from './sql-types.ts';
import { openTestPostgres, type TestPostgres } from './testing/index.ts';

let postgres: TestPostgres;
let database: Database;

beforeAll(async () => {
  postgres = await openTestPostgres();
  database = postgres.database;
  await database.execute('CREATE TABLE account (id int PRIMARY KEY, amount bigint NOT NULL DEFAULT 0)');
  return () => postgres.close();
});
const count = async (): Promise<unknown> => (await database.query('SELECT count(*)::int AS n FROM account'))[0];

test('a transaction is all or nothing', async () => {
  await database.withTransaction(async (sql) => {
    expect(await sql.execute('INSERT INTO account (id) VALUES (1), (2)')).toBe(2);
  });
  const failed = database.withTransaction(async (sql) => {
    await sql.execute('INSERT INTO account (id) VALUES (3)');
    throw new Error('on second thoughts');
  });
  await expect(failed).rejects.toThrow('on second thoughts');
  expect(await count()).toEqual({ n: 2 });
});

test('a failed statement that the work passes over does not look like success', async () => {
  const hidden = database.withTransaction(async (sql) => {
    await sql.execute('INSERT INTO account (id) VALUES (77)');
    await sql.execute('SELECT nothing').catch(() => undefined);
  });
  await expect(hidden).rejects.toMatchObject({ failure: 'other' });
  expect(await database.query('SELECT FROM account WHERE id = 77')).toEqual([]);
});

test('failures have names, and repeat no value', async () => {
  await expect(database.execute('INSERT INTO account (id) VALUES ($1)', [1])).rejects.toMatchObject({
    failure: 'conflict',
    constraint: 'account_pkey',
  });
  const wrong = database.query('SELECT $1::uuid', ['anna@example.com']);
  await expect(wrong).rejects.toMatchObject({ failure: 'other', code: '22P02' });
  await expect(wrong).rejects.not.toThrow('anna');
});

test('a statement that runs too long is cut, and so is one that waits too long for a lock', async () => {
  const impatient = await postgres.open({ statementMsMax: 100, lockMsMax: 50 });
  await expect(impatient.query('SELECT pg_sleep(5)')).rejects.toMatchObject({ failure: 'timeout', code: '57014' });
  await database.withTransaction(async (sql) => {
    await sql.execute('LOCK TABLE account IN ACCESS EXCLUSIVE MODE');
    await expect(impatient.query('SELECT FROM account')).rejects.toMatchObject({
      failure: 'timeout',
      code: '55P03',
    });
  });
});

test('of two serializable transactions that cross, the loser is told or run again', async () => {
  await database.execute('INSERT INTO account (id, amount) VALUES (10, 1) ON CONFLICT (id) DO UPDATE SET amount = 1');
  const crossing = async (retriesMax: number): Promise<void> => {
    let round = 0;
    await database.withTransaction(
      async (sql) => {
        round += 1;
        const [row] = await sql.query<{ amount: bigint }>('SELECT amount FROM account WHERE id = 10');
        if (round === 1) await database.execute('UPDATE account SET amount = amount + 1 WHERE id = 10');
        await sql.execute('UPDATE account SET amount = $1 WHERE id = 10', [(row?.amount ?? 0n) * 10n]);
      },
      { isolation: 'repeatable read', retriesMax },
    );
  };
  await expect(crossing(0)).rejects.toMatchObject({ failure: 'serialization' });
  await crossing(1);
  expect(await database.query('SELECT amount FROM account WHERE id = 10')).toEqual([{ amount: 30n }]);
});

test('a read-only transaction writes nothing', async () => {
  const writing = database.withTransaction((sql) => sql.execute('DELETE FROM account'), { readOnly: true });
  await expect(writing).rejects.toMatchObject({ code: '25006' });
});

test('a connection cut by the server is unavailable, and the pool goes on', async () => {
  const cut = database.withSession((sql) => sql.query('SELECT pg_terminate_backend(pg_backend_pid())'));
  await expect(cut).rejects.toMatchObject({ failure: 'unavailable' });
  expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a connection that breaks during COMMIT leaves the outcome unknown, and says so', async () => {
  await database.execute(`
    CREATE TABLE fragile (n int);
    CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON fragile DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION cut()`);
  const broken = database.withTransaction((sql) => sql.execute('INSERT INTO fragile VALUES (1)'));
  await expect(broken).rejects.toMatchObject({ failure: 'outcome-unknown' });
});

describe.each([
  ['one after the other', false],
  ['pipelined', true],
] as const)('transactions, %s', (_, pipelined) => {
  let pool: Database;
  beforeAll(async () => {
    pool = await postgres.open({ pipelined, connectionsMax: 1 });
    await database.execute('CREATE TABLE IF NOT EXISTS entry (id int PRIMARY KEY); TRUNCATE entry');
  });
  const entries = async (): Promise<unknown> =>
    (await database.query<{ id: number }>('SELECT id FROM entry ORDER BY id')).map(({ id }) => id);

  test('the work gets the rows of what went out with BEGIN, and what is sent is there after the commit', async () => {
    const answer = await pool.withTransaction(
      async (sql, opened) => {
        sql.send('INSERT INTO entry VALUES ($1)', [1]);
        sql.send('INSERT INTO entry VALUES ($1), ($2)', [2, 3]);
        return opened;
      },
      {
        opening: {
          name: 'how-many',
          text: 'SELECT count(*)::int AS n, now() = statement_timestamp() AS first FROM entry',
        },
      },
    );
    expect(answer).toEqual([{ n: 0, first: false }]);
    expect(await entries()).toEqual([1, 2, 3]);
  });

  test('a statement that was sent and fails is the fault of its transaction, of which nothing stays', async () => {
    const failed = pool.withTransaction(async (sql) => {
      sql.send('INSERT INTO entry VALUES ($1)', [4]);
      sql.send('INSERT INTO entry VALUES ($1)', [1]);
      sql.send('INSERT INTO entry VALUES ($1)', [5]);
    });
    await expect(failed).rejects.toMatchObject({ failure: 'conflict', constraint: 'entry_pkey' });
    expect(await entries()).toEqual([1, 2, 3]);
    const thrown = pool.withTransaction((sql) => {
      sql.send('INSERT INTO entry VALUES ($1)', [1]);
      throw new Error('on second thoughts');
    });
    await expect(thrown).rejects.toThrow('on second thoughts');
    const opening = pool.withTransaction((sql) => sql.execute('INSERT INTO entry VALUES (6)'), {
      opening: 'SELECT nothing',
    });
    await expect(opening).rejects.toMatchObject({ code: '42703' });
    expect(await entries()).toEqual([1, 2, 3]);
    expect(await pool.withTransaction((sql) => sql.execute('INSERT INTO entry VALUES ($1)', [4]))).toBe(1);
  });

  test('the outcome is unknown where the connection breaks during the commit of what was sent', async () => {
    const broken = pool.withTransaction(async (sql) => {
      sql.send('INSERT INTO fragile VALUES ($1)', [1]);
    });
    await expect(broken).rejects.toMatchObject({ failure: 'outcome-unknown' });
    expect(await pool.query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });
});

test('statements given to one session at once run one after the other, without a warning of the driver', async () => {
  const warnings: unknown[] = [];
  const listen = (warning: unknown): void => {
    warnings.push(warning);
  };
  process.on('warning', listen);
  const answers = await database.withTransaction((sql) =>
    Promise.all([1, 2, 3, 4].map((n) => sql.query<{ n: number }>('SELECT $1::int AS n', [n]))),
  );
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  expect(answers.flat()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
  expect(warnings).toEqual([]);
});

test('a statement after the end of its transaction is refused instead of running outside of it', async () => {
  const late = await database.withTransaction(async (sql) => () => sql.execute('DELETE FROM account'));
  await expect(late()).rejects.toThrow('after its transaction');
});

test('an unreachable server is unavailable, a URL that is none is told without its password', async () => {
  const nowhere = { ...postgres.connection, host: '/nowhere' };
  await expect(openDatabase({ server: nowhere, role: 'test' })).rejects.toMatchObject({ failure: 'unavailable' });
  const odd = openDatabase({ server: { url: 'mysql://u:hidden@h/d' }, role: 'test' });
  await expect(odd).rejects.toThrow('FILROUGE_POSTGRES_URL must look like');
  await expect(odd).rejects.not.toThrow('hidden');
});

test('a URL works like a connection, and its own options do not change how values are read', async () => {
  const options = encodeURIComponent('-c TimeZone=Asia/Tokyo -c DateStyle=German -c work_mem=7MB');
  const byUrl = await openDatabase({
    server: { url: `${connectionUrl(postgres.connection)}&options=${options}` },
    role: 'test',
  });
  const [row] = await byUrl.query(
    `SELECT timestamptz '2026-11-21 10:00:00.123456+00' AS at, current_setting('work_mem') AS memory`,
  );
  await byUrl.close();
  expect(row).toEqual({ at: Date.UTC(2026, 10, 21, 10, 0, 0, 123), memory: '7MB' });
});

test('PostgreSQL before 15 and encodings but UTF8 are refused with what to do', () => {
  expect(() => refuseUnsupported(140_011, 'UTF8')).toThrow('this server is PostgreSQL 14; Filrouge needs 15 or newer');
  expect(() => refuseUnsupported(150_000, 'SQL_ASCII')).toThrow('SQL_ASCII; Filrouge needs UTF8');
  expect(() => refuseUnsupported(150_000, 'UTF8')).not.toThrow();
});

test('G2: a server that may lose what it acknowledged is refused with what to do; a commit waits for the disk', async () => {
  const kept = { fsync: 'on', full_page_writes: 'on' };
  expect(() => refuseForgetful(kept)).not.toThrow();
  expect(() => refuseForgetful({ ...kept, fsync: 'off' })).toThrow('runs with fsync = off and loses');
  expect(() => refuseForgetful({ ...kept, full_page_writes: 'off' })).toThrow('full_page_writes = off');
  const name = (await postgres.database.query<{ name: string }>('select current_database() as name'))[0]?.name;
  await postgres.database.execute(`alter database ${name} set synchronous_commit = off`);
  const again = await openDatabase({ server: postgres.connection, role: 'test' });
  expect(await again.query("select current_setting('synchronous_commit') as value")).toEqual([{ value: 'on' }]);
  await again.close();
});

test('values go to the server and come back as they were', async () => {
  const whole = fc.record({
    big: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    at: fc.integer({ min: -2_208_988_800_000, max: 10_413_791_999_999 }),
    bytes: fc.uint8Array({ maxLength: 200 }),
    words: fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').toWellFormed()),
    days: fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 3 }),
  });
  await database.withSession((sql) =>
    fc.assert(
      fc.asyncProperty(whole, async ({ big, at, bytes, words, days }) => {
        const dates = days.map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
        const bigs = [big, -1n, null];
        const [row] = await sql.query(
          'SELECT $1::int8 AS big, $2::timestamptz AS at, $3::bytea AS bytes, $4::text AS words, $5::date[] AS dates, $6::int8[] AS bigs, array[$2::timestamptz] AS ats',
          [big, timestamptz(instant(at)), bytes, words, dates, bigs],
        );
        expect(row).toEqual({ big, at, bytes: Buffer.from(bytes), words, dates, bigs, ats: [at] });
      }),
      { numRuns: 200 },
    ),
  );
});
