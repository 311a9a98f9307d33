import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Database } from './database.ts';
import { openTestPostgres } from './testing/index.ts';

let database: Database;

beforeAll(async () => {
  const postgres = await openTestPostgres();
  database = postgres.database;
  await database.execute(`CREATE TABLE sample (
    n int PRIMARY KEY, big int8, at timestamptz, body bytea, id uuid, words text, ratio float8, yes bool, day date,
    doc jsonb, small int2)`);
  return () => postgres.close();
});

const COLUMNS = {
  n: 'int4',
  big: 'int8?',
  at: 'timestamptz?',
  body: 'bytea?',
  id: 'uuid?',
  words: 'text?',
  ratio: 'float8?',
  yes: 'bool?',
  day: 'date?',
  doc: 'jsonb?',
  small: 'int2?',
} as const;

async function collect<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

const sample = fc.record({
  big: fc.option(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
  at: fc.option(fc.integer({ min: -2_208_988_800_000_000, max: 9_007_199_254_740_991 })),
  body: fc.option(fc.uint8Array({ maxLength: 5_000 })),
  id: fc.option(fc.uuid()),
  words: fc.option(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').toWellFormed())),
  ratio: fc.option(fc.double()),
  yes: fc.option(fc.boolean()),
  day: fc.option(fc.date({ min: new Date(-2e12), max: new Date(1e13), noInvalidDate: true })),
  small: fc.option(fc.integer({ min: -32_768, max: 32_767 })),
});

test('what COPY BINARY reads is what a text query reads, for every type and null', async () => {
  await database.withSession((sql) =>
    fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 20 }), async (samples) => {
        await sql.execute('TRUNCATE sample');
        for (const [n, one] of samples.entries()) {
          await sql.execute(
            `INSERT INTO sample VALUES ($1, $2, timestamptz 'epoch' + $3::int8 * interval '1 microsecond', $4, $5, $6, $7, $8, $9,
               jsonb_build_object('n', $1::int), $10)`,
            [
              n,
              one.big,
              one.at,
              one.body,
              one.id,
              one.words,
              one.ratio,
              one.yes,
              one.day?.toISOString() ?? null,
              one.small,
            ],
          );
        }
        const query = 'SELECT n, big, at, body, id, words, ratio, yes, day, doc, small FROM sample ORDER BY n';
        const expected = await sql.query<{ doc: unknown }>(query);
        const rows = await collect(sql.copyRows(query, COLUMNS));
        expect(rows.map((row) => ({ ...row, doc: JSON.parse(row.doc ?? 'null') as unknown }))).toEqual(expected);
        expect(rows.map(({ body }) => body)).toEqual(samples.map(({ body }) => body && Buffer.from(body)));
      }),
      { numRuns: 25 },
    ),
  );
});

test('bodies of megabytes stream in order, and the server waits for a slow reader', async () => {
  const query = `SELECT g::int8 AS position, convert_to(repeat(chr(64 + g), 3000000), 'UTF8') AS body FROM generate_series(1, 8) g`;
  let expected = 1n;
  for await (const { position, body } of database.copyRows(query, { position: 'int8', body: 'bytea' })) {
    expect(position).toBe(expected);
    expect(body.equals(Buffer.alloc(3_000_000, 64 + Number(position)))).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expected += 1n;
  }
  expect(expected).toBe(9n);
});

test('a reader may stop early, and the pool goes on', async () => {
  const endless = 'SELECT generate_series(1, 10000000000) AS n';
  for await (const { n } of database.copyRows(endless, { n: 'int8' })) {
    if (n === 10n) break;
  }
  const sending =
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%'";
  await expect.poll(() => database.query(sending)).toEqual([{ n: 0 }]);
});

test('a failure before the first row, between rows and of the connection has a name, and the next statement works', async () => {
  const columns = { n: 'int8' } as const;
  await database.withSession(async (sql) => {
    await expect(collect(sql.copyRows('SELECT no_such_column', columns))).rejects.toMatchObject({ code: '42703' });
    const later = 'SELECT (100000 / (60000 - g))::int8 FROM generate_series(1, 100000) g';
    await expect(collect(sql.copyRows(later, columns))).rejects.toMatchObject({ code: '22012' });
    expect(await sql.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
  const cut =
    'SELECT CASE WHEN g = 50000 THEN pg_terminate_backend(pg_backend_pid())::int::int8 ELSE g::int8 END FROM generate_series(1, 100000) g';
  await expect(collect(database.copyRows(cut, columns))).rejects.toMatchObject({ failure: 'unavailable' });
  await expect(collect(database.copyRows('SELECT 1::int4', columns))).rejects.toThrow('4 bytes in column n');
  expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('statements wait until a stream on the same session is read', async () => {
  await database.withSession(async (sql) => {
    const rows = sql.copyRows('SELECT g::int8 AS n FROM generate_series(1, 50000) g', { n: 'int8' });
    const first = await rows.next();
    const after = sql.query('SELECT 2 AS two');
    const rest = await collect(rows);
    expect(first.value).toEqual({ n: 1n });
    expect(rest).toHaveLength(49_999);
    expect(await after).toEqual([{ two: 2 }]);
  });
});
