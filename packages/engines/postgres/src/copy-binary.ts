import { EngineError } from '@filrouge/ports';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { toEngineError } from './to-engine-error.ts';

/** What each column type becomes in JavaScript: the same as in `TYPE_PARSERS`. */
interface CopyValues {
  readonly int2: number;
  readonly int4: number;
  readonly int8: bigint;
  readonly float8: number;
  readonly bool: boolean;
  readonly text: string;
  /** 36 characters with hyphens. */
  readonly uuid: string;
  /** A view into a larger buffer: copy it (`Buffer.from`) to keep it beyond the batch. */
  readonly bytea: Buffer;
  /** Milliseconds since 1970, microseconds cut. */
  readonly timestamptz: number;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** The text of the document, not parsed. */
  readonly jsonb: string;
}

/** A column's type; with `?` it may be null. */
export type CopyColumn = keyof CopyValues | `${keyof CopyValues}?`;

/** Name and type of every column that the query selects, in its order. */
export type CopyColumns = Readonly<Record<string, CopyColumn>>;

export type CopyRow<Columns extends CopyColumns> = {
  readonly [Name in keyof Columns]: Columns[Name] extends keyof CopyValues
    ? CopyValues[Columns[Name]]
    : Columns[Name] extends `${infer Kind extends keyof CopyValues}?`
      ? CopyValues[Kind] | null
      : never;
};

/**
 * Streams a query through `COPY (…) TO STDOUT (FORMAT BINARY)`: large bytea arrive as they are, without the hex text
 * (half the bytes, no decoding). Reading is paced by the consumer: while it works, the server waits.
 *
 * `query` takes no parameters: only numbers and literals of our own may be written into it. `columns` must name the
 * selected columns in order, with types the wire really sends (cast in the query where in doubt); a column count that
 * differs, a null where no `?` stands, or a width that does not fit the type throws `EngineError`.
 * The client is taken for as long as it runs; a consumer that leaves early must discard it (`SqlSession` does).
 */
export async function* copyRows<Columns extends CopyColumns>(
  client: pg.ClientBase,
  query: string,
  columns: Columns,
): AsyncGenerator<CopyRow<Columns>, void, void> {
  const stream = copyTo(`COPY (${query}) TO STDOUT (FORMAT BINARY)`);
  const decoder = new CopyDecoder<Columns>(columns);
  client.query(stream);
  const lost = (): void => {
    stream.destroy(new EngineError('unavailable', 'the connection to PostgreSQL closed during COPY'));
  };
  // The stream reads the socket itself, and the driver does not tell it when the socket goes.
  client.once('end', lost);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield* decoder.push(chunk);
    decoder.finish();
  } catch (error) {
    throw toEngineError(error);
  } finally {
    client.off('end', lost);
  }
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER_BYTES = SIGNATURE.length + 8;
/** PostgreSQL counts time in microseconds, and days, from 2000-01-01. */
const EPOCH_2000_MS = 946_684_800_000n;
const DAY_MS = 86_400_000;
const MICROSECONDS_INFINITY = 0x7fff_ffff_ffff_ffffn;

interface ColumnReader {
  readonly name: string;
  readonly nullable: boolean;
  /** Bytes on the wire where the type has a fixed width. */
  readonly width: number | undefined;
  readonly read: (bytes: Buffer, at: number, length: number) => unknown;
}

/** Decodes the COPY binary format (manual, "COPY", "Binary Format") from chunks cut anywhere. */
export class CopyDecoder<Columns extends CopyColumns> {
  readonly #columns: readonly ColumnReader[];
  #rest: Buffer = Buffer.alloc(0);
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #wanted = HEADER_BYTES;
  #started = false;
  #ended = false;

  constructor(columns: Columns) {
    this.#columns = Object.entries(columns).map(([name, type]) => columnReader(name, type));
  }

