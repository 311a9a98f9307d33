import type { SqlDoor, SqlRefusalCode } from '@filrouge/ports';
import { ATELIER, forUse, pageView, utc } from '@filrouge/ports/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClickHouseConnection, openClient } from '../clickhouse-connection.ts';
import { createClickHouseEventStore } from '../clickhouse-event-store.ts';
import { migrate } from '../migrate.ts';
import { openTestClickHouse, stopTestClickHouse } from '../testing/open-test-clickhouse.ts';
import { ALLOWED_FUNCTIONS, isAllowedFunction } from './allowed-functions.ts';
import { createClickHouseSqlDoor } from './clickhouse-sql-door.ts';
import { SQL_TABLES } from './views.ts';

let door: SqlDoor;
let connection: ClickHouseConnection;
let database: string;
/** The engine's names, and what each stands for where it is another's. */
let functions: readonly { readonly name: string; readonly meant: string }[];

beforeAll(async () => {
  connection = await openTestClickHouse();
  database = connection.database;
  await migrate(connection);
  door = createClickHouseSqlDoor(connection);
  const client = openClient(connection);
  const query = "SELECT name, if(alias_to = '', name, alias_to) AS meant FROM system.functions";
  const answer = await client.query({ query, format: 'JSONEachRow' });
  functions = await answer.json();
  await client.close();
});
afterAll(async () => {
  await door.close();
  await stopTestClickHouse();
});

const ask = (text: string, parameters: Record<string, string> = {}): ReturnType<SqlDoor['ask']> =>
  door.ask({ brand: ATELIER, permission: forUse('individual', '2026-11-05T00:00'), text, parameters, rowsMax: 10 });

