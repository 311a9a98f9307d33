import { HOUR_MS, type Instant, instant, MINUTE_MS } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import { type AccessStore, type ApiTokenEntry, TOKEN_SCOPES, type TokenScope } from '@filrouge/ports';
import { hashSecret, newSecret, secretId } from './secret-text.ts';

/** Who asks, once the token was checked. */
export type Bearer = Pick<ApiTokenEntry, 'id' | 'name' | 'scopes' | 'brand'>;

/** How long a signing-in lasts. */
const SESSION_MS = HOUR_MS;
/** Clocks are set back a little now and then. Unit: ms. */
const SESSION_SLACK_MS = 5 * MINUTE_MS;

/** Tokens that a signing-in gave out bear the account's address after this; nobody else may name a token so. */
export const SESSION_NAME_PREFIX = 'session:';

/** Tokens of the management API: each with its scopes, perhaps bound to one brand. Looked up at each use, so that a revocation holds at once. */
export class ApiTokens {
  readonly #store: AccessStore;
  readonly #now: () => Instant;
  readonly #used = new Map<string, Instant>();
  /** By hash; good at their last use. */
  readonly #lately = new Map<string, Bearer>();

  constructor(store: AccessStore, now: () => Instant) {
    this.#store = store;
    this.#now = now;
  }

  async bearerOf(authorization: string | undefined): Promise<Bearer | undefined> {
    const hash = hashOf(authorization);
    if (hash === undefined) return undefined;
    const entry = await this.#store.apiToken(hash);
    const now = this.#now();
    if (entry === undefined || !isGood(entry, now)) {
      this.#lately.delete(hash.toString('hex'));
      return undefined;
    }
    this.#used.set(entry.id, now);
    this.#lately.set(hash.toString('hex'), entry);
    return entry;
  }

  /**
   * Who the token's holder was when it was looked up last, within the time between two `flush`es; undefined where it was
   * not. Of no use for a decision, since it may have been revoked: only for work that is begun while `bearerOf` decides.
   */
  lastBearerOf(authorization: string | undefined): Bearer | undefined {
    const hash = hashOf(authorization);
    return hash === undefined ? undefined : this.#lately.get(hash.toString('hex'));
  }

  /** Answers the token, once: only its hash is kept. */
  async create(name: string, scopes: readonly TokenScope[], brand?: BrandId): Promise<string> {
    const { secret } = await this.#put({ name, scopes, ...(brand === undefined ? {} : { brand }) });
    return secret;
  }

  /** A token with every scope that ends by itself: what an account gets for its password. */
  async createSession(email: string): Promise<{ readonly secret: string; readonly entry: ApiTokenEntry }> {
    const expiresAt = instant(this.#now() + SESSION_MS);
    return this.#put({ name: `${SESSION_NAME_PREFIX}${email}`, scopes: TOKEN_SCOPES, expiresAt });
  }

  /** Ends every session of an account: its password has changed. */
  async endSessions(email: string): Promise<void> {
    const name = `${SESSION_NAME_PREFIX}${email}`;
    for (const entry of await this.#store.apiTokens()) {
      if (entry.name === name && entry.revokedAt === undefined) await this.revoke(entry.id);
    }
  }

  list(): Promise<readonly ApiTokenEntry[]> {
    return this.#store.apiTokens();
  }

  /** False when there is no such token. */
  revoke(id: string): Promise<boolean> {
    return this.#store.revokeApiToken(id, this.#now());
  }

  /** Writes down which tokens were used since the last time. */
  async flush(): Promise<void> {
    const used = new Map(this.#used);
    this.#used.clear();
    this.#lately.clear();
    await this.#store.touch(used);
  }

  async #put(
    known: Omit<ApiTokenEntry, 'id' | 'createdAt'>,
  ): Promise<{ readonly secret: string; readonly entry: ApiTokenEntry }> {
    const secret = newSecret('api');
    const entry = { ...known, id: secretId(secret), createdAt: this.#now() };
    await this.#store.putApiToken(hashSecret(secret), entry);
    return { secret, entry };
  }
}

function hashOf(authorization: string | undefined): Buffer | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  return token === undefined ? undefined : hashSecret(token);
}

function isGood({ revokedAt, expiresAt }: ApiTokenEntry, now: Instant): boolean {
  if (revokedAt !== undefined) return false;
  // A signing-in that has longer to last than any was made while the clock was ahead, or the clock went back since.
  return expiresAt === undefined || (expiresAt > now && expiresAt - now <= SESSION_MS + SESSION_SLACK_MS);
}

/** How a holder is named where a person is asked for: the account's address, or the token's name and id. */
export function actorOf({ id, name }: Bearer): string {
  return name.startsWith(SESSION_NAME_PREFIX) ? name.slice(SESSION_NAME_PREFIX.length) : `${name} (${id})`;
}
