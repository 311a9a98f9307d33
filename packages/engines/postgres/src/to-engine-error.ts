import { EngineError, type EngineFailure } from '@filrouge/ports';

/** SQL states (appendix A of PostgreSQL's manual) that the product decides on; the others are `other`. */
const FAILURE_OF_STATE: Readonly<Record<string, EngineFailure>> = {
  '23503': 'conflict',
  '23505': 'conflict',
  '23P01': 'conflict',
  '40001': 'serialization',
  '40P01': 'serialization',
  '53000': 'unavailable',
  '53100': 'disk-full',
  '53200': 'unavailable',
  '53300': 'unavailable',
  '55P03': 'timeout',
  '57014': 'timeout',
  '57P01': 'unavailable',
  '57P02': 'unavailable',
  '57P03': 'unavailable',
  '57P05': 'unavailable',
  '25P03': 'timeout',
};

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** The driver has no codes for these: its own sentences (pg 8.23, pg-pool 3.14). */
const DRIVER_SENTENCES =
  /connection terminated|connection ended|not queryable|timeout exceeded when trying to connect|cannot use a pool after calling end|timeout expired/i;

/**
 * Turns whatever the driver threw into an `EngineError` (an `EngineError` passes unchanged).
 * The server's own sentence is repeated only for class 42 (mistakes in our SQL): the others may quote a value.
 */
export function toEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  if (!(thrown instanceof Error)) return new EngineError('other', 'PostgreSQL: an unknown failure');
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && 'severity' in thrown) return fromSqlState(code, thrown);
  if ((code !== undefined && NETWORK_CODES.has(code)) || DRIVER_SENTENCES.test(thrown.message)) {
    return new EngineError('unavailable', `PostgreSQL cannot be reached (${code ?? 'connection closed'})`);
  }
  return new EngineError('other', `PostgreSQL driver: ${thrown.message}`);
}

function fromSqlState(sqlState: string, thrown: Error): EngineError {
  const constraint = 'constraint' in thrown && typeof thrown.constraint === 'string' ? thrown.constraint : undefined;
  const failure = FAILURE_OF_STATE[sqlState] ?? failureOfClass(sqlState, thrown.message);
  const spoken = sqlState.startsWith('42') || sqlState.startsWith('28') ? `: ${thrown.message}` : '';
  const on = constraint === undefined ? '' : ` on ${constraint}`;
  return new EngineError(failure, `PostgreSQL answered ${sqlState} (${failure})${on}${spoken}`, {
    code: sqlState,
    ...(constraint === undefined ? {} : { constraint }),
  });
}

function failureOfClass(sqlState: string, message: string): EngineFailure {
  if (sqlState.startsWith('08')) return 'unavailable';
  // An ENOSPC that surfaces as an I/O error (58030) instead of 53100, e.g. while WAL is extended.
  if (sqlState.startsWith('58') && /no space left/i.test(message)) return 'disk-full';
  return 'other';
}