const ATTACKS: readonly (readonly [code: SqlRefusalCode, text: string])[] = [
  // Statements that are no SELECT, or more than one.
  ['statement', ''],
  ['statement', '-- nothing'],
  ['statement', 'INSERT INTO event SELECT * FROM event'],
  ['statement', 'DROP TABLE event'],
  ['statement', 'ALTER TABLE event DELETE WHERE 1'],
  ['statement', 'CREATE FUNCTION f AS x -> x'],
  ['statement', 'SYSTEM SHUTDOWN'],
  ['statement', 'SET max_execution_time = 0'],
  ['statement', 'SHOW TABLES'],
  ['statement', 'DESCRIBE TABLE event'],
  ['statement', 'EXISTS TABLE event'],
  ['statement', 'EXPLAIN SELECT 1'],
  ['statement', 'USE system'],
  ['statement', 'KILL QUERY WHERE 1'],
  ['statement', 'FROM event SELECT *'],
  ['statement', 'SELECT 1; SELECT 2'],
  ['statement', 'SELECT 1; DROP TABLE event'],
  ['statement', 'SELECT 1;;'],
  // Ways out of the brackets that stand around the text, and texts that are read in two ways.
  ['unreadable', 'SELECT 1) UNION ALL SELECT * FROM (SELECT * FROM event'],
  ['unreadable', 'SELECT 1) -- '],
  ['unreadable', 'SELECT (1'],
  ['unreadable', 'SELECT 1 /* open'],
  ['unreadable', "SELECT 'open"],
  ['unreadable', 'SELECT "open'],
  ['unreadable', 'SELECT `a``b`'],
  ['unreadable', 'SELECT "a\\"b"'],
  ['unreadable', 'SELECT `a.b` FROM `filrouge.event`'],
  ['unreadable', 'SELECT "x\n TABLE id: 1"'],
  ['unreadable', 'SELECT $$text$$'],
  ['unreadable', 'SELECT $a$text$a$'],
  ['unreadable', 'SELECT 1 # comment'],
  ['unreadable', 'SELECT 1\u0000'],
  ['unreadable', 'SELECT ‘text’'],
  ['unreadable', 'SELECT\u00a01'],
  ['unreadable', 'SELECT @@version'],
  ['unreadable', "SELECT x'41'"],
  ['unreadable', 'SELECT 1\\G'],
  ['unreadable', `SELECT ${'('.repeat(3_000)}1${')'.repeat(3_000)}`],
  // Tables of the engine and of the installation.
  ['table', 'SELECT * FROM event'],
  ['table', 'SELECT * FROM EVENTS'],
  ['table', 'SELECT * FROM `event`'],
  ['table', 'SELECT * FROM "event"'],
  ['table', 'SELECT * FROM consent_state'],
  ['table', 'SELECT * FROM thread_person'],
  ['table', 'SELECT * FROM filrouge.event'],
  ['table', 'SELECT * FROM default.events'],
  ['table', 'SELECT * FROM `system`.`tables`'],
  ['table', 'SELECT * FROM system . tables'],
  ['table', 'SELECT * FROM SYSTEM.one'],
  ['table', 'SELECT * FROM system/* */./* */processes'],
  ['table', 'SELECT * FROM information_schema.tables'],
  ['table', 'SELECT * FROM events JOIN event ON 1'],
  ['table', 'SELECT * FROM events, event'],
  ['table', 'SELECT (SELECT count() FROM event)'],
  ['table', 'SELECT 1 FROM events WHERE EXISTS (SELECT 1 FROM event)'],
  ['table', 'SELECT 1 FROM events WHERE person IN event'],
  ['table', 'SELECT 1 FROM events WHERE person NOT IN (event)'],
  ['table', 'SELECT in(1, event)'],
  ['table', 'SELECT 1 IN system.one'],
  ['table', 'SELECT 1 FROM events UNION ALL SELECT 1 FROM event'],
  ['table', 'SELECT 1 FROM events EXCEPT SELECT thread FROM event'],
  ['table', 'WITH x AS (SELECT * FROM event) SELECT * FROM x'],
  ['table', 'WITH event AS t SELECT * FROM t'],
  ['table', 'SELECT * FROM (WITH event AS (SELECT 1) SELECT * FROM event) AS a, event'],
  ['table', 'WITH event AS (SELECT * FROM event) SELECT * FROM event'],
  ['table', 'WITH a AS (SELECT * FROM event), event AS (SELECT 1) SELECT * FROM a'],
  ['table', 'SELECT * FROM event AS events'],
  ['table', 'SELECT * FROM (SELECT * FROM (SELECT * FROM event))'],
  ['table', 'SELECT * FROM __permitted'],
  // Table functions: files, networks, other engines, and the ones that only look harmless.
  ...[
    "file('/etc/passwd', 'LineAsString')",
    "FILE('/etc/passwd', LineAsString)",
    "url('http://127.0.0.1:1/', CSV, 'a String')",
    "s3('http://127.0.0.1:1/b/k', 'CSV')",
    "remote('127.0.0.1', system.one)",
    "remoteSecure('127.0.0.1', system.one)",
    "cluster('default', system.one)",
    "clusterAllReplicas('default', system.one)",
    "mysql('h:1', 'd', 't', 'u', 'p')",
    "postgresql('h:1', 'd', 't', 'u', 'p')",
    "sqlite('/tmp/x.db', 't')",
    "mongodb('h:1', 'd', 'c', 'u', 'p', 'a String')",
    "redis('h:1', 'k', 'k String')",
    "jdbc('j', 's', 't')",
    "odbc('D', 's', 't')",
    "hdfs('hdfs://h/x', 'CSV')",
    "executable('x.sh', 'CSV', 'a String')",
    "input('a String')",
    "merge('.*', '.*')",
    "dictionary('d')",
    'view(SELECT 1)',
    "viewIfPermitted(SELECT 1 ELSE null('a String'))",
    "values('a String', 'x')",
    'numbers(10)',
    'zeros(10)',
    "generateRandom('a String')",
    "null('a String')",
    "fileCluster('default', '/etc/passwd')",
    "mergeTreeIndex(currentDatabase(), 'event')",
    "python('x')",
  ].map((call) => ['table', `SELECT * FROM ${call}`] as const),
  // Functions that reach a file, a table, a setting, a user, the machine, or take the name of another.
  ...[
    "file('/etc/passwd')",
    "FiLe('/etc/passwd')",
    "arrayMap(file, ['/etc/passwd'])",
    "arrayMap(x -> file(x), ['/etc/passwd'])",
    "arrayFold(acc, x -> concat(acc, file(x)), ['/etc/passwd'], '')",
    'hostName()',
    'FQDN()',
    'version()',
    'user',
    'CURRENT_USER',
    'currentUser()',
    'currentDatabase()',
    'DATABASE()',
    'schema()',
    "getSetting('max_threads')",
    "getServerSetting('x')",
    "getMacro('x')",
    "getClientHTTPHeader('authorization')",
    'queryID()',
    'serverUUID()',
    'uptime()',
    'tcpPort()',
    'sleep(3)',
    'sleepEachRow(1)',
    "throwIf(1, 'x')",
    "dictGet('d', 'a', 1)",
    "dictGetOrDefault('d', 'a', 1, 2)",
    "joinGet('event', 'clear', 1)",
    "hasColumnInTable('system', 'one', 'dummy')",
    "catboostEvaluate('/m', 1)",
    'evalMLMethod(1, 2)',
    'addressToLine(1)',
    'filesystemAvailable()',
    'showCertificate()',
    "aiGenerate('x')",
    "structureToProtobufSchema('a String')",
    "arrayReduce('sum', [1])",
    "initializeAggregation('sum', 1)",
    "finalizeAggregation(CAST('x' AS AggregateFunction(sum, UInt8)))",
    'sumMerge(1)',
    'sumState(1)',
    "encrypt('aes-128-ecb', 'x', 'y')",
    'generateUUIDv4()',
    'rand()',
    "logTrace('x')",
    "formatRow('CSV', 1)",
    "CAST('x', 'AggregateFunction(sum, UInt64)')",
    "'x'::AggregateFunction(sum, UInt64)",
    "CAST(1, concat('Stri', 'ng'))",
    "CAST('a', 'Enum8(1)')",
    'globalIn(1, 1)',
    'multiIf(1, 2, isNull(version()))',
    'count() OVER (ORDER BY hostName())',
    'quantile(uptime())(1)',
  ].map((call) => ['function', `SELECT ${call} FROM events`] as const),
  ['function', 'SELECT 1 FROM events ORDER BY hostName()'],
  ['function', 'SELECT 1 FROM events GROUP BY version() HAVING 1'],
  ['function', 'SELECT 1 FROM events AS a JOIN events AS b ON a.name = hostName()'],
  ['function', 'SELECT 1 FROM events ARRAY JOIN [hostName()] AS x'],
  ['function', 'SELECT 1 FROM events LIMIT uptime()'],
  ['function', "WITH f AS (SELECT 1), (x -> file(x)) AS g SELECT g('/etc/passwd') FROM f"],
  ['function', "WITH (x -> x) AS lower2 SELECT lower2('a')"],
  // Clauses.
  ['clause', 'SELECT 1 SETTINGS max_execution_time = 0'],
  ['clause', 'SELECT * FROM (SELECT 1 SETTINGS readonly = 0)'],
  ['clause', "SELECT 1 INTO OUTFILE '/tmp/x'"],
  ['clause', "SELECT 1 INTO\nOUTFILE '/tmp/x' TRUNCATE"],
  ['clause', 'SELECT 1 FORMAT CSV'],
  ['clause', 'SELECT 1 FORMAT/**/Native'],
  ['clause', 'WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT 1 FROM x) SELECT * FROM x'],
  ['clause', 'SELECT * APPLY(file) FROM events'],
  ['clause', 'SELECT * REPLACE(1 AS name) FROM events'],
  ['clause', "SELECT COLUMNS('.*') FROM events"],
  ['clause', 'SELECT name FROM events PREWHERE 1'],
  ['clause', 'SELECT sum(1) OVER w FROM events WINDOW w AS (ORDER BY time)'],
  ['clause', 'SELECT name FROM events SAMPLE 1/10'],
  // Names, placeholders.
  ['name', 'WITH events AS (SELECT 1) SELECT * FROM events'],
  ['name', 'SELECT * FROM (WITH persons AS (SELECT 1) SELECT * FROM persons)'],
  ['name', 'WITH `tickets` AS (SELECT 1) SELECT * FROM tickets'],
  ['parameter', 'SELECT {table:Identifier}'],
  ['parameter', 'SELECT * FROM {table:Identifier}'],
  ['parameter', 'SELECT {x:AggregateFunction(sum, UInt64)}'],
  ['parameter', 'SELECT {x:String}'],
  ['parameter', 'SELECT {brand:String}'],
  ['parameter', 'SELECT {permission_now:Int64}'],
  // Columns that are the projection's own.
  ...[
    'thread',
    'device',
    'purposes',
    'sealed',
    'key_id',
    'position',
    'c',
    '_part',
    '_table',
    'clear',
    'bot',
    'receipt_number',
  ].map((column) => ['wrong', `SELECT ${column} FROM events`] as const),
  ['wrong', 'SELECT of_claim.person FROM events'],
  ['wrong', 'SELECT e.thread FROM events'],
  ['wrong', 'SELECT * FROM events FINAL'],
];

