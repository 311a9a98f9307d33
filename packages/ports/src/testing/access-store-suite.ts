import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { AccessEntry, ApiTokenEntry } from '../access-store.ts';
import { type Current, describeStores } from './describe-stores.ts';
import { ATELIER, aUuid, minute, NOON, type OpenStores, WEB } from './stores-under-test.ts';

/** What every store of keys, tokens and accounts promises. `open` gives the stores of a fresh, empty database. */
export function describeAccessStore(engine: string, open: OpenStores): void {
  describeStores(engine, open, (current) => {
    describeSourceKeys(current);
    describeTokens(current);
    describeAccounts(current);
  });
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function describeSourceKeys(current: Current): void {
  test('source keys are listed by age, with their hash; one that is there is not put again', async () => {
    const { access } = current();
    const [old, young] = [{ id: 'key_b' }, { id: 'key_a' }].map((one, at) => ({
      ...one,
      source: WEB,
      createdAt: minute(at),
    }));
    await access.putSourceKey(hash('young'), young as typeof old & object);
    await access.putSourceKey(hash('old'), old as typeof young & object);
    expect(await access.sourceKeys()).toEqual([
      { ...old, hash: hash('old') },
      { ...young, hash: hash('young') },
    ]);
    const again = { id: 'key_c', source: WEB, createdAt: NOON };
    await expect(access.putSourceKey(hash('old'), again)).rejects.toThrow(Error);
    await expect(access.putSourceKey(hash('third'), { ...again, id: 'key_b' })).rejects.toThrow(Error);
    expect(await access.sourceKeys()).toHaveLength(2);
  });

  test('a revocation keeps its first date; what is not there is not revoked', async () => {
    const { access } = current();
    const id = `key_${aUuid()}`;
    await access.putSourceKey(hash(id), { id, source: WEB, createdAt: NOON });
    expect(await access.revokeSourceKey(id, minute(5))).toBe(true);
    expect(await access.revokeSourceKey(id, minute(9))).toBe(true);
    expect(await access.revokeSourceKey('nobody', minute(9))).toBe(false);
    expect((await access.sourceKeys()).find((key) => key.id === id)?.revokedAt).toBe(minute(5));
  });
}

function describeTokens(current: Current): void {
  const token = (said: Partial<ApiTokenEntry> = {}): ApiTokenEntry => {
    const id = `tok_${aUuid()}`;
    return { id, name: 'reports', scopes: ['reports:read', 'flow:read'], createdAt: NOON, ...said };
  };

  test('a token is found by its hash, with its scopes, its brand and its end', async () => {
    const { access } = current();
    const [free, bound] = [token(), token({ brand: ATELIER, scopes: [], createdAt: minute(1), expiresAt: minute(99) })];
    for (const one of [free, bound]) await access.putApiToken(hash(one.id), one);
    expect(await access.apiToken(hash(free.id))).toEqual(free);
    expect(await access.apiToken(hash(bound.id))).toEqual(bound);
    expect(await access.apiToken(hash('guess'))).toBeUndefined();
    const together = [bound.id, 'guess', free.id, bound.id].map((id) => access.apiToken(hash(id)));
    expect(await Promise.all(together)).toEqual([bound, undefined, free, bound]);
    expect((await access.apiTokens()).filter(({ id }) => [free.id, bound.id].includes(id))).toEqual([free, bound]);
    await expect(access.putApiToken(hash(free.id), token())).rejects.toThrow(Error);
  });

  test('a revoked token is still found, and says so', async () => {
    const { access } = current();
    const one = token();
    await access.putApiToken(hash(one.id), one);
    expect(await access.revokeApiToken(one.id, minute(3))).toBe(true);
    expect(await access.revokeApiToken('nobody', minute(3))).toBe(false);
    expect(await access.apiToken(hash(one.id))).toEqual({ ...one, revokedAt: minute(3) });
  });

  test('uses are noted by the minute, for keys and tokens, and never go back', async () => {
    const { access } = current();
    const [one, key] = [token(), `key_${aUuid()}`];
    await access.putApiToken(hash(one.id), one);
    await access.putSourceKey(hash(key), { id: key, source: WEB, createdAt: NOON });
    const used = async () => [
      (await access.apiToken(hash(one.id)))?.lastUsedAt,
      (await access.sourceKeys()).find(({ id }) => id === key)?.lastUsedAt,
    ];
    expect(await used()).toEqual([undefined, undefined]);
    await access.touch(new Map());
    for (const [at, noted] of [
      [5, 5],
      [5.5, 5],
      [2, 5],
      [6, 6],
    ] as const) {
      await access.touch(new Map([one.id, key, 'nobody'].map((id) => [id, minute(at)])));
      expect(await used(), `${at}`).toEqual([minute(noted), minute(noted)]);
    }
  });
}

function describeAccounts(current: Current): void {
  test('an account is found by its address, and put again with another password', async () => {
    const { access } = current();
    const account = { email: 'admin@example.com', password: '$argon2id$one', role: 'administrator' } as const;
    expect(await access.account(account.email)).toBeUndefined();
    await access.putAccount(account, NOON);
    expect(await access.account(account.email)).toEqual(account);
    await access.putAccount({ ...account, password: '$argon2id$two' }, minute(1));
    expect(await access.account(account.email)).toEqual({ ...account, password: '$argon2id$two' });
  });

  test('S10: who looked is logged, in order, with all that is known and no more', async () => {
    const { access, logged } = current();
    const short: AccessEntry = { at: minute(2), actor: 'tok_1', action: 'flow', outcome: 'answered' };
    const subject = { brand: ATELIER, purpose: 'profiling', subject: aUuid() };
    const detail = { query: 'SELECT ? FROM events', rows: 3, truncated: false };
    const long: AccessEntry = { ...short, ...subject, at: minute(1), outcome: 'not-permitted', detail };
    await access.log([]);
    expect(await logged()).toEqual([]);
    await access.log([short, long, { ...short, actor: 'tok_2' }]);
    await access.log([long]);
    expect(await logged()).toEqual([short, long, { ...short, actor: 'tok_2' }, long]);
  });
}
