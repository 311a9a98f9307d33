import type { AnswerDocument } from '../api/answer-document.ts';

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
  /** Makes an administrator. Errors: `CommandFailure` where there is an account of the address. */
  createAccount(email: string, password: string): Promise<void>;
  /** Gives an administrator another password, which ends their sessions. Errors: `CommandFailure` where there is none. */
  renewAccount(email: string, password: string): Promise<void>;
};
