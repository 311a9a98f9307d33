import type { Instant } from '@filrouge/domain/base';
import type { Deployment, Source, SourceId } from '@filrouge/domain/deployment';
import type { AccessStore, SourceKeyEntry } from '@filrouge/ports';
import { hashSecret, newSecret, secretId } from './secret-text.ts';

/** How long another process's new or revoked key may take to be noticed here. Unit: ms. */
const RELOAD_MS = 10_000;

/** A write key as it is spoken of: its id is no secret. */
export type SourceKey = { readonly id: string; readonly source: Source };

/** The write keys of the sources. A key that is not known is looked for once more, but not more often than once a second. */
export class SourceKeys {
  readonly #store: AccessStore;
  readonly #deployment: Deployment;
  readonly #now: () => Instant;
  #known = new Map<string, SourceKey>();
  /** By `performance.now()`. */
  #loadedAt = Number.NEGATIVE_INFINITY;
  readonly #used = new Map<string, Instant>();
  #loading: Promise<void> | undefined;

  constructor(store: AccessStore, deployment: Deployment, now: () => Instant) {
    this.#store = store;
    this.#deployment = deployment;
    this.#now = now;
  }

  /** The key that a text is, with the source it belongs to. */
  async find(writeKey: string): Promise<SourceKey | undefined> {
    const hash = hashSecret(writeKey).toString('base64');
    const known = this.#known.get(hash);
    // On the clock that nobody sets: another process's revocation is noticed whatever the time of day.
    const at = performance.now();
    if (at - this.#loadedAt > (known === undefined ? 1_000 : RELOAD_MS)) await this.#loadOnce(at);
    const found = this.#known.get(hash);
    if (found !== undefined) this.#used.set(found.id, this.#now());
    return found;
  }

  /** Makes a key for a source and answers it, once: only its hash is kept. */
  async create(source: SourceId): Promise<string> {
    const kind = this.#deployment.sources.get(source)?.kind ?? 'key';
    const secret = newSecret(kind);
    await this.#store.putSourceKey(hashSecret(secret), { id: secretId(secret), source, createdAt: this.#now() });
    this.#loadedAt = Number.NEGATIVE_INFINITY;
    return secret;
  }

  async list(): Promise<readonly SourceKeyEntry[]> {
    return (await this.#store.sourceKeys()).map(({ hash: _, ...entry }) => entry);
  }

  async revoke(id: string): Promise<boolean> {
    const revoked = await this.#store.revokeSourceKey(id, this.#now());
    this.#loadedAt = Number.NEGATIVE_INFINITY;
    return revoked;
  }

  /** Writes down which keys were used since the last time. */
  async flush(): Promise<void> {
    const used = new Map(this.#used);
    this.#used.clear();
    await this.#store.touch(used);
  }

  /** Requests that come together wait for one reading. */
  #loadOnce(at: number): Promise<void> {
    this.#loading ??= this.#load(at).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(at: number): Promise<void> {
    const entries = await this.#store.sourceKeys();
    this.#known = new Map(
      entries.flatMap(({ hash, id, source: name, revokedAt }) => {
        const source = this.#deployment.sources.get(name);
        return source === undefined || revokedAt !== undefined ? [] : [[hash.toString('base64'), { id, source }]];
      }),
    );
    this.#loadedAt = at;
  }
}
