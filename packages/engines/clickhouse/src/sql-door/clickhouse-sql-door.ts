import { type ClickHouseClient, ClickHouseError, type ClickHouseSettings } from '@clickhouse/client';
import { accept, invariant, type Result, refuse } from '@filrouge/domain/base';
import {
  SQL_ROWS_MAX,
  type SqlAnswer,
  type SqlColumn,
  type SqlDoor,
  type SqlQuestion,
  type SqlRefusal,
  type SqlValue,
} from '@filrouge/ports';
import { type ClickHouseConnection, openClient } from '../clickhouse-connection.ts';
import { toEngineError } from '../to-engine-error.ts';
import { judgeResolved, judgeTree } from './judge-tree.ts';
import { bareName, namedTables, placeOf, readSqlText, type SqlText, withoutValues } from './sql-text.ts';
import { countLines, readResolved, readSyntaxTree } from './syntax-tree.ts';
import { type Fault, faultOfRows, faultOfText } from './told-fault.ts';
import { emptyViews, OWN_PARAMETERS, permittedViews, SQL_TABLES } from './views.ts';

const TABLES: ReadonlySet<string> = new Set(SQL_TABLES.map(({ name }) => name));

/** What one query may take. */
export type SqlLimits = {
  readonly seconds: number;
  readonly memoryBytes: number;
  readonly resultBytes: number;
  /** Rows of the tables behind the views, counted before the permission. */
  readonly rowsRead: number;
  /** Queries at once; the next is refused, not queued. */
  readonly atOnce: number;
};

export const SQL_LIMITS: SqlLimits = {
  seconds: 20,
  memoryBytes: 300_000_000,
  resultBytes: 32 * 1024 * 1024,
  rowsRead: 500_000_000,
  atOnce: 2,
};

/** Beyond its own limit an engine that does not stop is left. */
const GRACE_SECONDS = 5;

/**
 * Nothing of the query may be tried on a row before the permission is: else what fails, or how long it takes, would
 * tell of rows that nobody permitted. So the plan is carried out as it is written, without the engine's improvements;
 * over a million events that costs nothing that can be measured. What an older engine does not know is left out.
 */
const AS_WRITTEN = [
  'query_plan_enable_optimizations',
  'enable_optimize_predicate_expression',
  'optimize_move_to_prewhere',
  'enable_join_transitive_predicates',
  'enable_join_runtime_filters',
] as const;

/** The door for SQL on a migrated database. Errors that are no refusal of the query are `EngineError`s. */
export function createClickHouseSqlDoor(connection: ClickHouseConnection, limits: SqlLimits = SQL_LIMITS): SqlDoor {
  const client = openClient(connection);
  let engine: Promise<EngineWords> | undefined;
  let underWay = 0;

  async function answer(question: SqlQuestion): Promise<Result<SqlAnswer, SqlRefusal>> {
    const read = readSqlText(question.text);
    if (!read.ok) return read;
    const text = read.value;
    const misbound = misboundParameter(text, question.parameters);
    if (misbound !== undefined) return refuse(misbound);
    engine ??= readEngineWords(client).catch((fault: unknown) => {
      engine = undefined;
      throw fault;
    });
    const { functions, settings } = await engine;
    const ask = createAsk(client, limits, settings, question.parameters);

    const dump = await ask({ statement: `EXPLAIN AST\n${text.plain}`, format: 'TabSeparatedRaw' });
    if ('code' in dump) return refuse(faultOfText(dump, text.plain));
    const root = readSyntaxTree(dump.text);
    if (root === undefined) return refuse({ code: 'unreadable' });
    const isFunction = (name: string): boolean => functions.has(name.toLowerCase());
    const named = namedTables(text.tokens).map(bareName);
    const fault = judgeTree(root, { tables: TABLES, named, isFunction });
    if (fault !== undefined) return refuse(placed(fault, text));

    const meaning = await ask({
      statement: `EXPLAIN QUERY TREE passes = 1 WITH ${oneLine(emptyViews())} SELECT * FROM (\n${text.plain}\n)`,
      format: 'TabSeparatedRaw',
    });
    if ('code' in meaning) return refuse(faultOfText(meaning, text.plain));
    const unresolved = judgeMeaning(meaning.text);
    if (unresolved !== undefined) return refuse(placed(unresolved, text));

    const views = permittedViews(question);
    const rows = await ask({
      statement: `WITH ${oneLine(views.query)} SELECT * FROM (\n${text.plain}\n) LIMIT ${question.rowsMax + 1}`,
      format: 'JSONCompactEachRowWithNamesAndTypes',
      parameters: views.parameters,
    });
    return 'code' in rows ? refuse(faultOfRows(rows)) : accept(readRows(rows.text, question.rowsMax));
  }

  return {
    tables: SQL_TABLES,
    withoutValues,
    async ask(question) {
      invariant(question.rowsMax >= 1 && question.rowsMax <= SQL_ROWS_MAX, 'an answer has 1 to 100,000 rows');
      if (underWay >= limits.atOnce) return refuse({ code: 'busy' });
      underWay += 1;
      try {
        return await answer(question);
      } finally {
        underWay -= 1;
      }
    },
    close: () => client.close(),
  };
}

