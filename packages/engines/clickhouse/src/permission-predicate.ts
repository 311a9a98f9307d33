import type { Instant } from '@filrouge/domain/base';
import type { Purpose, Use } from '@filrouge/domain/consent';

/** Which rows a statement reads: all from terminals, none, or either. It only spares what the others would need. */
export type RowsOf = 'terminals' | 'elsewhere' | 'anywhere';

export type PredicateInput = {
  readonly purpose: Purpose;
  readonly use: Use;
  readonly now: Instant;
  /** Alias of the rows; they have `thread`, `device`, `c`, `purposes`, `bot` and `terminal`. */
  readonly rows: string;
  readonly from: RowsOf;
  /** Outside of which threads no state is needed, in SQL for IN. It narrows what is read, never what is allowed. */
  readonly among?: { readonly claims?: string; readonly terminals?: string };
};

/** SQL to put after the rows, and the condition for WHERE. The statement binds `brand` and these parameters. */
export type PermissionPredicate = {
  readonly joins: string;
  /** What can be told from the row alone: cheap, so that it comes before the joins. */
  readonly onRow: string;
  /** The whole condition, `onRow` included. */
  readonly condition: string;
  /**
   * The threads that may be a claim of a row the condition lets pass, in SQL for IN; absent where that cannot be told
   * of the claim alone. Replaced states are among them: it narrows what is read, never what is allowed.
   */
  readonly mayPass?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
};

/** A part of a standing in SQL: `device` is the terminal's, `person` the claim's. */
type Part = 'device' | 'person';
/** What decides and what may close it for one kind of row (S8), in the words of `partsOf` in domain/consent. */
type Parts = { readonly deciding: Part; readonly closing: readonly Part[] };

/**
 * The one consent predicate of reports (S10): usable(row, purpose, use) of domain/consent, in SQL. No other SQL
 * decides on consent. A thread without state is unknown, which opens nothing; an absent join gives exactly that.
 */
export function permissionPredicate(input: PredicateInput): PermissionPredicate {
  const { purpose, rows, from } = input;
  const bit = (1n << BigInt(purpose.bit)).toString();
  const onRow = `bitAnd(${rows}.purposes, ${bit}) != 0 AND NOT ${rows}.bot`;
  if (purpose.basis === 'legal-obligation') return { joins: '', onRow, condition: `(${onRow})`, parameters: {} };
  const terminal = partsOnTerminal(purpose);
  const elsewhere = partsElsewhere(purpose);
  const needed = from === 'terminals' ? [terminal] : from === 'elsewhere' ? [elsewhere] : [terminal, elsewhere];
  const allowed =
    from === 'anywhere' && !sameParts(terminal, elsewhere)
      ? `if(${rows}.terminal, ${standing(terminal, input)}, ${standing(elsewhere, input)})`
      : standing(needed[0] ?? terminal, input);
  return {
    joins: joinsOf(needed, input),
    onRow,
    condition: `(${onRow} AND ${allowed})`,
    ...(purpose.basis === 'consent' && needed.every(({ deciding }) => deciding === 'person') ? { mayPass: GIVEN } : {}),
    parameters: { permission_bit: purpose.bit, permission_now: input.now },
  };
}

const GIVEN =
  "SELECT thread FROM consent_state WHERE brand = {brand:String} AND bit = {permission_bit:UInt8} AND person = 'given'";

function partsElsewhere({ scope }: Purpose): Parts {
  return { deciding: scope.person ? 'person' : 'device', closing: [] };
}

/**
 * On a terminal. What the terminal itself said closes too: beside a deciding device part that is the same state and
 * says nothing new, beside a deciding person part it is the device part of the row's terminal.
 */
function partsOnTerminal({ scope }: Purpose): Parts {
  if (!scope.person) return { deciding: 'device', closing: [] };
  return scope.device ? { deciding: 'device', closing: ['person'] } : { deciding: 'person', closing: ['device'] };
}

function sameParts(a: Parts, b: Parts): boolean {
  return a.deciding === b.deciding && a.closing.join() === b.closing.join();
}

function standing(parts: Parts, input: PredicateInput): string {
  const { purpose, use, rows } = input;
  const { deciding, closing } = parts;
  if (purpose.basis !== 'consent') {
    const closed = [objected(deciding), ...closing.map((part) => beside(part, rows, objected(part)))];
    return `(${closed.map((condition) => `NOT (${condition})`).join(' AND ')})`;
  }
  const alias = aliasOf(deciding);
  const lines = [`${alias}.${deciding} = 'given'`, `${rows}.c >= ${alias}.${deciding}_run_since`];
  if (use !== 'aggregate') {
    lines.push(`${alias}.${deciding}_until > fromUnixTimestamp64Milli({permission_now:Int64}, 'UTC')`);
  }
  for (const part of closing) {
    const other = aliasOf(part);
    lines.push(`NOT (${beside(part, rows, closes(part))})`);
    const after = `${other}.${part} = 'given' AND ${other}.${part}_follows_negative AND ${rows}.c < ${other}.${part}_run_since`;
    lines.push(`NOT (${beside(part, rows, after)})`);
  }
  return `(${lines.join(' AND ')})`;
}

/** A terminal's own word stands beside its claim only where the claim is another: else it is the claim's already. */
function beside(part: Part, rows: string, condition: string): string {
  return part === 'device' ? `${rows}.device != ${rows}.thread AND (${condition})` : condition;
}

function closes(part: Part): string {
  const column = `${aliasOf(part)}.${part}`;
  return `${column} IN ('refused', 'withdrawn', 'objected') OR (${column} = 'requested' AND ${column}_over != 'unknown')`;
}

function objected(part: Part): string {
  const column = `${aliasOf(part)}.${part}`;
  return `${column} = 'objected' OR (${column} = 'requested' AND ${column}_over = 'objected')`;
}

function aliasOf(part: Part): string {
  return part === 'device' ? 'of_terminal' : 'of_claim';
}

function joinsOf(needed: readonly Parts[], input: PredicateInput): string {
  const used = new Set(needed.flatMap(({ deciding, closing }) => [deciding, ...closing]));
  const joins: string[] = [];
  for (const part of used) {
    const key = part === 'device' ? 'device' : 'thread';
    joins.push(
      `LEFT ANY JOIN (${statesOf(part, needed, input)}) AS ${aliasOf(part)} ON ${aliasOf(part)}.thread = ${input.rows}.${key}`,
    );
  }
  return joins.join('\n');
}

/** The states that can change the answer: a deciding part is read where it is given, a closing one where it closes. */
function statesOf(part: Part, needed: readonly Parts[], input: PredicateInput): string {
  const columns = ['', '_over', '_run_since', '_follows_negative', '_until'].map((suffix) => `${part}${suffix}`);
  const telling = new Set<string>();
  for (const { deciding } of needed) {
    if (input.purpose.basis !== 'consent') telling.add(`${part} IN ('requested', 'objected')`);
    else if (deciding === part) telling.add(`${part} = 'given'`);
    else telling.add(`${part} NOT IN ('unknown', 'given') OR ${part}_follows_negative`);
  }
  const threads = part === 'device' ? input.among?.terminals : input.among?.claims;
  const among = threads === undefined ? '' : ` AND thread IN (${threads})`;
  // With FINAL the engine reads all columns before it looks at any condition, unless told; those on the key may come first.
  return `SELECT thread, ${columns.join(', ')} FROM consent_state FINAL
    PREWHERE brand = {brand:String} AND bit = {permission_bit:UInt8}${among} WHERE (${[...telling].join(' OR ')})`;
}
