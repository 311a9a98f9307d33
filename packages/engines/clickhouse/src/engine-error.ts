import { ClickHouseError } from '@clickhouse/client';

/**
 * Why the engine could not do what it was asked, in words the rest of the product may decide on:
 * - `unavailable`: no answer, or the server is starting, stopping or full; repeat the same range later.
 * - `timeout`: the statement took longer than its limit.
 * - `memory`: the statement or the engine as a whole would have passed its limit.
 * - `disk-full`: the server has no room left.
 * - `other`: a mistake in our SQL or in the installation: a bug to report, not a case to handle.
 */
export type EngineFailure = 'unavailable' | 'timeout' | 'memory' | 'disk-full' | 'other';

/** The only error that leaves this engine. `code` is the number of ClickHouse's src/Common/ErrorCodes.cpp. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly failure: EngineFailure;
  readonly code: number | undefined;

  constructor(failure: EngineFailure, message: string, code?: number) {
    super(message);
    this.failure = failure;
    this.code = code;
  }
}

const FAILURE_OF_CODE: Readonly<Record<number, EngineFailure>> = {
  159: 'timeout',
  160: 'timeout',
  202: 'unavailable',
  209: 'unavailable',
  210: 'unavailable',
  241: 'memory',
  243: 'disk-full',
  394: 'unavailable',
};

/** Codes whose sentence speaks of our SQL alone; the others may quote a row and are not repeated. */
const SPEAKS_OF_SQL = new Set([36, 43, 44, 46, 47, 48, 57, 60, 62, 80, 81, 82, 115, 159, 164, 206, 241, 456, 497, 516]);

/** Turns whatever the client threw into an `EngineError` (an `EngineError` passes unchanged). */
export function toEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  if (thrown instanceof ClickHouseError) {
    const code = Number(thrown.code);
    const spoken = SPEAKS_OF_SQL.has(code) ? `: ${thrown.message.slice(0, 2_000)}` : '';
    const failure = FAILURE_OF_CODE[code] ?? 'other';
    return new EngineError(failure, `ClickHouse answered ${code} ${thrown.type ?? ''}${spoken}`, code);
  }
  if (!(thrown instanceof Error)) return new EngineError('other', 'ClickHouse: an unknown failure');
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  if (code !== undefined || /socket|timeout|aborted|network/i.test(thrown.message)) {
    return new EngineError('unavailable', `ClickHouse cannot be reached (${code ?? thrown.message})`);
  }
  return new EngineError('other', `ClickHouse client: ${thrown.message}`);
}
