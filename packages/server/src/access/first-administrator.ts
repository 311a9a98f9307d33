import { type AccessStore, TOKEN_SCOPES } from '@filrouge/ports';
import { type Accounts, newPassword } from './accounts.ts';
import type { ApiTokens } from './api-tokens.ts';

/** Where the first administrator signs in; the account's address can be changed by making another. */
export const FIRST_ADMINISTRATOR = 'admin@filrouge.example';

/** What the first administrator is told, once. */
export type Administrator = { readonly email: string; readonly password: string; readonly apiToken: string };

/** The parts of a running or offline installation that keep accounts and tokens. */
export type AccessRooms = {
  readonly access: AccessStore;
  readonly accounts: Accounts;
  readonly tokens: ApiTokens;
};

/**
 * On the very first start, makes an administrator and a token with every scope: without one nobody could make the next.
 * Undefined where a token was ever made.
 */
export async function ensureAdministrator(rooms: AccessRooms): Promise<Administrator | undefined> {
  return (await rooms.access.apiTokens()).length > 0 ? undefined : createAdministrator(rooms);
}

/** Makes an administrator with a fresh password (or gives the one there is a fresh one), and a token with every scope. */
export async function createAdministrator({
  accounts,
  tokens,
}: Pick<AccessRooms, 'accounts' | 'tokens'>): Promise<Administrator> {
  const password = newPassword();
  const refusal = await accounts.put(FIRST_ADMINISTRATOR, password);
  if (refusal !== undefined) throw new Error(`the first administrator was refused: ${refusal}`);
  return { email: FIRST_ADMINISTRATOR, password, apiToken: await tokens.create('administrator', TOKEN_SCOPES) };
}
