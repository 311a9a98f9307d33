import { TOKEN_SCOPES } from '@filrouge/ports';
import { z } from 'zod';
import { type AccountRefusal, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '../../access/accounts.ts';
import type { Bearer } from '../../access/api-tokens.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import { type ApiRoute, apiRoute } from '../api-route.ts';
import { instantShown } from '../common-schemas.ts';

const email = z
  .string()
  .min(3)
  .max(254)
  .regex(/^[^\s@]+@[^\s@]+$/, 'an e-mail address, like name@company.example');

const accountBody = z.strictObject({
  email,
  password: z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX),
});
const accountAnswer = z.object({ email: z.string(), role: z.literal('administrator') });

/** The address that is asked for. An administrator may do everything: whoever may not cannot make one. */
function accountFor(bearer: Bearer, body: z.output<typeof accountBody>): string {
  const missing = TOKEN_SCOPES.find((scope) => !bearer.scopes.includes(scope));
  if (missing !== undefined) throw new ProblemAnswer('scope-missing', { detail: missing });
  if (bearer.brand !== undefined) throw new ProblemAnswer('brand-not-allowed');
  return body.email.toLowerCase();
}

function refuseOver(refusal: AccountRefusal | undefined): void {
  switch (refusal) {
    case undefined:
      return;
    case 'account-exists':
    case 'account-unknown':
      throw new ProblemAnswer(refusal, { pointer: '/email' });
    case 'email-unreadable':
      throw new ProblemAnswer('value-not-allowed', { pointer: '/email', detail: refusal });
    case 'password-too-short':
    case 'password-too-long':
      throw new ProblemAnswer('value-not-allowed', { pointer: '/password', detail: refusal });
  }
}

/** Accounts of people, and signing in. Roles come later: every account is an administrator. */
export const ACCOUNT_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    method: 'POST',
    path: '/api/accounts',
    tag: 'Access',
    summary: 'A new administrator',
    scope: 'keys:write',
    body: accountBody,
    status: 201,
    answer: accountAnswer,
    problems: ['scope-missing', 'brand-not-allowed', 'account-exists'],
    async handle({ service, bearer, body, audit }) {
      const address = accountFor(bearer, body);
      audit({ action: 'account/create', subject: address });
      refuseOver(await service.accounts.create(address, body.password));
      return { email: address, role: 'administrator' as const };
    },
  }),
  apiRoute({
    method: 'POST',
    path: '/api/accounts/password',
    tag: 'Access',
    summary: 'Another password for an administrator: their sessions end',
    scope: 'keys:write',
    body: accountBody,
    status: 200,
    answer: accountAnswer,
    problems: ['scope-missing', 'brand-not-allowed', 'account-unknown'],
    async handle({ service, bearer, body, audit }) {
      const address = accountFor(bearer, body);
      audit({ action: 'account/password', subject: address });
      refuseOver(await service.accounts.renew(address, body.password));
      await service.tokens.endSessions(address);
      return { email: address, role: 'administrator' as const };
    },
  }),
  apiRoute({
    method: 'POST',
    path: '/api/session',
    tag: 'Access',
    summary: 'Sign in: a token with every scope that ends by itself after an hour',
    scope: 'nobody',
    body: z.strictObject({ email, password: z.string().min(1).max(PASSWORD_LENGTH_MAX) }),
    status: 201,
    answer: z.object({
      id: z.string(),
      token: z.string(),
      scopes: z.array(z.enum(TOKEN_SCOPES)),
      expiresAt: instantShown,
    }),
    problems: ['credentials-wrong', 'too-many-attempts'],
    async handle({ service, body, request, audit }) {
      const { accounts, attempts, tokens } = service;
      const address = body.email.toLowerCase();
      // What a stranger types is nobody's address: it is on record once it was right.
      audit({ action: 'session' });
      const wait = attempts.take(address, request.ip, performance.now());
      if (wait !== undefined) throw new ProblemAnswer('too-many-attempts', { retryAfterSeconds: wait.waitSeconds });
      if (!(await accounts.isRight(address, body.password))) throw new ProblemAnswer('credentials-wrong');
      attempts.succeeded(address);
      audit({ action: 'session', subject: address });
      const { secret, entry } = await tokens.createSession(address);
      return {
        id: entry.id,
        token: secret,
        scopes: entry.scopes,
        expiresAt: new Date(entry.expiresAt ?? entry.createdAt).toISOString(),
      };
    },
  }),
];
