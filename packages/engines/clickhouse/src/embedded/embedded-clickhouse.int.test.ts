import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openClient } from '../clickhouse-connection.ts';
import { toEngineError } from '../to-engine-error.ts';
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from './start-embedded-clickhouse.ts';

let directory: string;
let engine: EmbeddedClickHouse;
let client: ClickHouseClient;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'filrouge-embedded-'));
  engine = await startEmbeddedClickHouse({ dataDir: join(directory, 'ch') });
  client = openClient({ ...engine, database: 'default' });
  await client.command({
    query: `CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100`,
  });
});

afterAll(async () => {
  await client.close();
  await engine.stop();
  await rm(directory, { recursive: true, force: true });
});

async function rowsOf<T>(query: string, parameters: Record<string, unknown> = {}): Promise<T[]> {
  const answer = await client.query({ query, query_params: parameters, format: 'JSONEachRow' });
  return answer.json<T>();
}

const heavy = 'SELECT sum(sipHash64(number)) AS x FROM numbers(20000000000)';

describe('embedded ClickHouse through the stock client', () => {
  test('ping answers with and without a statement', async () => {
    expect((await client.ping()).success).toBe(true);
    expect((await client.ping({ select: true })).success).toBe(true);
  });

  test('parameters of every shape arrive as they were sent', async () => {
    const text = 'it\'s \\ a "tab\t", a line\nand é😀 {x:String}';
    const [row] = await rowsOf(
      'SELECT {s:String} AS s, {n:UInt64} AS n, {l:Array(String)} AS l, {o:Nullable(String)} AS o',
      {
        s: text,
        n: '18446744073709551615',
        l: ["a'b", 'c\\d'],
        o: null,
      },
    );
    expect(row).toEqual({ s: text, n: '18446744073709551615', l: ["a'b", 'c\\d'], o: null });
  });

  test('a parameter that a request does not bind is refused, even right after one that bound it', async () => {
    for (let turn = 0; turn < 12; turn += 1) await rowsOf('SELECT {leak:String} AS x', { leak: 'secret' });
    await expect(rowsOf('SELECT {leak:String} AS x')).rejects.toMatchObject({ code: '456' });
  });

  test('parameterised statements run side by side without mixing their values', async () => {
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    const answers = await Promise.all(numbers.map((n) => rowsOf<{ n: number }>('SELECT {n:UInt32} AS n', { n })));
    expect(answers.map(([row]) => row?.n)).toEqual(numbers);
  });

  test('a list of 50,000 parameters passes', async () => {
    const ids = Array.from({ length: 50_000 }, (_, n) => BigInt(n));
    const [row] = await rowsOf<{ n: string }>('SELECT length({ids:Array(UInt64)}) AS n', { ids });
    expect(row?.n).toBe('50000');
  });

  test('settings of one request do not reach the next: a deduplication token least of all', async () => {
    const insert = (a: number, token?: string): Promise<unknown> =>
      client.insert({
        table: 't',
        values: [[a, 'x']],
        format: 'JSONCompactEachRow',
        ...(token === undefined ? {} : { clickhouse_settings: { insert_deduplication_token: token } }),
      });
    await insert(1, 'one');
    await insert(1, 'one');
    await insert(2, 'one');
    await insert(3);
    await insert(4);
    expect(await rowsOf('SELECT a FROM t ORDER BY a')).toEqual([{ a: '1' }, { a: '3' }, { a: '4' }]);
  });

  test('rows enter as a stream, as objects and as VALUES, and the summary counts them', async () => {
    const { summary } = await client.insert({
      table: 't',
      columns: ['s', 'a'],
      values: Readable.from([
        ['stream', '10'],
        ['stream', '11'],
      ]),
      format: 'JSONCompactEachRow',
    });
    expect(summary?.written_rows).toBe('2');
    await client.insert({ table: 't', values: [{ a: '12', s: 'é' }], format: 'JSONEachRow' });
    await client.command({ query: "INSERT INTO t (a, s) VALUES (13, 'a;b -- c')" });
    expect(await rowsOf('SELECT a, s FROM t WHERE a >= 10 ORDER BY a')).toEqual([
      { a: '10', s: 'stream' },
      { a: '11', s: 'stream' },
      { a: '12', s: 'é' },
      { a: '13', s: 'a;b -- c' },
    ]);
  });

  test('compression in both directions', async () => {
    const zipped = createClient({ ...engine, compression: { request: true, response: true } });
    await zipped.insert({ table: 't', values: [{ a: '20', s: 'zip'.repeat(1_000) }], format: 'JSONEachRow' });
    const answer = await zipped.query({ query: 'SELECT s FROM t WHERE a = 20', format: 'JSONEachRow' });
    expect(await answer.json()).toEqual([{ s: 'zip'.repeat(1_000) }]);
    await zipped.close();
  });

  test('errors carry the code and the type of ClickHouse', async () => {
    await expect(rowsOf('SELECT * FROM absent')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
    await expect(rowsOf('SELECT FROM WHERE')).rejects.toMatchObject({ type: 'SYNTAX_ERROR' });
    await expect(client.query({ query: 'SELECT 1', clickhouse_settings: { allow_ddl: 1 } })).rejects.toMatchObject({
      code: '115',
    });
  });

  test('an error of the engine repeats no row value', async () => {
    const thrown: unknown = await client
      .insert({ table: 't', values: [['not-a-number-marker', 'x']], format: 'JSONCompactEachRow' })
      .catch((error: unknown) => error);
    expect(toEngineError(thrown).message).not.toContain('marker');
  });

  test('without the token nothing is answered, and the refusal is that of a server', async () => {
    for (const wrong of [{ password: '' }, { password: `${engine.password}x` }, { username: 'default' }]) {
      const stranger = openClient({ ...engine, database: 'default', ...wrong });
      await expect(stranger.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '516' });
      await stranger.close();
    }
    const key = { 'X-ClickHouse-User': engine.username, 'X-ClickHouse-Key': engine.password };
    expect((await fetch(`${engine.url}/?query=SELECT+7`, { headers: key })).status).toBe(200);
    expect((await fetch(`${engine.url}/?query=SELECT+7`)).status).toBe(403);
  });

  test('a statement is cut at its time and memory limits, which a request cannot lift', async () => {
    await expect(client.query({ query: heavy, clickhouse_settings: { max_execution_time: 1 } })).rejects.toMatchObject({
      code: '159',
    });
    await expect(
      client.query({
        query: 'SELECT length(groupArray(number)) FROM numbers(500000000)',
        clickhouse_settings: { max_memory_usage: '0' },
      }),
    ).rejects.toMatchObject({ code: '241' });
  });

  test.each([0, 5, 20, 300])(
    'heavy reads hold up no insert, and end when their client leaves after %d ms',
    async (stay) => {
      const controller = new AbortController();
      const reads = Array.from({ length: 8 }, () =>
        client.query({ query: heavy, abort_signal: controller.signal }).catch(() => 'left'),
      );
      await sleep(stay);
      const started = performance.now();
      await client.insert({ table: 't', values: [[30, 'quick']], format: 'JSONCompactEachRow' });
      expect(performance.now() - started).toBeLessThan(2_000);
      controller.abort();
      await Promise.all(reads);
      await expect
        .poll(
          () =>
            rowsOf<{ n: string }>(
              `SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'`,
            ),
          { timeout: 30_000 },
        )
        .toEqual([{ n: '0' }]);
    },
  );
});

describe('supervision', () => {
  test('after kill -9 the engine comes back on the same port with every acknowledged row', async () => {
    await client.insert({ table: 't', values: [[40, 'kept']], format: 'JSONCompactEachRow' });
    const before = engine.pid;
    process.kill(before ?? 0, 'SIGKILL');
    await expect
      .poll(async () => (await client.ping()).success && engine.pid !== before, { timeout: 30_000 })
      .toBe(true);
    expect(await rowsOf('SELECT s FROM t WHERE a = 40')).toEqual([{ s: 'kept' }]);
  });

  test('a second engine on the same directory is refused, and says why', async () => {
    await expect(startEmbeddedClickHouse({ dataDir: join(directory, 'ch'), patienceMs: 500 })).rejects.toThrow(
      /in use by another process/,
    );
  });
});
