import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { fault } from './clickhouse-fault.ts';
import { boundedSetting, settingKind } from './engine-settings.ts';

const unzip = promisify(gunzip);
const BODY_BYTES_MAX = 256 * 1024 * 1024;

/** A statement as it came over HTTP. */
export type StatementRequest = {
  readonly sql: string;
  /** Bytes beside the statement: the rows of an INSERT. */
  readonly rows: Buffer;
  readonly queryId: string | undefined;
  readonly database: string;
  readonly format: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly compress: boolean;
};

/** Reads URL and body. The statement is in `query`, in the body, or begins in one and ends in the other. */
export async function readStatementRequest(request: IncomingMessage, url: URL): Promise<StatementRequest> {
  const body = await readBody(request);
  const fields = [...url.searchParams];
  let rows = body;
  const boundary = /^multipart\/form-data;\s*boundary="?([^";]+)"?/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary !== undefined) {
    fields.push(...multipartFields(body, boundary));
    rows = Buffer.alloc(0);
  }
  const settings: Record<string, string> = {};
  const parameters: Record<string, string> = {};
  const own = new Map<string, string>();
  for (const [name, value] of fields) {
    if (/^param_[A-Za-z_]\w*$/.test(name)) parameters[name.slice('param_'.length)] = value;
    else if (OWN_FIELDS.has(name)) own.set(name, value);
    else if (settingKind(name) === 'engine') settings[name] = boundedSetting(name, value);
    else if (settingKind(name) === 'unknown') throw fault(115, 'UNKNOWN_SETTING', `Unknown setting '${name}'`);
    else own.set(name, value);
  }
  const asked = own.get('query');
  return {
    sql: asked ?? rows.toString('utf8'),
    rows: asked === undefined ? Buffer.alloc(0) : rows,
    queryId: own.get('query_id'),
    database: databaseName(own.get('database') ?? headerText(request, 'x-clickhouse-database') ?? 'default'),
    format: own.get('default_format') ?? headerText(request, 'x-clickhouse-format') ?? 'TabSeparated',
    settings,
    parameters,
    compress:
      own.get('enable_http_compression') === '1' && /\bgzip\b/.test(headerText(request, 'accept-encoding') ?? ''),
  };
}

const OWN_FIELDS = new Set(['query', 'query_id', 'database', 'default_format']);

function databaseName(name: string): string {
  if (!/^\w{1,128}$/.test(name)) throw fault(81, 'UNKNOWN_DATABASE', `Database ${name} does not exist`);
  return name;
}

export function headerText(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) {
      throw fault(396, 'TOO_MANY_ROWS_OR_BYTES', `The body is larger than ${BODY_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  const encoding = headerText(request, 'content-encoding') ?? 'identity';
  if (encoding === 'identity' || body.length === 0) return body;
  if (encoding !== 'gzip') throw fault(48, 'NOT_IMPLEMENTED', `Content-Encoding ${encoding} is not supported`);
  return unzip(body, { maxOutputLength: BODY_BYTES_MAX });
}

/** The text fields of a form, as `@clickhouse/client` sends long parameter lists. */
function multipartFields(body: Buffer, boundary: string): [string, string][] {
  const fields: [string, string][] = [];
  for (const part of body.toString('utf8').split(`--${boundary}`)) {
    const gap = part.indexOf('\r\n\r\n');
    const name = /name="([^"]*)"/.exec(part.slice(0, Math.max(gap, 0)))?.[1];
    if (gap === -1 || name === undefined) continue;
    fields.push([name, part.slice(gap + 4).replace(/\r\n$/, '')]);
  }
  return fields;
}