/** What this engine knows: its functions in lower case, and which of the settings above. */
type EngineWords = { readonly functions: ReadonlySet<string>; readonly settings: readonly string[] };

async function readEngineWords(client: ClickHouseClient): Promise<EngineWords> {
  const list = async (query: string): Promise<readonly string[]> => {
    const answer = await client.query({ query, format: 'JSONEachRow', query_params: { names: AS_WRITTEN } });
    return (await answer.json<{ name: string }>()).map(({ name }) => name);
  };
  try {
    return {
      functions: new Set(await list('SELECT DISTINCT lower(name) AS name FROM system.functions')),
      settings: await list('SELECT name FROM system.settings WHERE name IN {names:Array(String)}'),
    };
  } catch (fault) {
    throw toEngineError(fault);
  }
}

const TOO_LARGE: Fault = { code: 396, type: 'TOO_MANY_ROWS_OR_BYTES', message: '' };

type Asked = {
  readonly statement: string;
  readonly format: 'TabSeparatedRaw' | 'JSONCompactEachRowWithNamesAndTypes';
  readonly parameters?: Readonly<Record<string, unknown>>;
};
type Ask = (asked: Asked) => Promise<{ readonly text: string } | Fault>;

/** Sends statements under the limits of the door, read-only: a SETTINGS clause or a table function would fail there too. */
function createAsk(
  client: ClickHouseClient,
  limits: SqlLimits,
  known: readonly string[],
  parameters: Readonly<Record<string, SqlValue>>,
): Ask {
  const until = performance.now() + (limits.seconds + GRACE_SECONDS) * 1_000;
  const settings = { ...settingsOf(limits), ...Object.fromEntries(known.map((name) => [name, 0])) };
  return async ({ statement, format, parameters: own = {} }) => {
    const left = until - performance.now();
    if (left <= 0) return { code: 159, type: 'TIMEOUT_EXCEEDED', message: '' };
    try {
      const { stream } = await client.exec({
        query: statement,
        query_params: { ...parameters, ...own },
        clickhouse_settings: { ...settings, default_format: format } as ClickHouseSettings,
        abort_signal: AbortSignal.timeout(Math.ceil(left)),
      });
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of stream) {
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        // The engine counts a column of one value once, however often it is sent.
        if (bytes > limits.resultBytes) return TOO_LARGE;
      }
      return { text: Buffer.concat(chunks).toString('utf8') };
    } catch (fault) {
      return faultOf(fault, until);
    }
  };
}

/** Faults of the installation: a setting, a database, a right or a password that is not there. */
const OUR_OWN = new Set([81, 115, 164, 192, 193, 194, 497, 516]);