describe('S10: nothing but the views, whatever is tried', () => {
  test(`there are ${ATTACKS.length} ways in, and none twice`, () => {
    expect(ATTACKS.length).toBeGreaterThan(80);
    expect(new Set(ATTACKS.map(([, text]) => text)).size).toBe(ATTACKS.length);
  });

  test.each(ATTACKS)('%s: %s', async (code, text) => {
    const answer = await ask(text);
    expect(answer).toMatchObject({ ok: false, refusal: { code } });
    // What is told never names what is ours: the database, the tables behind the views, the words around the query.
    const told = answer.ok ? '' : (answer.refusal.what ?? '');
    const ours = [database, 'thread_person', 'consent_state', 'CAST([]', 'PREWHERE brand', '/tmp', '__table'];
    expect(ours.filter((words) => told.includes(words) && !text.includes(words))).toEqual([]);
  });

  test('the real database cannot be named either', async () => {
    expect(await ask(`SELECT * FROM ${database}.event`)).toMatchObject({ refusal: { code: 'table' } });
    expect(await ask(`SELECT 1 IN (SELECT 1 FROM ${database}.event)`)).toMatchObject({ refusal: { code: 'table' } });
    expect(await ask(`SELECT 1 IN ${database}.event`)).toMatchObject({ refusal: { code: 'table' } });
  });

  test('a value that is bound stays a value', async () => {
    const text = "SELECT {x:String} AS x, 'system.tables; DROP TABLE event -- {y:Identifier}' AS y";
    const x = "'; DROP TABLE event; --";
    expect(await ask(text, { x })).toMatchObject({ ok: true, value: { rows: [[x, expect.stringContaining('DROP')]] } });
    expect(await ask('SELECT 1', { x })).toMatchObject({ refusal: { code: 'parameter', what: 'x' } });
  });
});

