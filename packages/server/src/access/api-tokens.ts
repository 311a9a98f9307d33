import type { Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import type { AccessStore, ApiTokenEntry, TokenScope } from '@filrouge/ports';
import { hashSecret, newSecret, secretId } from './secret-text.ts';

/** Who asks, once the token was checked. */
export type Bearer = Pick<ApiTokenEntry, 'id' | 'name' | 'scopes' | 'brand'>;

/** Tokens of the management API: each with its scopes, perhaps bound to one brand. Looked up at each use, so that a revocation holds at once. */
export class ApiTokens {
  readonly #store: AccessStore;
  readonly #now: () => Instant;

  constructor(store: AccessStore, now: () => Instant) {
    this.#store = store;
    this.#now = now;
  }

  async bearerOf(authorization: string | undefined): Promise<Bearer | undefined> {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) return undefined;
    const entry = await this.#store.apiToken(hashSecret(token));
    return entry === undefined || entry.revokedAt !== undefined ? undefined : entry;
  }

  /** Answers the token, once: only its hash is kept. */
  async create(name: string, scopes: readonly TokenScope[], brand?: BrandId): Promise<string> {
    const secret = newSecret('api');
    await this.#store.putApiToken(hashSecret(secret), {
      id: secretId(secret),
      name,
      scopes,
      ...(brand === undefined ? {} : { brand }),
      createdAt: this.#now(),
    });
    return secret;
  }
}
