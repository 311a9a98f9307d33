import { PROBLEMS, type ProblemCode, type ProblemKind, problemLanguage, problemOf } from '@filrouge/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';

const STATUS: Readonly<Record<ProblemKind, number>> = {
  malformed: 400,
  'too-large': 413,
  'head-too-large': 431,
  'too-slow': 408,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  gone: 410,
  'wrong-method': 405,
  conflict: 409,
  'too-many': 429,
  unavailable: 503,
  internal: 500,
};

/** What a handler throws to end a request with a problem document (RFC 9457). */
export class ProblemAnswer extends Error {
  override readonly name = 'ProblemAnswer';
  readonly code: ProblemCode;
  readonly pointer: string;
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** More members of the document. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    code: ProblemCode,
    known: {
      readonly pointer?: string;
      readonly detail?: string;
      readonly retryAfterSeconds?: number;
      readonly extra?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(code);
    this.code = code;
    this.pointer = known.pointer ?? '';
    this.detail = known.detail;
    this.retryAfterSeconds = known.retryAfterSeconds;
    this.extra = known.extra ?? {};
  }
}

export function statusOf(code: ProblemCode): number {
  return STATUS[PROBLEMS[code].kind];
}

/** Sends the document in the language the client asked for. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: ProblemAnswer): FastifyReply {
  const status = statusOf(problem.code);
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.retryAfterSeconds));
  if (status === 401) reply.header('www-authenticate', 'Bearer, Basic realm="filrouge"');
  const { code, pointer, detail } = problem;
  const refusal = detail === undefined ? { code, pointer } : { code, pointer, detail };
  const document = problemOf(refusal, problemLanguage(request.headers['accept-language']), status);
  return reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify({ ...document, ...problem.extra }));
}
