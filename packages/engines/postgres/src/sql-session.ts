import { EngineError } from '@filrouge/ports';
import type pg from 'pg';
import { type CopyColumns, type CopyRow, copyRows } from './copy-binary.ts';
import type { SqlValue } from './sql-types.ts';
import { toEngineError } from './to-engine-error.ts';

/** SQL text, or the same with a name: a named statement is parsed once a connection (for the hot ones). */
export type SqlStatement = string | { readonly name: string; readonly text: string };

/** Something that runs SQL: the pool, one connection of it, or an open transaction. Every failure is an `EngineError`. */
export interface Sql {
  /** The rows of one statement; `Row` is the caller's word for its shape (see `TYPE_PARSERS` for the values). */
  query<Row extends object>(statement: SqlStatement, values?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** Runs one statement for its effect; answers how many rows it touched. */
  execute(statement: SqlStatement, values?: readonly SqlValue[]): Promise<number>;
  /** Streams the rows of a query that takes no parameters, decoded from the binary form: see `copyRows`. */
  copyRows<Columns extends CopyColumns>(query: string, columns: Columns): AsyncGenerator<CopyRow<Columns>, void, void>;
}

/** An open transaction. */
export interface Transaction extends Sql {
  /** Sends a statement whose answer is needed by nobody before the commit; where it fails, so does the transaction. */
  send(statement: SqlStatement, values?: readonly SqlValue[]): void;
}

/**
 * One connection as `Sql`. Calls queue behind each other: the driver must not be given a statement while another runs
 * (it deprecates that, and version 9 refuses it), and callers may still write `Promise.all`. On a pipelined connection
 * (PostgreSQL manual, 55.2.4) they go out as they are called, in order, and the answers come in the same order.
 */
export class SqlSession implements Transaction {
  readonly #client: pg.ClientBase;
  readonly #pipelined: boolean;
  #last: Promise<unknown> = Promise.resolve();
  #sent: Promise<unknown>[] = [];
  #broken = false;
  #closed = false;

  constructor(client: pg.ClientBase, pipelined = false) {
    this.#client = client;
    this.#pipelined = pipelined;
  }

  /** True when the connection must not go back to the pool. */
  get broken(): boolean {
    return this.#broken;
  }

  /** The connection goes back: whoever still holds this session (a promise nobody awaited) gets an error from now on. */
  close(): void {
    this.#closed = true;
  }

  /** The connection's state is not known any more: it must not be used again. */
  discard(): void {
    this.#broken = true;
  }

  async query<Row extends object>(statement: SqlStatement, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
    const result = await this.run(statement, values);
    return result.rows as Row[];
  }

  async execute(statement: SqlStatement, values: readonly SqlValue[] = []): Promise<number> {
    const result = await this.run(statement, values);
    return result.rowCount ?? 0;
  }

  send(statement: SqlStatement, values: readonly SqlValue[] = []): void {
    const answer = this.run(statement, values);
    answer.catch(() => undefined);
    this.#sent.push(answer);
  }

  /** The answers of what was sent. */
  sent(): readonly Promise<unknown>[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  /** The driver's own answer, for what needs the command tag. */
  run(statement: SqlStatement, values: readonly SqlValue[]): Promise<pg.QueryResult> {
    return this.#inTurn(async () => {
      this.#refuseWhenClosed();
      const config =
        typeof statement === 'string' ? { text: statement } : { name: statement.name, text: statement.text };
      try {
        // Without values the driver takes the simple protocol, which is the one that runs migration files.
        return await this.#client.query(values.length === 0 ? config : { ...config, values: [...values] });
      } catch (error) {
        throw this.#judged(error);
      }
    });
  }

  async *copyRows<Columns extends CopyColumns>(
    query: string,
    columns: Columns,
  ): AsyncGenerator<CopyRow<Columns>, void, void> {
    let release: () => void = () => undefined;
    const taken = new Promise<void>((resolve) => {
      release = resolve;
    });
    const previous = this.#last;
    this.#last = taken;
    await previous;
    let complete = false;
    try {
      this.#refuseWhenClosed();
      yield* copyRows(this.#client, query, columns);
      complete = true;
    } catch (error) {
      const failure = this.#judged(error);
      complete = failure.code !== undefined;
      throw failure;
    } finally {
      // A reader that stopped early leaves the server sending: the connection is of no further use.
      if (!complete) this.#broken = true;
      release();
    }
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new EngineError('other', 'a statement after its transaction or session had ended');
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#pipelined) return work();
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #judged(error: unknown): ReturnType<typeof toEngineError> {
    const failure = toEngineError(error);
    if (failure.failure === 'unavailable') this.#broken = true;
    return failure;
  }
}