/** An expression with a hole, in which anything may stand. */
const positions = [
  (hole: string) => `if(1, ${hole}, 0)`,
  (hole: string) => `(${hole})`,
  (hole: string) => `[${hole}, 1][1]`,
  (hole: string) => `(1, ${hole}).2`,
  (hole: string) => `arrayMap(x -> ${hole}, [1])`,
  (hole: string) => `CASE WHEN ${hole} = 1 THEN 2 ELSE 3 END`,
  (hole: string) => `toString(${hole})::String`,
  (hole: string) => `(SELECT ${hole})`,
  (hole: string) => `1 IN (SELECT ${hole})`,
  (hole: string) => `exists(SELECT 1 WHERE ${hole} = 1)`,
  (hole: string) => `max(${hole}) OVER (ORDER BY ${hole})`,
  (hole: string) => `countIf(${hole} = 1)`,
  (hole: string) => `${hole} BETWEEN 1 AND 2`,
  (hole: string) => `map('a', ${hole})`,
  (hole: string) => `/* ${hole} */ ${hole} -- ${hole}\n`,
] as const;
const queries = [
  (hole: string) => `SELECT ${hole} FROM events`,
  (hole: string) => `WITH a AS (SELECT ${hole} AS b FROM tickets) SELECT b FROM a`,
  (hole: string) => `SELECT 1 FROM lines WHERE ${hole} = 1`,
  (hole: string) => `SELECT 1 FROM orders GROUP BY ${hole}`,
  (hole: string) => `SELECT 1 UNION ALL SELECT ${hole}`,
  (hole: string) => `SELECT 1 FROM persons ORDER BY ${hole}`,
  (hole: string) => `SELECT 1 FROM persons AS a LEFT JOIN events AS b ON a.person = ${hole}`,
  (hole: string) => `SELECT 1 FROM events LIMIT 1 BY ${hole}`,
] as const;

test('S10: a function that is not on the list is refused wherever it stands, however deep and however written', async () => {
  const forbidden = functions
    .filter(({ name, meant }) => !isAllowedFunction(name) && !isAllowedFunction(meant) && /^[A-Za-z]\w*$/.test(name))
    .map(({ name }) => name);
  const attack = fc.record({
    name: fc.constantFrom(...forbidden),
    upper: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    args: fc.constantFrom('', "'/etc/passwd'", '1', "'event', 'thread', 1"),
    nest: fc.array(fc.constantFrom(...positions), { maxLength: 5 }),
    query: fc.constantFrom(...queries),
    quoted: fc.constantFrom('', '`', '"'),
  });
  await fc.assert(
    fc.asyncProperty(attack, async ({ name, upper, args, nest, query, quoted }) => {
      const written = Array.from(name, (char, n) => (upper[n % upper.length] ? char.toUpperCase() : char)).join('');
      const call = `${quoted}${written}${quoted}(${args})`;
      const text = query(nest.reduce((hole, position) => position(hole), call));
      const answer = await ask(text);
      // A call that is no expression where it stands (`DATE(…)`, `nested`) may be unreadable; it is never answered.
      expect(answer, text).toMatchObject({ ok: false });
      expect(answer.ok ? '' : answer.refusal.code, text).toMatch(/^(?:function|unreadable|clause|table)$/);
    }),
    { numRuns: 150 },
  );
}, 60_000);

