import type { AnswerDocument } from '../api/answer-document.ts';
import { type ApiOptions, apiClientOf } from '../api/api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { withInstallation } from '../offline/open-installation.ts';
import { offlineDesk } from './offline-desk.ts';
import { onlineDesk } from './online-desk.ts';

/** A secret that was just made: told once, kept nowhere but as a hash. */
export type MadeSecret = { readonly id: string; readonly secret: string };

/** Where keys, tokens and accounts are made: at a running server, or in the data directory when none runs. */
export type AccessDesk = {
  createKey(source: string): Promise<MadeSecret>;
  keys(): Promise<readonly AnswerDocument[]>;
  /** Errors: `CommandFailure` when there is no such key. */
  revokeKey(id: string): Promise<void>;
  createToken(name: string, scopes: readonly string[], brand: string | undefined): Promise<MadeSecret>;
  tokens(): Promise<readonly AnswerDocument[]>;
  revokeToken(id: string): Promise<void>;
  /** Makes an administrator, or gives the one there is another password. */
  putAccount(email: string, password: string): Promise<void>;
};

export type DeskOptions = ApiOptions & { readonly offline?: true };

/** The desk that the options ask for, for the time of `work`. */
export async function withDesk<T>(
  context: CommandContext,
  options: DeskOptions,
  work: (desk: AccessDesk) => Promise<T>,
): Promise<T> {
  if (options.offline !== true) return work(onlineDesk(apiClientOf(context, options)));
  return withInstallation(context, (offline, { deployment }) => work(offlineDesk(offline, deployment)));
}
