import type { Instant, Result } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import type { ReadPermission } from './event-store.ts';

/** What stands in a text in two languages. */
type InBoth = { readonly en: string; readonly fr: string };

export type SqlColumn = { readonly name: string; readonly type: string };

/** A view that a query may read; nothing else is readable. */
export type SqlTable = {
  readonly name: string;
  readonly about: InBoth;
  readonly columns: readonly (SqlColumn & { readonly about: InBoth })[];
};

/** What a placeholder `{name:Type}` of a query stands for. */
export type SqlValue = string | number | boolean | readonly (string | number | boolean)[];

export type SqlQuestion = {
  readonly brand: BrandId;
  readonly permission: ReadPermission;
  /** One SELECT in the engine's dialect, as a stranger wrote it. */
  readonly text: string;
  readonly parameters: Readonly<Record<string, SqlValue>>;
  /** Events from here on, and before there; half-open. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** 1 to `SQL_ROWS_MAX`. */
  readonly rowsMax: number;
};

/** Of an answer; one row more than asked for is never sent. */
export const SQL_ROWS_MAX = 100_000;
/** Longer texts are written by machines. Unit: characters. */
export const SQL_TEXT_MAX = 32_768;

/**
 * Why a query was not answered:
 * - `unreadable`: no text of the dialect; `statement`: more than one, or no SELECT; `clause`: a part that is not allowed;
 * - `table`, `function`: one that is not on the list; `name`: one that the query may not give; `parameter`: one that is
 *   missing, superfluous or of a type that is not allowed;
 * - `wrong`: it reads well but cannot be answered: an unknown column, types that do not fit;
 * - `failed`: an expression failed on a row; `time`, `memory`, `size`: a limit was met; `busy`: too many at once.
 */
export const SQL_REFUSALS = [
  'unreadable',
  'statement',
  'clause',
  'table',
  'function',
  'name',
  'parameter',
  'wrong',
  'failed',
  'time',
  'memory',
  'size',
  'busy',
] as const;
export type SqlRefusalCode = (typeof SQL_REFUSALS)[number];

export type SqlRefusal = {
  readonly code: SqlRefusalCode;
  /** What exactly: a name of the query's own, or a sentence of the engine's about its text. No value of a row. */
  readonly what?: string;
  /** Where in the query's own text, both from 1. */
  readonly at?: { readonly line: number; readonly column: number };
};

export type SqlAnswer = {
  readonly columns: readonly SqlColumn[];
  /** JSON values in the order of the columns. 64-bit integers beyond 2^53 are text. */
  readonly rows: readonly (readonly unknown[])[];
  /** There were more rows than asked for. */
  readonly truncated: boolean;
};

/**
 * Answers queries of strangers over views that hold what the one predicate lets through (S10), and nothing else: no
 * table, file, network or setting of the engine's. It has no twin in memory: what it promises is the engine's dialect.
 */
export interface SqlDoor {
  readonly tables: readonly SqlTable[];
  ask(question: SqlQuestion): Promise<Result<SqlAnswer, SqlRefusal>>;
  /** The text as it may be kept: literals and comments, in which a person may be named, are taken out. */
  withoutValues(text: string): string;
  close(): Promise<void>;
}