const SECRET = 'c2VjcmV0';

/** Queries that name the tables behind the views as their own, in every scope, and ask them for a column of the real ones. */
const { scoped } = fc.letrec<{ scoped: string; leaf: string }>((tie) => {
  const name = fc.constantFrom('event', 'consent_state', 'x');
  const part = fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('scoped'));
  return {
    leaf: fc.oneof(
      name.map((of) => `SELECT sealed AS a FROM ${of}`),
      name.map((of) => `SELECT a FROM ${of}`),
      name.map((of) => `SELECT '1' AS a WHERE '1' IN ${of}`),
      { weight: 12, arbitrary: fc.constant("SELECT '1' AS a") },
    ),
    scoped: fc.oneof(
      fc.tuple(name, part, part).map(([as, one, two]) => `SELECT a FROM (WITH ${as} AS (${one}) SELECT a FROM (${two}))`),
      fc.tuple(name, part, name, part).map(([as, one, of, two]) => `WITH ${as} AS (${one}) SELECT a FROM ${of} UNION ALL ${two}`),
      fc.tuple(name, part, name, part).map(([as, one, also, two]) => `WITH ${as} AS (${one}), ${also} AS (${two}) SELECT a FROM ${also}`),
      fc.tuple(part, part).map(([one, two]) => `SELECT t.a AS a FROM (${one}) AS t, (${two}) AS event`),
      fc.tuple(part, name).map(([one, of]) => `SELECT (SELECT any(a) FROM (${one})) AS a FROM ${of}`),
      fc.tuple(name, part).map(([as, one]) => `WITH (${one}) AS ${as} SELECT a FROM ${as}`),
      fc.tuple(part, part).map(([one, two]) => `${one} EXCEPT ${two}`),
    ),
  };
}); // biome-ignore format: one shape a line

test('S10: however names are scoped, no row of a real table comes out', async () => {
  const store = createClickHouseEventStore(connection);
  await store.reset('scopes');
  const row = pageView({ t: utc('2026-11-04T10:00'), sealed: SECRET });
  await store.insertRange({ generation: 'scopes', from: 1, to: 1 }, [row]);
  await store.close();
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(scoped, async (text) => {
      const answer = await ask(text);
      if (!answer.ok) return;
      answered += 1;
      expect(JSON.stringify(answer.value.rows), text).not.toContain(SECRET);
      expect(
        answer.value.rows.flat().every((value) => value === '1'),
        text,
      ).toBe(true);
    }),
    { numRuns: 200 },
  );
  // Were everything refused, nothing would be shown by this.
  expect(answered).toBeGreaterThan(3);
}, 60_000);

test('the list holds names of the engine only, and none that differs from another by case alone', () => {
  const known = new Map<string, Set<string>>();
  for (const { name, meant } of functions) {
    const lower = name.toLowerCase();
    known.set(lower, (known.get(lower) ?? new Set()).add(meant));
  }
  // Parsed away, or made by the parser: no functions of the engine's list.
  const grammar = new Set(['between', 'exists', 'lambda', 'untuple', 'summap', 'minmap', 'maxmap', 'grouping']);
  expect([...ALLOWED_FUNCTIONS].filter((name) => !known.has(name) && !grammar.has(name))).toEqual([]);
  for (const lower of ALLOWED_FUNCTIONS) expect(known.get(lower)?.size ?? 1, lower).toBe(1);
});

test('no column of ours has the name of a function: a bare word is a column or is refused', () => {
  const names = new Set(functions.map(({ name }) => name.toLowerCase()));
  const columns = SQL_TABLES.flatMap(({ columns: all }) => all.map(({ name }) => name));
  expect(columns.filter((name) => names.has(name) && !isAllowedFunction(name))).toEqual([]);
});
