import { type Instant, invariant, MINUTE_MS } from '@filrouge/domain/base';
import type { AccessStore } from '../access-store.ts';
import type { DraftTable, MemoryDatabase } from './memory-database.ts';

/** Keys, tokens, accounts and the log of who looked, in memory. */
export function createMemoryAccessStore(database: MemoryDatabase): AccessStore {
  const { view } = database;
  return {
    putSourceKey: (hash, entry) =>
      database.transaction((draft) => {
        invariant(isNew(draft.sourceKey, hash, entry.id), 'a key is put once');
        draft.sourceKey.put(entry.id, { ...entry, hash });
      }),
    sourceKeys: async () => [...view.sourceKey.values()].sort(byAge),
    revokeSourceKey: (id, at) => database.transaction((draft) => revoke(draft.sourceKey, id, at)),
    putApiToken: (hash, entry) =>
      database.transaction((draft) => {
        invariant(isNew(draft.apiToken, hash, entry.id), 'a token is put once');
        draft.apiToken.put(entry.id, { ...entry, hash });
      }),
    async apiToken(hash) {
      const found = [...view.apiToken.values()].find((row) => row.hash.equals(hash));
      return found === undefined ? undefined : withoutHash(found);
    },
    apiTokens: async () => [...view.apiToken.values()].sort(byAge).map(withoutHash),
    revokeApiToken: (id, at) => database.transaction((draft) => revoke(draft.apiToken, id, at)),
    touch: (used) =>
      database.transaction((draft) => {
        for (const [id, at] of used) {
          note(draft.sourceKey, id, at);
          note(draft.apiToken, id, at);
        }
      }),
    putAccount: (account) => database.transaction((draft) => draft.account.put(account.email, account)),
    account: async (email) => view.account.get(email),
    log: (entries) =>
      database.transaction((draft) => {
        const known = [...draft.access.values()].length;
        for (const [at, entry] of entries.entries()) draft.access.put(`${known + at}`, entry);
      }),
  };
}

type Dated = {
  readonly id: string;
  readonly createdAt: Instant;
  readonly lastUsedAt?: Instant;
  readonly revokedAt?: Instant;
};

function isNew<Row extends Dated & { readonly hash: Buffer }>(
  table: DraftTable<Row>,
  hash: Buffer,
  id: string,
): boolean {
  return table.get(id) === undefined && ![...table.values()].some((row) => row.hash.equals(hash));
}

function revoke<Row extends Dated>(table: DraftTable<Row>, id: string, at: Instant): boolean {
  const known = table.get(id);
  if (known === undefined) return false;
  table.put(id, { ...known, revokedAt: known.revokedAt ?? at });
  return true;
}

function note<Row extends Dated>(table: DraftTable<Row>, id: string, at: Instant): void {
  const known = table.get(id);
  if (known === undefined || (known.lastUsedAt !== undefined && at < known.lastUsedAt + MINUTE_MS)) return;
  table.put(id, { ...known, lastUsedAt: at });
}

function byAge(a: Dated, b: Dated): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

function withoutHash<Row extends { readonly hash: Buffer }>({ hash: _hash, ...entry }: Row): Omit<Row, 'hash'> {
  return entry;
}
