import type { Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { AccessEntry, AccessStore, Account, ApiTokenEntry, SourceKeyEntry, TokenScope } from '@filrouge/ports';
import type { Database } from '../database.ts';
import { SharedQuestion } from '../shared-question.ts';
import { timestamptz } from '../sql-types.ts';

type Dates = {
  readonly created_at: Instant;
  readonly last_used_at: Instant | null;
  readonly revoked_at: Instant | null;
};
type KeyRow = Dates & { readonly hash: Buffer; readonly id: string; readonly source: string };
type TokenRow = Dates & {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly brand: string | null;
  readonly expires_at: Instant | null;
};

const TOKEN_COLUMNS = 'id, name, scopes, brand, created_at, expires_at, last_used_at, revoked_at';
const TOKENS = {
  name: 'api-tokens',
  text: `select held.* from (select distinct unnest((select $1::bytea[])) as hash) as asked
    cross join lateral (select hash, ${TOKEN_COLUMNS} from api_token where api_token.hash = asked.hash offset 0) as held`,
};

export function createPostgresAccessStore(database: Database): AccessStore {
  const tokens = new SharedQuestion<Buffer, ApiTokenEntry | undefined>({
    askAll: (hashes) => readApiTokens(database, hashes),
  });
  return {
    async putSourceKey(hash, entry) {
      await database.execute('insert into source_key (hash, id, source, created_at) values ($1, $2, $3, $4)', [
        hash,
        entry.id,
        entry.source,
        timestamptz(entry.createdAt),
      ]);
    },
    async sourceKeys() {
      const rows = await database.query<KeyRow>(
        'select hash, id, source, created_at, last_used_at, revoked_at from source_key order by created_at, id',
      );
      return rows.map((row) => ({ hash: row.hash, ...sourceKey(row) }));
    },
    revokeSourceKey: (id, at) => revoke(database, 'source_key', id, at),
    putApiToken: (hash, entry) => putApiToken(database, hash, entry),
    apiToken: (hash) => tokens.ask(hash),
    async apiTokens() {
      const rows = await database.query<TokenRow>(`select ${TOKEN_COLUMNS} from api_token order by created_at, id`);
      return rows.map(apiToken);
    },
    revokeApiToken: (id, at) => revoke(database, 'api_token', id, at),
    async touch(used) {
      if (used.size === 0) return;
      const values = [[...used.keys()], [...used.values()].map(timestamptz)];
      for (const table of ['source_key', 'api_token']) {
        await database.execute(
          `update ${table} set last_used_at = used.at from unnest($1::text[], $2::timestamptz[]) as used(id, at)
           where ${table}.id = used.id
             and (last_used_at is null or used.at >= last_used_at + interval '1 minute')`,
          values,
        );
      }
    },
    async putAccount(account, at) {
      await database.execute(
        `insert into account (email, password, role, created_at) values ($1, $2, $3, $4)
         on conflict (email) do update set password = excluded.password, role = excluded.role`,
        [account.email, account.password, account.role, timestamptz(at)],
      );
    },
    async account(email) {
      const [row] = await database.query<Account>('select email, password, role from account where email = $1', [
        email,
      ]);
      return row;
    },
    log: (entries) => log(database, entries),
  };
}

async function readApiTokens(
  database: Database,
  hashes: readonly Buffer[],
): Promise<readonly (ApiTokenEntry | undefined)[]> {
  const rows = await database.query<TokenRow & { readonly hash: Buffer }>(TOKENS, [hashes]);
  const byHash = new Map(rows.map((row) => [row.hash.toString('hex'), apiToken(row)]));
  return hashes.map((hash) => byHash.get(hash.toString('hex')));
}

async function putApiToken(database: Database, hash: Buffer, entry: ApiTokenEntry): Promise<void> {
  await database.execute(
    `insert into api_token (hash, id, name, scopes, brand, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      hash,
      entry.id,
      entry.name,
      entry.scopes,
      entry.brand ?? null,
      timestamptz(entry.createdAt),
      entry.expiresAt === undefined ? null : timestamptz(entry.expiresAt),
    ],
  );
}

/** One statement is one commit. The order of the lines is that of their ids. */
const LOG = {
  name: 'access-log',
  text: `insert into access_log (at, actor, action, brand, purpose, subject, outcome, detail)
    select line.at, actor, action, brand, purpose, subject, outcome, detail
    from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[])
      with ordinality as line(at, actor, action, brand, purpose, subject, outcome, detail, line)
    order by line.line`,
};

async function log(database: Database, entries: readonly AccessEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await database.execute(LOG, [
    entries.map(({ at }) => timestamptz(at)),
    entries.map(({ actor }) => actor),
    entries.map(({ action }) => action),
    entries.map(({ brand }) => brand ?? null),
    entries.map(({ purpose }) => purpose ?? null),
    entries.map(({ subject }) => subject ?? null),
    entries.map(({ outcome }) => outcome),
    entries.map(({ detail }) => (detail === undefined ? null : JSON.stringify(detail))),
  ]);
}

async function revoke(
  database: Database,
  table: 'source_key' | 'api_token',
  id: string,
  at: Instant,
): Promise<boolean> {
  const touched = await database.execute(`update ${table} set revoked_at = coalesce(revoked_at, $2) where id = $1`, [
    id,
    timestamptz(at),
  ]);
  return touched > 0;
}

function sourceKey(row: KeyRow): SourceKeyEntry {
  return { id: row.id, source: row.source as SourceId, createdAt: row.created_at, ...uses(row) };
}

function apiToken(row: TokenRow): ApiTokenEntry {
  const { id, name, scopes, brand, created_at, expires_at } = row;
  return {
    id,
    name,
    scopes,
    ...(brand === null ? {} : { brand: brand as BrandId }),
    createdAt: created_at,
    ...(expires_at === null ? {} : { expiresAt: expires_at }),
    ...uses(row),
  };
}

function uses(row: Dates): { readonly lastUsedAt?: Instant; readonly revokedAt?: Instant } {
  return {
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
  };
}
