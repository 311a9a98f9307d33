import { credentialsOf } from '@filrouge/wire';
import type { FastifyRequest } from 'fastify';
import { ProblemAnswer } from '../http/problem-answer.ts';

/** Secrets say by their prefix what they are (`newSecret`). */
const WRITE_KEY = /^(web|app|server|store)_/;
const API_TOKEN = /^api_/;

/** 401 for write keys that nobody knows; says so where one of them is an API token. */
export function unknownWriteKey(offered: readonly string[]): ProblemAnswer {
  if (!offered.some((key) => API_TOKEN.test(key))) return new ProblemAnswer('write-key-unknown');
  return new ProblemAnswer('write-key-unknown', {
    detail: 'This is an API token (api_…); send the write key of a source, which filrouge key create makes.',
  });
}

/** 401 for a request without a token that is known; says so where a write key stands in its place. */
export function unknownToken({ headers }: Pick<FastifyRequest, 'headers'>): ProblemAnswer {
  const { authorization } = headers;
  const xWriteKey = headers['x-write-key'];
  const [offered] = credentialsOf({ authorization, xWriteKey: typeof xWriteKey === 'string' ? xWriteKey : undefined });
  const code = authorization === undefined ? 'token-missing' : 'token-unknown';
  const [, kind] = WRITE_KEY.exec(offered?.writeKey ?? '') ?? [];
  if (kind !== undefined) {
    const detail = `This is a write key (${kind}_…); send an API token (api_…), which filrouge token create makes.`;
    return new ProblemAnswer(code, { detail });
  }
  if (offered?.via !== 'basic') return new ProblemAnswer(code);
  return new ProblemAnswer(code, { detail: 'Send the token as Authorization: Bearer, not as Basic.' });
}
