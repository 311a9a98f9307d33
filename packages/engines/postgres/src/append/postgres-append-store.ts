import { type Instant, InvariantBroken } from '@filrouge/domain/base';
import type { NodeId } from '@filrouge/domain/identity';
import type { AppendBatch, AppendStore, AppendTransaction, DataKeyRow, Head, SeenAnswer } from '@filrouge/ports';
import type { Database } from '../database.ts';
import { announce } from '../projection/progress-rows.ts';
import type { Sql, Transaction } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';
import { AppendPartitions, type DayBegun } from './append-partitions.ts';
import { writeConsentRecords } from './consent-records.ts';
import { addFlow, flowAdded } from './flow-table.ts';
import { openImportRun, requireOpenRun, tallyImports } from './import-runs.ts';
import { isUuid, nodeOf, uuidOf } from './node-uuid.ts';
import { allotPurposeBits } from './purpose-bits.ts';
import { claimIds, expireSeen } from './seen-table.ts';
import { readSubjects } from './subject-query.ts';

const LOCK_HEAD = {
  name: 'lock-head',
  text: 'select journal_position, ledger_position, identity_version from head for update',
};

/**
 * The one appender on PostgreSQL. The row of `head` is the lock: positions are gapless and nothing that a verdict was
 * taken from moves before the verdict is durable, however many processes run.
 */
export function createPostgresAppendStore(database: Database, now: () => Instant): AppendStore {
  const partitions = new AppendPartitions(database);
  return {
    async append(work, claiming = []) {
      const day = await partitions.ensure(now());
      if (claiming.length === 0) {
        const options = { opening: LOCK_HEAD };
        return database.withTransaction(
          (sql, [head]) => work(transactionOn(sql, headOf(head), { at: now(), day }, [])),
          options,
        );
      }
      return database.withTransaction(async (sql) => {
        const claimed = await claimIds(sql, claiming, now(), day);
        const [head] = await sql.query<HeadRow>(LOCK_HEAD);
        return work(transactionOn(sql, headOf(head), { at: now(), day }, claimed));
      });
    },
    async count(flow, receivedAt) {
      await addFlow(database, flow, receivedAt);
    },
    expire: () => expireSeen(database, now()),
    allot: (purposes) => database.withTransaction((sql) => allotPurposeBits(sql, purposes)),
  };
}

type HeadRow = {
  readonly journal_position: bigint;
  readonly ledger_position: bigint;
  readonly identity_version: bigint;
};

function headOf(opened: object | undefined): Head {
  if (opened === undefined) throw new Error('the head row is missing: the database was not migrated');
  const row = opened as HeadRow;
  return {
    journalPosition: Number(row.journal_position),
    ledgerPosition: Number(row.ledger_position),
    identityVersion: Number(row.identity_version),
  };
}

function transactionOn(
  sql: Transaction,
  head: Head,
  { at: receivedAt, day }: { readonly at: Instant; readonly day: DayBegun },
  claimed: readonly SeenAnswer[],
): AppendTransaction {
  return {
    head,
    claimed,
    claim: (keys) => claimIds(sql, keys, receivedAt, day),
    importRun: (note, source) => openImportRun(sql, note, source, receivedAt),
    requireOpenRun: (number) => requireOpenRun(sql, number),
    changedSince: (known) => changedSince(sql, head, known),
    subjects: (nodes) => readSubjects(sql, nodes),
    keys: (claims) => readKeys(sql, claims),
    stillOpen: (ids) => stillOpen(sql, ids),
    record: (records, at) => writeConsentRecords(sql, records, at),
    write: (batch) => writeBatch(sql, head, batch),
  };
}

/** More changed facts than this are not listed one by one: the door was away, and starts afresh. */
const CHANGES_MAX = 100_000;

export async function changedSince(sql: Sql, head: Head, known: Head): Promise<readonly NodeId[] | 'everything'> {
  const [facts, versions] = [head.ledgerPosition - known.ledgerPosition, head.identityVersion - known.identityVersion];
  if (facts < 0 || versions < 0 || facts > CHANGES_MAX) return 'everything';
  const [told] = await sql.query<{ n: number }>('select count(*)::int4 as n from identity_change where version > $1', [
    known.identityVersion,
  ]);
  // Announcements are kept for a while, and a replay makes one of everything that names no node.
  if (told?.n !== versions) return 'everything';
  const moved = await sql.query<{ node: string }>(
    `select node from consent_fact_node where position > $1
     union select unnest(nodes) from identity_change where version > $2`,
    [known.ledgerPosition, known.identityVersion],
  );
  return moved.map(({ node }) => nodeOf(node));
}

const KEYS = {
  name: 'data-keys',
  text: `select data_key.id, data_key.brand, data_key.claim
    from unnest($1::text[], $2::uuid[]) as wanted(brand, claim)
    join data_key on data_key.brand = wanted.brand and data_key.claim = wanted.claim`,
};

