import type { BrandId, Deployment, SourceId } from '@filrouge/domain/deployment';
import { type Offline, secretId, TOKEN_SCOPES, type TokenScope } from '@filrouge/server';
import { documentOf } from '../api/answer-document.ts';
import type { FailureWords } from '../api/reworded.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';
import type { AccessDesk } from './access-desk.ts';
import { accountWords, unknownId } from './access-words.ts';

/** The desk in the data directory itself: for the first key, and for who lost every token. */
export function offlineDesk({ keys, tokens, accounts }: Offline, deployment: Deployment): AccessDesk {
  return {
    async createKey(source) {
      demandKnown('source', source, [...deployment.sources.keys()]);
      const secret = await keys.create(source as SourceId);
      return { id: secretId(secret), secret };
    },
    keys: async () => (await keys.list()).map(shown),
    async revokeKey(id) {
      if (!(await keys.revoke(id))) throw failureOf(unknownId('key', id));
    },
    async createToken(name, scopes, brand) {
      for (const scope of scopes) demandKnown('scope', scope, TOKEN_SCOPES);
      if (brand !== undefined) demandKnown('brand', brand, [...deployment.brands.keys()]);
      const secret = await tokens.create(name, scopes as readonly TokenScope[], brand as BrandId | undefined);
      return { id: secretId(secret), secret };
    },
    tokens: async () => (await tokens.list()).map(shown),
    async revokeToken(id) {
      if (!(await tokens.revoke(id))) throw failureOf(unknownId('token', id));
    },
    async createAccount(email, password) {
      refuseOver(await accounts.create(email, password), email);
    },
    async renewAccount(email, password) {
      refuseOver(await accounts.renew(email, password), email);
      await tokens.endSessions(email.toLowerCase());
    },
  };
}

function demandKnown(what: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw new CommandFailure(`there is no ${what} ${name}`, `Name one of: ${known.join(', ')}`, EXIT.usage);
}

function refuseOver(refusal: string | undefined, email: string): void {
  const words = accountWords(refusal, email);
  if (words !== undefined) throw failureOf(words);
}

function failureOf({ what, mend, exitCode }: FailureWords): CommandFailure {
  return new CommandFailure(what, mend, exitCode);
}

/** Instants as the API shows them. */
function shown(entry: object): ReturnType<typeof documentOf> {
  return Object.fromEntries(
    Object.entries(documentOf(entry)).map(([name, value]) => [
      name,
      name.endsWith('At') && typeof value === 'number' ? new Date(value).toISOString() : value,
    ]),
  );
}
