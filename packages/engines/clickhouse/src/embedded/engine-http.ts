import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Session } from 'chdb';
import { asFault, fault, httpStatusOf } from './clickhouse-fault.ts';
import { headerText, readStatementRequest, type StatementRequest } from './http-request.ts';
import type { Leavers } from './leavers.ts';
import type { SessionPool } from './session-pool.ts';
import { onlyReads, parseRawInsert } from './statement.ts';

const zip = promisify(gzip);

/** How the text of a read begins, so that it can be found among the running statements. */
export const READ_MARK = '/* filrouge ';

export type EngineHttp = {
  readonly username: string;
  readonly password: string;
  readonly readers: SessionPool;
  readonly writers: SessionPool;
  readonly leavers: Leavers;
};

type Answer = { readonly bytes: Uint8Array; readonly summary: Readonly<Record<string, string>> };

/** Answers the part of the ClickHouse HTTP interface that the stock client uses: /ping, and statements on /. */
export function createEngineHttp(engine: EngineHttp): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(engine, request, response).catch((error: unknown) => sendFault(response, error));
  };
}

async function answer(engine: EngineHttp, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (url.pathname === '/ping') {
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end('Ok.\n');
    return;
  }
  if (!knows(engine, request)) {
    throw fault(
      516,
      'AUTHENTICATION_FAILED',
      `${engine.username}: Authentication failed: password is incorrect, or there is no user with such name.`,
    );
  }
  if (url.pathname !== '/') throw fault(60, 'UNKNOWN_TABLE', `There is no handle ${url.pathname}`);
  const statement = await readStatementRequest(request, url);
  const queryId = statement.queryId ?? randomUUID();
  response.setHeader('X-ClickHouse-Query-Id', queryId);
  const { bytes, summary } = await run(engine, statement, response);
  response.setHeader('X-ClickHouse-Summary', JSON.stringify(summary));
  response.setHeader('X-ClickHouse-Server-Display-Name', 'filrouge-embedded');
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  const body = statement.compress && bytes.length > 0 ? await zip(bytes) : bytes;
  if (body !== bytes) response.setHeader('Content-Encoding', 'gzip');
  response.setHeader('Content-Length', body.length);
  response.end(body);
}

function knows(engine: EngineHttp, request: IncomingMessage): boolean {
  const authorization = headerText(request, 'authorization') ?? '';
  const [user, key] = authorization.startsWith('Basic ')
    ? splitOnce(Buffer.from(authorization.slice(6), 'base64').toString('utf8'))
    : [headerText(request, 'x-clickhouse-user') ?? 'default', headerText(request, 'x-clickhouse-key') ?? ''];
  return user === engine.username && timingSafeEqual(digestOf(key), digestOf(engine.password));
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf(':');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function run(engine: EngineHttp, statement: StatementRequest, response: ServerResponse): Promise<Answer> {
  if (statement.sql.trim() === '') throw fault(62, 'SYNTAX_ERROR', 'Syntax error: Empty query');
  const started = performance.now();
  if (onlyReads(statement.sql)) {
    const mark = `${READ_MARK}${randomUUID()} */`;
    const cancel = (): void => {
      if (!response.writableFinished) engine.leavers.left(mark);
    };
    response.once('close', cancel);
    try {
      return await engine.readers.use(statement.sql, statement, (session) => {
        if (response.closed) throw fault(394, 'QUERY_WAS_CANCELLED', 'The client has left.');
        return select(session, statement, mark, started);
      });
    } finally {
      response.removeListener('close', cancel);
      engine.leavers.ended(mark);
    }
  }
  return engine.writers.use(statement.sql, statement, (session) => write(session, statement, started));
}

async function select(session: Session, statement: StatementRequest, mark: string, started: number): Promise<Answer> {
  const text = statement.rows.length === 0 ? statement.sql : `${statement.sql}\n${statement.rows.toString('utf8')}`;
  const result = await session.queryAsync(`${mark} ${text}`, { format: statement.format });
  return { bytes: result.bytes(), summary: summaryOf(started, { read_rows: String(result.rowsRead) }) };
}

async function write(session: Session, statement: StatementRequest, started: number): Promise<Answer> {
  const raw = parseRawInsert(statement.sql);
  if (raw === undefined) {
    const text = statement.rows.length === 0 ? statement.sql : `${statement.sql}\n${statement.rows.toString('utf8')}`;
    const result = await session.queryAsync(text, { format: statement.format });
    return { bytes: result.bytes(), summary: summaryOf(started, { read_rows: String(result.rowsRead) }) };
  }
  const inserted = await session.insert({
    table: raw.table,
    ...(raw.columns === undefined ? {} : { columns: raw.columns }),
    format: raw.format,
    values: statement.rows,
  });
  const counts = { written_rows: String(inserted.rowsWritten), written_bytes: String(inserted.bytesWritten) };
  return { bytes: new Uint8Array(), summary: summaryOf(started, counts) };
}

function summaryOf(started: number, known: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    read_rows: '0',
    read_bytes: '0',
    written_rows: '0',
    written_bytes: '0',
    total_rows_to_read: '0',
    result_rows: '0',
    result_bytes: '0',
    elapsed_ns: String(Math.round((performance.now() - started) * 1e6)),
    ...known,
  };
}

function sendFault(response: ServerResponse, error: unknown): void {
  const { code, message } = asFault(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = message.endsWith('\n') ? message : `${message}\n`;
  response.writeHead(httpStatusOf(code), {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Exception-Code': String(code),
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