  /** The rows that `chunk` completes. */
  *push(chunk: Buffer): Generator<CopyRow<Columns>, void, void> {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    // A body of megabytes arrives in hundreds of chunks: join them once, when it is complete.
    if (this.#waitingBytes < this.#wanted) return;
    const bytes = this.#waiting.length === 1 ? chunk : Buffer.concat(this.#waiting, this.#waitingBytes);
    let at = this.#started ? 0 : this.#start(bytes);
    for (;;) {
      const row = this.#rowAt(bytes, at);
      if (row === undefined) break;
      at = row.end;
      yield row.values;
    }
    this.#rest = bytes.subarray(at);
    this.#waiting = this.#rest.length === 0 ? [] : [this.#rest];
    this.#waitingBytes = this.#rest.length;
  }

  /** Throws when the data stopped before its trailer. */
  finish(): void {
    if (!this.#ended) throw new EngineError('unavailable', 'the COPY data ended before its trailer');
  }

  #start(bytes: Buffer): number {
    if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw malformed('no signature');
    if (bytes.readUInt32BE(SIGNATURE.length + 4) !== 0) throw malformed('a header extension');
    this.#started = true;
    return HEADER_BYTES;
  }

  /** One row and where the next begins; undefined (and how many bytes it takes) when it is not complete. */
  #rowAt(bytes: Buffer, start: number): { readonly values: CopyRow<Columns>; readonly end: number } | undefined {
    if (this.#lacks(bytes, start, 2)) return undefined;
    const count = bytes.readInt16BE(start);
    if (count === -1) {
      this.#ended = true;
      this.#wanted = 1;
      return undefined;
    }
    if (count !== this.#columns.length) throw malformed(`${count} columns where ${this.#columns.length} are named`);
    const end = this.#rowEnd(bytes, start + 2);
    return end === undefined ? undefined : { values: this.#decode(bytes, start + 2), end };
  }

  #rowEnd(bytes: Buffer, start: number): number | undefined {
    let at = start;
    for (let column = 0; column < this.#columns.length; column += 1) {
      if (this.#lacks(bytes, at, 4, start - 2)) return undefined;
      const length = bytes.readInt32BE(at);
      at += 4;
      if (length <= 0) continue;
      if (this.#lacks(bytes, at, length, start - 2)) return undefined;
      at += length;
    }
    return at;
  }

  #lacks(bytes: Buffer, at: number, length: number, rowStart: number = at): boolean {
    if (at + length <= bytes.length) return false;
    this.#wanted = at + length - rowStart;
    return true;
  }

  #decode(bytes: Buffer, start: number): CopyRow<Columns> {
    const row: Record<string, unknown> = {};
    let at = start;
    for (const column of this.#columns) {
      const length = bytes.readInt32BE(at);
      at += 4;
      if (length === -1) {
        if (!column.nullable) throw malformed(`a null in column ${column.name}, which is not marked with '?'`);
        row[column.name] = null;
        continue;
      }
      if (column.width !== undefined && column.width !== length) {
        throw malformed(`${length} bytes in column ${column.name}, whose type has ${column.width}`);
      }
      row[column.name] = column.read(bytes, at, length);
      at += length;
    }
    // The one place where the shape is asserted: the loop above built it from `columns` itself.
    return row as CopyRow<Columns>;
  }
}

function columnReader(name: string, column: CopyColumn): ColumnReader {
  const nullable = column.endsWith('?');
  const kind = (nullable ? column.slice(0, -1) : column) as keyof CopyValues;
  return { name, nullable, width: WIDTHS[kind], read: READERS[kind] };
}

const WIDTHS: Readonly<Record<keyof CopyValues, number | undefined>> = {
  int2: 2,
  int4: 4,
  int8: 8,
  float8: 8,
  bool: 1,
  text: undefined,
  uuid: 16,
  bytea: undefined,
  timestamptz: 8,
  date: 4,
  jsonb: undefined,
};

type Readers = {
  readonly [Kind in keyof CopyValues]: (bytes: Buffer, at: number, length: number) => CopyValues[Kind];
};

const READERS: Readers = {
  int2: (bytes, at) => bytes.readInt16BE(at),
  int4: (bytes, at) => bytes.readInt32BE(at),
  int8: (bytes, at) => bytes.readBigInt64BE(at),
  float8: (bytes, at) => bytes.readDoubleBE(at),
  bool: (bytes, at) => bytes[at] === 1,
  text: (bytes, at, length) => bytes.toString('utf8', at, at + length),
  uuid: (bytes, at) => uuidText(bytes.toString('hex', at, at + 16)),
  bytea: (bytes, at, length) => bytes.subarray(at, at + length),
  timestamptz: (bytes, at) => instantOf(bytes.readBigInt64BE(at)),
  date: (bytes, at) => dateText(bytes.readInt32BE(at)),
  // The first byte is the version of the binary form, and always 1.
  jsonb: (bytes, at, length) => bytes.toString('utf8', at + 1, at + length),
};

function uuidText(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function instantOf(microseconds: bigint): number {
  if (microseconds === MICROSECONDS_INFINITY) return Number.POSITIVE_INFINITY;
  if (microseconds === -MICROSECONDS_INFINITY - 1n) return Number.NEGATIVE_INFINITY;
  // Cut towards the past, as the text form does: its fraction is always positive.
  const milliseconds = microseconds / 1_000n - (microseconds % 1_000n < 0n ? 1n : 0n);
  return Number(milliseconds + EPOCH_2000_MS);
}

function dateText(days: number): string {
  return new Date(Number(EPOCH_2000_MS) + days * DAY_MS).toISOString().slice(0, 10);
}

function malformed(what: string): EngineError {
  return new EngineError('other', `COPY binary: ${what}`);
}
