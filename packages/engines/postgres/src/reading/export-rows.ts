import type { ConsentChannel } from '@filrouge/domain/consent';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import type { Head, LedgerFact } from '@filrouge/ports';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import { changedSince } from '../append/postgres-append-store.ts';
import type { Database } from '../database.ts';
import { type FactRow, factOf } from '../fact-row.ts';
import { readDependents } from '../projection/consent-reach.ts';
import type { Sql } from '../sql-session.ts';

export async function readHead(sql: Pick<Sql, 'query'>): Promise<Head> {
  const [row] = await sql.query<{
    readonly journal_position: bigint;
    readonly ledger_position: bigint;
    readonly identity_version: bigint;
  }>('select journal_position, ledger_position, identity_version from head');
  return {
    journalPosition: Number(row?.journal_position ?? 0n),
    ledgerPosition: Number(row?.ledger_position ?? 0n),
    identityVersion: Number(row?.identity_version ?? 0n),
  };
}

/** In one snapshot: announcements are counted against the head, which moves with them. */
export function readConsentMoved(database: Database, known: Head): Promise<readonly NodeId[] | 'everything'> {
  return database.withTransaction(
    async (sql) => {
      const moved = await changedSince(sql, await readHead(sql), known);
      if (moved === 'everything') return moved;
      return [...new Set([...moved, ...(await readDependents(sql, moved)).map(({ id }) => id)])];
    },
    { isolation: 'repeatable read', readOnly: true },
  );
}

/** Along the index on components: the cost is that of the page. */
export async function readComponents(
  database: Database,
  brand: BrandId,
  after: NodeId | undefined,
  limit: number,
): Promise<readonly NodeId[]> {
  const rows = await database.query<{ readonly component: string }>(
    {
      name: 'components-after',
      text: `select component from node
        where component is not null and brand = $1 and blocked is null and ($2::uuid is null or component > $2)
        group by component order by component limit $3`,
    },
    [brand, after === undefined ? null : uuidOf(after), limit],
  );
  return rows.map(({ component }) => nodeOf(component));
}

type LedgerRow = FactRow & {
  readonly basis: string | null;
  readonly source: string;
  readonly channel: ConsentChannel;
  readonly notice_id: string;
  readonly notice_version: string;
  readonly indicated_by: 'subject' | 'agent';
  readonly sealed: Buffer;
  readonly nodes: readonly string[];
  readonly owns: readonly boolean[];
};

const LEDGER = {
  name: 'ledger-after',
  text: `select fact.position, fact.record_id, fact.purpose, fact.vendor, fact.status, fact.indicated_at, fact.received_at,
    fact.trusted, fact.verified, fact.signal, fact.device, fact.sequence, fact.basis, record.source, record.channel,
    record.notice_id, record.notice_version, record.indicated_by, record.sealed, subject.nodes, subject.owns
  from (
    select * from consent_fact
    where brand = $1 and position > $2
      and not exists (select from consent_fact_void as void where void.position = consent_fact.position)
    order by position limit $3
  ) as fact
  join consent_record record on record.record_id = fact.record_id
  cross join lateral (
    select coalesce(array_agg(fact_node.node::text order by fact_node.node), '{}') as nodes,
      coalesce(array_agg(fact_node.own order by fact_node.node), '{}') as owns
    from consent_fact_node fact_node
    left join tombstone on tombstone.node = fact_node.node
    where fact_node.position = fact.position
      and (tombstone.node is null or fact.status = 'objected' or fact.received_at > tombstone.erased_at)
  ) as subject
  order by fact.position`,
};

export async function readLedgerAfter(
  database: Database,
  brand: BrandId,
  after: number,
  limit: number,
): Promise<readonly LedgerFact[]> {
  const rows = await database.query<LedgerRow>(LEDGER, [brand, after, limit]);
  return rows.map((row) => ({
    ...factOf(row),
    ...(row.basis === null ? {} : { basis: row.basis }),
    source: row.source as SourceId,
    channel: row.channel,
    noticeId: row.notice_id,
    noticeVersion: row.notice_version,
    indicatedBy: row.indicated_by,
    sealed: row.sealed,
    nodes: row.nodes.map((node, at) => ({ node: nodeOf(node), own: row.owns[at] === true })),
  }));
}
