import { randomBytes } from 'node:crypto';
import type { Instant } from '@filrouge/domain/base';
import type { AccessStore } from '@filrouge/ports';
import { hash, verify } from '@node-rs/argon2';

/** Shorter ones are tried out within days; longer ones cost the hash more than it needs. */
export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 256;

/** argon2id (the library's default), by OWASP's recommendation: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Why an account cannot be made. */
export type AccountRefusal =
  | 'email-unreadable'
  | 'password-too-short'
  | 'password-too-long'
  | 'account-exists'
  | 'account-unknown';

/** People who may sign in. Until roles come every account is an administrator. */
export class Accounts {
  readonly #store: AccessStore;
  readonly #now: () => Instant;

  constructor(store: AccessStore, now: () => Instant) {
    this.#store = store;
    this.#now = now;
  }

  /** Makes an account where there is none of this address; answers why not. */
  async create(email: string, password: string): Promise<AccountRefusal | undefined> {
    return (await this.#isKnown(email)) ? 'account-exists' : this.put(email, password);
  }

  /** Gives an account another password; answers why not. */
  async renew(email: string, password: string): Promise<AccountRefusal | undefined> {
    return (await this.#isKnown(email)) ? this.put(email, password) : 'account-unknown';
  }

  async #isKnown(email: string): Promise<boolean> {
    return (await this.#store.account(email.toLowerCase())) !== undefined;
  }

  /** Makes an account, or gives an existing one a new password; answers why not. */
  async put(email: string, password: string): Promise<AccountRefusal | undefined> {
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) return 'email-unreadable';
    if (password.length < PASSWORD_LENGTH_MIN) return 'password-too-short';
    if (password.length > PASSWORD_LENGTH_MAX) return 'password-too-long';
    const account = {
      email: email.toLowerCase(),
      password: await hash(password, COST),
      role: 'administrator' as const,
    };
    await this.#store.putAccount(account, this.#now());
    return undefined;
  }

  /** Whether the password is the account's; it takes as long where there is no such account. */
  async isRight(email: string, password: string): Promise<boolean> {
    const account = await this.#store.account(email.toLowerCase());
    if (password.length > PASSWORD_LENGTH_MAX) return false;
    if (account === undefined) {
      await hash(password, COST);
      return false;
    }
    return verify(account.password, password);
  }
}

/** A password that nobody needs to remember: 144 random bits in letters and digits that one can type. */
export function newPassword(): string {
  return randomBytes(18).toString('base64url');
}
