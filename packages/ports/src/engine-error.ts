/**
 * Why an engine could not do what it was asked, in words the rest of the product may decide on:
 * - `unavailable`: no connection or answer, or the server is starting, stopping or full; try again later.
 * - `outcome-unknown`: the connection broke while COMMIT was under way; look whether the work is there before repeating it.
 * - `conflict`: a unique, exclusion or foreign key constraint refused the rows.
 * - `serialization`: a concurrent transaction won (or a deadlock was cut); repeat the whole transaction.
 * - `timeout`: the statement or a lock took longer than its limit.
 * - `memory`: the statement or the engine as a whole would have passed its limit.
 * - `disk-full`: the server has no room left; nothing was written.
 * - `other`: a mistake in our own statement or in the installation: a bug to report, not a case to handle.
 */
export type EngineFailure =
  | 'unavailable'
  | 'outcome-unknown'
  | 'conflict'
  | 'serialization'
  | 'timeout'
  | 'memory'
  | 'disk-full'
  | 'other';

/** What an engine knows of a failure besides its kind. */
export type EngineFailureDetails = {
  readonly code?: string | undefined;
  readonly constraint?: string | undefined;
};

/**
 * The only error that leaves an engine; its message is a sentence for the operator. It carries no `cause` and no detail
 * of the server's: both may quote row values. Which of the engine's codes is which failure, each engine says itself.
 */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly failure: EngineFailure;
  /** The engine's own: a SQL state, a number of ClickHouse's; absent for a broken connection. */
  readonly code: string | undefined;
  /** Name of the constraint that refused, if one did. */
  readonly constraint: string | undefined;

  constructor(failure: EngineFailure, message: string, known: EngineFailureDetails = {}) {
    super(message);
    this.failure = failure;
    this.code = known.code;
    this.constraint = known.constraint;
  }
}