function faultOf(fault: unknown, until: number): Fault {
  if (fault instanceof ClickHouseError && !OUR_OWN.has(Number(fault.code))) {
    return { code: Number(fault.code), type: fault.type ?? 'UNKNOWN', message: fault.message };
  }
  if (performance.now() >= until - 50) return { code: 159, type: 'TIMEOUT_EXCEEDED', message: '' };
  throw toEngineError(fault);
}

function settingsOf({ seconds, memoryBytes, resultBytes, rowsRead }: SqlLimits): ClickHouseSettings {
  return {
    readonly: '1',
    max_execution_time: seconds,
    max_memory_usage: String(memoryBytes),
    max_result_bytes: String(resultBytes),
    max_rows_to_read: String(rowsRead),
    result_overflow_mode: 'throw',
    max_threads: 2,
    max_ast_depth: '500',
    max_ast_elements: '20000',
    max_expanded_ast_elements: '100000',
    max_subquery_depth: '50',
    wait_end_of_query: 1,
    date_time_output_format: 'iso',
  };
}

/** Only placeholders that the text has, each bound, none of ours. */
function misboundParameter(
  { placeholders }: SqlText,
  given: Readonly<Record<string, SqlValue>>,
): SqlRefusal | undefined {
  const names = new Set(placeholders.map(({ name }) => name));
  const own = [...names].find((name) => OWN_PARAMETERS.has(name));
  const wrong =
    own ??
    [...names].find((name) => !Object.hasOwn(given, name)) ??
    Object.keys(given).find((name) => !names.has(name));
  return wrong === undefined ? undefined : { code: 'parameter', what: wrong };
}

/** Each is planned anew wherever it is named, in a table of the query's own too: two hundred take a quarter of a minute. */
const VIEWS_MAX = 24;

/** A line of the dump that says something else than was read from it is a reason to refuse. */
function judgeMeaning(dump: string): Pick<SqlRefusal, 'code' | 'what'> | undefined {
  const resolved = readResolved(dump);
  const unread =
    countLines(dump, 'TABLE') !== resolved.tables.length ||
    countLines(dump, 'TABLE_FUNCTION') !== resolved.tableFunctions.length ||
    countLines(dump, 'FUNCTION') !== resolved.functions.length;
  if (unread) return { code: 'unreadable' };
  const views = [...dump.matchAll(/\bcte_name: (\w+)/g)].filter(([, name]) => TABLES.has(name ?? ''));
  if (views.length > VIEWS_MAX) return { code: 'size', what: `${views.length} views, at most ${VIEWS_MAX}` };
  return judgeResolved(resolved);
}

/** Where a refused name stands in the text: the first word of that name. */
function placed(refusal: Pick<SqlRefusal, 'code' | 'what'>, { plain, tokens }: SqlText): SqlRefusal {
  const name = refusal.what?.split('; did you mean ')[0]?.replace(/\(\)$/, '').toLowerCase();
  const [first] = name?.split('.') ?? [];
  const token = tokens.find((each) => [name, first].includes(bareName(each).toLowerCase()));
  return token === undefined ? refusal : { ...refusal, at: placeOf(plain, token.offset) };
}

/** What stands before a query's text is one line, so that the engine's line numbers are the text's own, but for one. */
function oneLine(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ');
}

function readRows(text: string, rowsMax: number): SqlAnswer {
  const [names = '[]', types = '[]', ...lines] = text.split('\n').filter((line) => line !== '');
  const columnNames = JSON.parse(names) as readonly string[];
  const columnTypes = JSON.parse(types) as readonly string[];
  const columns = columnNames.map((name, n): SqlColumn => ({ name, type: columnTypes[n] ?? '' }));
  const whole = columns.map(({ type }) => /^(?:Nullable\()?U?Int64\)?$/.test(type));
  return {
    columns,
    rows: lines
      .slice(0, rowsMax)
      .map((line) => (JSON.parse(line) as unknown[]).map((value, n) => shown(value, whole[n] === true))),
    truncated: lines.length > rowsMax,
  };
}

/** 64-bit integers travel as text; those that a JSON number holds exactly become one. */
function shown(value: unknown, isWhole: boolean): unknown {
  if (!isWhole || typeof value !== 'string') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