async function readKeys(sql: Sql, claims: Parameters<AppendTransaction['keys']>[0]): Promise<readonly DataKeyRow[]> {
  const rows = await sql.query<{ id: bigint; brand: string; claim: string }>(KEYS, [
    claims.map(({ brand }) => brand),
    claims.map(({ claim }) => uuidOf(claim)),
  ]);
  return rows.map((row) => ({
    id: Number(row.id) as DataKeyRow['id'],
    brand: row.brand as DataKeyRow['brand'],
    claim: nodeOf(row.claim),
  }));
}

const WRITE = {
  name: 'append-batch',
  text: `
with
journaled as (
  insert into journal (position, received_at, items, body, earlier)
  select $2::bigint, $1::timestamptz, $3::int, $4::bytea, $10::jsonb where $2::bigint is not null
),
noted as (
  insert into withheld (received_at, position, headers)
  select $1::timestamptz, $5::bigint, $6::jsonb where jsonb_array_length($6::jsonb) > 0
),
keyed as (
  insert into data_key (id, brand, claim) select * from unnest($7::bigint[], $8::text[], $9::uuid[])
)
update head set
  journal_position = coalesce($2::bigint, journal_position),
  journal_items = journal_items + coalesce($3::int, 0)`,
};

/** The row of `head` is locked: what it said when the transaction began, it says still. */
async function writeBatch(sql: Transaction, head: Head, batch: AppendBatch): Promise<void> {
  const { journal, keys, withheld } = batch;
  if (journal !== undefined && journal.position !== head.journalPosition + 1) {
    throw new InvariantBroken('journal positions are gapless');
  }
  sql.send(WRITE, [
    timestamptz(batch.receivedAt),
    journal?.position ?? null,
    journal?.items ?? null,
    journal?.body ?? null,
    journal?.position ?? 0,
    JSON.stringify(withheld.map(({ brand, source, name, reason, message }) => [brand, source, name, reason, message])),
    keys.map(({ id }) => id),
    keys.map(({ brand }) => brand),
    keys.map(({ claim }) => uuidOf(claim)),
    journal?.earlier === undefined ? null : JSON.stringify(journal.earlier),
  ]);
  if (batch.flow.length > 0) sql.send(...flowAdded(batch.flow, batch.receivedAt));
  if (batch.renewed.length > 0) await renewKeys(sql, batch.renewed);
  if (batch.quarantined.length > 0) await writeQuarantine(sql, batch);
  if (batch.lifted.length > 0) await liftTombstones(sql, batch.lifted);
  if (batch.released.length > 0) await release(sql, batch);
  if (batch.imports !== undefined) await tallyImports(sql, batch.imports, journal?.position, batch.receivedAt);
}

/** The row of a destroyed key may be there or not: an erasure deletes it after it destroyed the key. */
async function renewKeys(sql: Sql, renewed: AppendBatch['renewed']): Promise<void> {
  await sql.execute(
    `insert into data_key (id, brand, claim) select * from unnest($1::bigint[], $2::text[], $3::uuid[])
     on conflict (brand, claim) do update set id = excluded.id`,
    [renewed.map(({ id }) => id), renewed.map(({ brand }) => brand), renewed.map(({ claim }) => uuidOf(claim))],
  );
}

async function liftTombstones(sql: Sql, lifted: AppendBatch['lifted']): Promise<void> {
  await sql.execute(
    `update tombstone set lifted_at = lift.at from unnest($1::uuid[], $2::timestamptz[]) as lift(node, at)
     where tombstone.node = lift.node and lifted_at is null`,
    [lifted.map(({ node }) => uuidOf(node)), lifted.map(({ liftedAt }) => timestamptz(liftedAt))],
  );
  await announce(
    sql,
    lifted.map(({ node }) => node),
  );
}

/** Its content is in the journal now; what stays says that it was here. */
async function release(sql: Sql, batch: AppendBatch): Promise<void> {
  const released = await sql.execute(
    `update quarantine set state = 'released', decided_at = $2, sealed = ''
     where id = any($1::uuid[]) and state = 'open'`,
    [batch.released, timestamptz(batch.receivedAt)],
  );
  if (released !== batch.released.length) throw new InvariantBroken('a quarantined entry enters again once (S2)');
}

async function stillOpen(sql: Sql, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const rows = await sql.query<{ id: string }>(
    `select id from quarantine where id = any($1::uuid[]) and state = 'open' order by id for update`,
    [ids.filter(isUuid)],
  );
  return rows.map(({ id }) => id);
}

async function writeQuarantine(sql: Sql, batch: AppendBatch): Promise<void> {
  const entries = batch.quarantined;
  await sql.execute(
    `insert into quarantine (id, brand, source, name, reason, received_at, key_id, sealed, run)
     select id, brand, source, name, reason, $1::timestamptz, key_id, sealed, run
     from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bytea[], $9::integer[])
       as entry(id, brand, source, name, reason, key_id, sealed, run)`,
    [
      timestamptz(batch.receivedAt),
      entries.map(({ id }) => id),
      entries.map(({ brand }) => brand),
      entries.map(({ source }) => source),
      entries.map(({ name }) => name),
      entries.map(({ reason }) => reason),
      entries.map(({ key }) => key),
      entries.map(({ sealed }) => sealed),
      entries.map(({ run }) => run ?? null),
    ],
  );
}
