/** An answer of the HTTP interface that is an exception: the number and name are ClickHouse's (src/Common/ErrorCodes.cpp). */
export class ClickHouseFault extends Error {
  override readonly name = 'ClickHouseFault';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export function fault(code: number, type: string, message: string): ClickHouseFault {
  return new ClickHouseFault(code, `Code: ${code}. DB::Exception: ${message} (${type})`);
}

/** Engine error -> fault; anything without a ClickHouse code is a LOGICAL_ERROR of ours. */
export function asFault(error: unknown): ClickHouseFault {
  if (error instanceof ClickHouseFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  const found = /Code: (\d+)\. DB::(?:\w+)?Exception: /.exec(message);
  if (found === null) return fault(49, 'LOGICAL_ERROR', message);
  return new ClickHouseFault(Number(found[1]), message.slice(found.index));
}

const BAD_REQUEST = new Set([6, 26, 27, 33, 38, 41, 53, 62, 69, 70, 72, 117, 130, 394, 456, 457]);
const FORBIDDEN = new Set([164, 192, 193, 194, 195, 497, 516]);
const NOT_FOUND = new Set([36, 46, 47, 50, 60, 81, 115, 372]);

/** The HTTP status a ClickHouse server gives to an exception code (HTTPHandler, exceptionCodeToHTTPStatus). */
export function httpStatusOf(code: number): number {
  if (FORBIDDEN.has(code)) return 403;
  if (BAD_REQUEST.has(code)) return 400;
  if (NOT_FOUND.has(code)) return 404;
  if (code === 159) return 408;
  if (code === 396) return 413;
  if (code === 48) return 501;
  if (code === 202 || code === 210) return 503;
  return 500;
}
