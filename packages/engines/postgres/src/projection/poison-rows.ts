import type { Instant } from '@filrouge/domain/base';
import type { KeyId, QuarantineEntry } from '@filrouge/ports';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';

/** An entry is named after its place in the journal, so that a replay finds it there already. */
export async function writePoison(
  sql: Sql,
  entries: readonly (QuarantineEntry & { readonly receivedAt: Instant })[],
): Promise<void> {
  if (entries.length === 0) return;
  await sql.execute(
    `insert into quarantine (id, brand, source, name, reason, received_at, key_id, sealed)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[],
       $8::bytea[])
     on conflict (id) do nothing`,
    [
      entries.map(({ id }) => id),
      entries.map(({ brand }) => brand),
      entries.map(({ source }) => source),
      entries.map(({ name }) => name),
      entries.map(({ reason }) => reason),
      entries.map(({ receivedAt }) => timestamptz(receivedAt)),
      entries.map(({ key }) => key),
      entries.map(({ sealed }) => sealed),
    ],
  );
}

/** A replay meets them again after their journal row was put back: they are kept from now on. */
export async function mendPoison(sql: Sql, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const mended = await sql.query<{ id: string }>(
    `update quarantine set state = 'released', decided_at = now(), sealed = ''
     where id = any($1::uuid[]) and state = 'open' returning id`,
    [ids],
  );
  return mended.map(({ id }) => id);
}

export async function knownKeys(sql: Sql, keys: readonly KeyId[]): Promise<readonly KeyId[]> {
  if (keys.length === 0) return [];
  const rows = await sql.query<{ id: bigint }>('select id from data_key where id = any($1::bigint[])', [keys]);
  return rows.map(({ id }) => Number(id) as KeyId);
}
