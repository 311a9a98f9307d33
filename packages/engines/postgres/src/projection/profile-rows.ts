import type { BrandId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import type { KeyId, PurchaseRow, SealedTraits } from '@filrouge/ports';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';

/** A row of `trait_history`, as the driver gives it. */
export type TraitsRow = {
  readonly node: string;
  readonly brand: string;
  readonly key_id: bigint;
  readonly sealed: Buffer;
};

const TRAITS = {
  name: 'traits',
  text: `select held.* from (select distinct unnest((select $1::uuid[])) as node) as asked
    cross join lateral (
      select node, brand, key_id, sealed from trait_history where trait_history.node = asked.node offset 0
    ) as held`,
};

export async function readTraits(sql: Sql, nodes: readonly NodeId[]): Promise<readonly SealedTraits[]> {
  if (nodes.length === 0) return [];
  return (await sql.query<TraitsRow>(TRAITS, [nodes.map(uuidOf)])).map(sealedTraits);
}

export function sealedTraits({ node, brand, key_id, sealed }: TraitsRow): SealedTraits {
  return { node: nodeOf(node), brand: brand as BrandId, key: Number(key_id) as KeyId, sealed };
}

const PUT_TRAITS = {
  name: 'traits-put',
  text: `insert into trait_history (node, brand, key_id, sealed)
    select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bytea[])
    on conflict (node, key_id) do update set sealed = excluded.sealed`,
};

export async function putTraits(sql: Sql, rows: readonly SealedTraits[]): Promise<void> {
  if (rows.length === 0) return;
  await sql.execute(PUT_TRAITS, [
    rows.map(({ node }) => uuidOf(node)),
    rows.map(({ brand }) => brand),
    rows.map(({ key }) => key),
    rows.map(({ sealed }) => sealed),
  ]);
}

const PUT_PURCHASES = {
  name: 'purchases-put',
  text: `insert into purchase (event_id, brand, node, device, kind, type, number, store, currency, amount_minor, t, c, purposes,
      terminal, source)
    select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::bigint[], $11::timestamptz[], $12::timestamptz[], $13::bigint[], $14::boolean[], $15::text[])
    on conflict (event_id) do nothing`,
};

export async function putPurchases(sql: Sql, rows: readonly PurchaseRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql.execute(PUT_PURCHASES, [
    rows.map(({ eventId }) => eventId),
    rows.map(({ brand }) => brand),
    rows.map(({ node }) => uuidOf(node)),
    rows.map(({ device }) => (device === undefined ? null : uuidOf(device))),
    rows.map(({ kind }) => kind),
    rows.map(({ type }) => type),
    rows.map(({ number }) => number),
    rows.map(({ store }) => store),
    rows.map(({ currency }) => currency),
    rows.map(({ amountMinor }) => amountMinor),
    rows.map(({ t }) => timestamptz(t)),
    rows.map(({ c }) => timestamptz(c)),
    rows.map(({ purposes }) => purposes),
    rows.map(({ terminal }) => terminal),
    rows.map(({ source }) => source),
  ]);
}
