import { credentialsOf } from '@filrouge/wire';
import type { FastifyRequest } from 'fastify';
import { ProblemAnswer } from '../http/problem-answer.ts';

/** Secrets say by their prefix what they are (`newSecret`). */
const WRITE_KEY = /^(web|app|server|store)_/;
const API_TOKEN = /^api_/;
/** As lists name a secret (`secretId`): far shorter than one. */
const KEY_ID = /^(web|app|server|store|key)_[0-9a-f]{12}$/;
const TOKEN_ID = /^api_[0-9a-f]{12}$/;

/** 401 for write keys that nobody knows; says so where one of them is an API token. */
export function unknownWriteKey(offered: readonly string[]): ProblemAnswer {
  if (offered.some((key) => KEY_ID.test(key))) {
    return new ProblemAnswer('write-key-unknown', {
      detail:
        'This is the id of a key. The key itself was shown once, when it was made; filrouge key create makes another.',
    });
  }
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
  if (TOKEN_ID.test(offered?.writeKey ?? '')) {
    const detail = 'This is the id of a token. The token was shown once; filrouge token create makes another.';
    return new ProblemAnswer(code, { detail });
  }
  if (offered?.via !== 'basic') return new ProblemAnswer(code);
  return new ProblemAnswer(code, { detail: 'Send the token as Authorization: Bearer, not as Basic.' });
}
