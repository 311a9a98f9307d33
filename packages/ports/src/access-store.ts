import type { Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';

/** What an API token may do. `rights` reads what no consent covers, for the person's own request (S10). */
export const TOKEN_SCOPES = [
  'profiles:read',
  'reports:read',
  'sql:read',
  'consents:write',
  'consents:read',
  'quarantine:read',
  'quarantine:write',
  'identity:write',
  'imports:read',
  'imports:write',
  'flow:read',
  'rights:read',
  'keys:write',
  'exports:write',
] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** A source's key as it is listed: never the key itself. */
export type SourceKeyEntry = {
  readonly id: string;
  readonly source: SourceId;
  readonly createdAt: Instant;
  readonly lastUsedAt?: Instant;
  readonly revokedAt?: Instant;
};

export type ApiTokenEntry = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  /** Bound to one brand, or to none. */
  readonly brand?: BrandId;
  readonly createdAt: Instant;
  /** Of a token that a signing-in gave out. */
  readonly expiresAt?: Instant;
  readonly lastUsedAt?: Instant;
  readonly revokedAt?: Instant;
};

export type Account = {
  readonly email: string;
  /** argon2id, PHC form. */
  readonly password: string;
  readonly role: 'administrator';
};

/** One look at a person or at personal data (S10: audited). `subject` is a keyed hash, never a value. */
export type AccessEntry = {
  readonly at: Instant;
  readonly actor: string;
  readonly action: string;
  readonly brand?: BrandId;
  readonly purpose?: string;
  readonly subject?: string;
  readonly outcome: string;
  /** What more is known of it, without a value of anybody's. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
};

/** Keys, tokens, accounts and the log of who looked. Hashes come in; what they hash never does. */
export interface AccessStore {
  putSourceKey(hash: Buffer, entry: SourceKeyEntry): Promise<void>;
  sourceKeys(): Promise<readonly (SourceKeyEntry & { readonly hash: Buffer })[]>;
  /** False when there is no such key. */
  revokeSourceKey(id: string, at: Instant): Promise<boolean>;
  putApiToken(hash: Buffer, entry: ApiTokenEntry): Promise<void>;
  apiToken(hash: Buffer): Promise<ApiTokenEntry | undefined>;
  apiTokens(): Promise<readonly ApiTokenEntry[]>;
  revokeApiToken(id: string, at: Instant): Promise<boolean>;
  /** Notes the use of keys and tokens, by id; coarse: a use within a minute of the one noted, or before it, is passed over. */
  touch(used: ReadonlyMap<string, Instant>): Promise<void>;
  putAccount(account: Account, at: Instant): Promise<void>;
  account(email: string): Promise<Account | undefined>;
  /** Writes all of them, in their order, or none: each is on disk before it is answered. */
  log(entries: readonly AccessEntry[]): Promise<void>;
}
