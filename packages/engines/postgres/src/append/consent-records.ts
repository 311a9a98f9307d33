import { type Instant, InvariantBroken } from '@filrouge/domain/base';
import type { ConsentRecord } from '@filrouge/ports';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';
import { uuidOf } from './node-uuid.ts';

const RECORDS = `
insert into consent_record (record_id, brand, brands, source, channel, notice_id, notice_version, indicated_by, marks,
  received_at, key_id, sealed, run)
select record_id, brand, string_to_array(brands, ' '), source, channel, notice_id, notice_version, indicated_by,
  string_to_array(marks, ' '), received_at, key_id, sealed, run
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
  $10::timestamptz[], $11::bigint[], $12::bytea[], $13::integer[]) as record(record_id, brand, brands, source, channel, notice_id,
  notice_version, indicated_by, marks, received_at, key_id, sealed, run)`;
const FACTS = `
insert into consent_fact (position, record_id, brand, purpose, vendor, status, indicated_at, received_at, trusted,
  verified, signal, device, sequence, basis)
select * from unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
  $8::timestamptz[], $9::boolean[], $10::boolean[], $11::boolean[], $12::text[], $13::bigint[], $14::text[])`;
const NODES = `
insert into consent_fact_node (node, position, own)
select distinct on (node, position) * from unnest($1::uuid[], $2::bigint[], $3::boolean[]) as given(node, position, own)
order by node, position, own desc`;

/** Appends consent records and moves the head of the ledger past them. Throws when their positions leave a gap. */
export async function writeConsentRecords(
  sql: Sql,
  records: readonly ConsentRecord[],
  receivedAt: Instant,
): Promise<void> {
  if (records.length === 0) return;
  const at = timestamptz(receivedAt);
  await sql.execute(RECORDS, [
    records.map(({ recordId }) => recordId),
    records.map(({ brand }) => brand),
    // An array of arrays must be a rectangle; neither a brand's name nor a mark has a space.
    records.map(({ brands }) => brands.join(' ')),
    records.map(({ source }) => source),
    records.map(({ channel }) => channel),
    records.map(({ noticeId }) => noticeId),
    records.map(({ noticeVersion }) => noticeVersion),
    records.map(({ indicatedBy }) => indicatedBy),
    records.map(({ marks }) => marks.join(' ')),
    records.map(() => at),
    records.map(({ key }) => key),
    records.map(({ sealed }) => sealed),
    records.map(({ run }) => run ?? null),
  ]);
  const facts = records.flatMap((record) => record.decisions.map((decision) => ({ ...decision, record })));
  await sql.execute(FACTS, [
    facts.map(({ position }) => position),
    facts.map(({ record }) => record.recordId),
    facts.map(({ record }) => record.brand),
    facts.map(({ purpose }) => purpose),
    facts.map(({ vendor }) => vendor),
    facts.map(({ status }) => status),
    facts.map((fact) => timestamptz(fact.indicatedAt)),
    facts.map((fact) => timestamptz(fact.receivedAt)),
    facts.map(({ clock }) => clock === 'trusted'),
    facts.map(({ verified }) => verified),
    facts.map(({ signal }) => signal === true),
    facts.map(({ sequence }) => sequence?.device ?? null),
    facts.map(({ sequence }) => sequence?.number ?? null),
    facts.map(({ basis }) => basis ?? null),
  ]);
  const nodes = facts.flatMap(({ position, record }) => record.nodes.map((node) => ({ ...node, position })));
  await sql.execute(NODES, [
    nodes.map(({ node }) => uuidOf(node)),
    nodes.map(({ position }) => position),
    nodes.map(({ standing }) => standing === 'own'),
  ]);
  await advanceLedger(
    sql,
    facts.map(({ position }) => position).sort((a, b) => a - b),
  );
}

async function advanceLedger(sql: Sql, positions: readonly number[]): Promise<void> {
  const [first, last] = [positions[0], positions.at(-1)];
  if (first === undefined || last === undefined) return;
  const gapless = last - first === positions.length - 1;
  const moved = await sql.execute('update head set ledger_position = $2 where ledger_position = $1 - 1', [first, last]);
  if (!gapless || moved !== 1) throw new InvariantBroken('ledger positions are gapless');
}
