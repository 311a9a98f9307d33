import { ClickHouseError } from '@clickhouse/client';
import { EngineError, type EngineFailure } from '@filrouge/ports';

/** Numbers of ClickHouse's src/Common/ErrorCodes.cpp that the product decides on; the others are `other`. */
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
    return new EngineError(failure, `ClickHouse answered ${code} ${thrown.type ?? ''}${spoken}`, { code: thrown.code });
  }
  if (!(thrown instanceof Error)) return new EngineError('other', 'ClickHouse: an unknown failure');
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  if (code !== undefined || /socket|timeout|aborted|network/i.test(thrown.message)) {
    return new EngineError('unavailable', `ClickHouse cannot be reached (${code ?? thrown.message})`);
  }
  return new EngineError('other', `ClickHouse client: ${thrown.message}`);
}
