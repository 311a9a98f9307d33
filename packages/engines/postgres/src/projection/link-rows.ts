import type { Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId, SourceKind } from '@filrouge/domain/deployment';
import {
  type DeviceLink,
  type Evidence,
  firstDeviceLinks,
  firstLinks,
  type LinkFact,
  type LinkWorth,
  type Namespace,
  worthOf,
} from '@filrouge/domain/identity';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';

const PUT = {
  name: 'links-put',
  text: `insert into link (brand, a, b, worth, forward, evidence, source_kind, source, t, message)
    select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::text[],
      $9::timestamptz[], $10::uuid[])
    on conflict (a, b, worth) do update set
      forward = excluded.forward, evidence = excluded.evidence, source_kind = excluded.source_kind,
      source = excluded.source, t = excluded.t, message = excluded.message
    where (excluded.t, excluded.message, excluded.source_kind collate "C", excluded.evidence collate "C",
        excluded.source collate "C")
      < (link.t, link.message, link.source_kind collate "C", link.evidence collate "C", link.source collate "C")`,
};

/** Keeps of each pair and worth the first fact in canonical order (`compareLinks`). */
export async function putLinks(sql: Sql, brand: BrandId, links: readonly LinkFact[]): Promise<void> {
  const rows = firstLinks(links).map((link) => ({ link, forward: link.a.id < link.b.id }));
  if (rows.length === 0) return;
  await sql.execute(PUT, [
    brand,
    rows.map(({ link, forward }) => uuidOf(forward ? link.a.id : link.b.id)),
    rows.map(({ link, forward }) => uuidOf(forward ? link.b.id : link.a.id)),
    rows.map(({ link }) => worthOf(link)),
    rows.map(({ forward }) => forward),
    rows.map(({ link }) => link.evidence),
    rows.map(({ link }) => link.sourceKind),
    rows.map(({ link }) => link.source ?? ''),
    rows.map(({ link }) => timestamptz(link.t)),
    rows.map(({ link }) => link.messageId),
  ]);
}

/** Needs `link`, and the two ends joined as `end_a` and `end_b`. */
export const LINK_COLUMNS = `link.a, link.b, end_a.namespace as namespace_a, end_b.namespace as namespace_b, link.worth,
  link.forward, link.evidence, link.source_kind, link.source, link.t, link.message`;

export type LinkRow = {
  readonly a: string;
  readonly b: string;
  readonly namespace_a: string;
  readonly namespace_b: string;
  readonly worth: LinkWorth;
  readonly forward: boolean;
  readonly evidence: Evidence;
  readonly source_kind: SourceKind;
  readonly source: string;
  readonly t: Instant;
  readonly message: string;
};

export function linkFact(row: LinkRow): LinkFact {
  const low = { namespace: row.namespace_a as Namespace, id: nodeOf(row.a) };
  const high = { namespace: row.namespace_b as Namespace, id: nodeOf(row.b) };
  return {
    a: row.forward ? low : high,
    b: row.forward ? high : low,
    verified: row.worth === 'verified',
    evidence: row.evidence,
    sourceKind: row.source_kind,
    ...(row.source === '' ? {} : { source: row.source as SourceId }),
    t: row.t,
    messageId: row.message,
  };
}

const PUT_DEVICE = {
  name: 'device-links-put',
  text: `insert into device_link (brand, a, b, source, t, message)
    select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::uuid[])
    on conflict (a, b) do update set t = excluded.t, message = excluded.message, source = excluded.source
    where (excluded.t, excluded.message) < (device_link.t, device_link.message)`,
};

export async function putDeviceLinks(sql: Sql, brand: BrandId, links: readonly DeviceLink[]): Promise<void> {
  const rows = firstDeviceLinks(links).map((link) => ({ link, forward: link.a.id < link.b.id }));
  if (rows.length === 0) return;
  await sql.execute(PUT_DEVICE, [
    brand,
    rows.map(({ link, forward }) => uuidOf(forward ? link.a.id : link.b.id)),
    rows.map(({ link, forward }) => uuidOf(forward ? link.b.id : link.a.id)),
    rows.map(({ link }) => link.source ?? ''),
    rows.map(({ link }) => timestamptz(link.t)),
    rows.map(({ link }) => link.messageId),
  ]);
}
