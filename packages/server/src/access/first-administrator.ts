import { type AccessStore, TOKEN_SCOPES } from '@filrouge/ports';
import { type Accounts, newPassword } from './accounts.ts';
import type { ApiTokens } from './api-tokens.ts';

/** Where the first administrator signs in; the account's address can be changed by making another. */
export const FIRST_ADMINISTRATOR = 'admin@filrouge.example';

/** What the first administrator is told, once. */
export type Administrator = { readonly email: string; readonly password: string; readonly apiToken: string };

/**
 * On the very first start, makes an administrator and a token with every scope: without one nobody could make the next.
 * Undefined where a token was ever made.
 */
export async function ensureAdministrator(
  store: AccessStore,
  accounts: Accounts,
  tokens: ApiTokens,
): Promise<Administrator | undefined> {
  if ((await store.apiTokens()).length > 0) return undefined;
  return createAdministrator(accounts, tokens);
}

/** Makes an administrator with a fresh password (or gives the one there is a fresh one), and a token with every scope. */
export async function createAdministrator(accounts: Accounts, tokens: ApiTokens): Promise<Administrator> {
  const password = newPassword();
  await accounts.put(FIRST_ADMINISTRATOR, password);
  return { email: FIRST_ADMINISTRATOR, password, apiToken: await tokens.create('administrator', TOKEN_SCOPES) };
}
