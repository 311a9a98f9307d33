import type { Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import type { ImportQuery, ImportRun, ImportStore } from '@filrouge/ports';
import { nodeOf } from '../append/node-uuid.ts';
import type { Database } from '../database.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';

type Row = {
  readonly number: number;
  readonly import: string;
  readonly brand: string;
  readonly source: string;
  readonly kind: string;
  readonly file: string;
  readonly content: string;
  readonly begun_at: Instant;
  readonly last_at: Instant;
  readonly first_position: bigint | null;
  readonly last_position: bigint | null;
  readonly accepted: bigint;
  readonly withheld: bigint;
  readonly quarantined: bigint;
  readonly consents: bigint;
  readonly reference_rows: bigint;
  readonly state: ImportRun['state'];
  readonly undo_asked_at: Instant | null;
  readonly undo_asked_by: string | null;
  readonly undo_read: bigint;
  readonly undo_total: bigint;
  readonly undone_at: Instant | null;
};

/** Imports in PostgreSQL. */
export function createPostgresImportStore(database: Database): ImportStore {
  return {
    list: (query) => listRuns(database, query),
    async run(number) {
      const [row] = await database.query<Row>('select * from import_run where number = $1', [number]);
      return row === undefined ? undefined : importRun(row);
    },
    close: (number, by, at) =>
      database.withTransaction(async (sql) => {
        // The appender's lock: what it is writing of the run is in the journal before, and nothing of it afterwards.
        await sql.execute('select from head for update');
        const closed = await sql.execute(
          `update import_run set state = 'undoing', undo_asked_at = $2, undo_asked_by = $3
           where number = $1 and state = 'open'`,
          [number, timestamptz(at), by],
        );
        return closed === 1;
      }),
    release: (run) => release(database, run),
    async progress(number, read, total) {
      await database.execute('update import_run set undo_read = $2, undo_total = $3 where number = $1', [
        number,
        read,
        total,
      ]);
    },
    async reopen(number) {
      await database.execute(
        `update import_run set state = 'open', undo_asked_at = null, undo_asked_by = null
         where number = $1 and state = 'undoing'`,
        [number],
      );
    },
    async finish(number, at) {
      await database.execute(
        `update import_run set state = 'undone', undone_at = $2 where number = $1 and state = 'undoing'`,
        [number, timestamptz(at)],
      );
    },
  };
}

async function listRuns(sql: Sql, query: ImportQuery): Promise<readonly ImportRun[]> {
  const rows = await sql.query<Row>(
    `select * from import_run
     where ($1::text is null or brand = $1) and ($2::text is null or import = $2)
       and ($3::text is null or content = $3) and ($4::text is null or state = $4)
       and ($5::integer is null or number < $5)
     order by number desc limit $6`,
    [
      query.brand ?? null,
      query.import ?? null,
      query.content ?? null,
      query.state ?? null,
      query.before ?? null,
      query.limit,
    ],
  );
  return rows.map(importRun);
}

function importRun(row: Row): ImportRun {
  const undo =
    row.undo_asked_at === null
      ? {}
      : {
          undo: {
            askedAt: row.undo_asked_at,
            askedBy: row.undo_asked_by ?? '',
            ...(row.undone_at === null ? {} : { doneAt: row.undone_at }),
            read: Number(row.undo_read),
            total: Number(row.undo_total),
          },
        };
  return {
    number: row.number,
    import: row.import,
    brand: row.brand as BrandId,
    source: row.source as SourceId,
    kind: row.kind,
    file: row.file,
    content: row.content,
    begunAt: row.begun_at,
    lastAt: row.last_at,
    journal:
      row.first_position === null
        ? undefined
        : { first: Number(row.first_position), last: Number(row.last_position ?? row.first_position) },
    accepted: Number(row.accepted),
    withheld: Number(row.withheld),
    quarantined: Number(row.quarantined),
    consents: Number(row.consents),
    reference: Number(row.reference_rows),
    state: row.state,
    ...undo,
  };
}

/** Few enough that nobody waits for the rows of one statement. */
const FREED_ROWS_MAX = 5_000;
const VOIDED_RECORDS_MAX = 5_000;
const FREE: readonly string[] = [
  `delete from seen where (day, id) in (select day, id from seen where run = $1 limit ${FREED_ROWS_MAX})`,
  `delete from seen_undated where id in (select id from seen_undated where run = $1 limit ${FREED_ROWS_MAX})`,
  `delete from reference where (brand, kind, id, run) in (
    select brand, kind, id, run from reference where run = $1 limit ${FREED_ROWS_MAX})`,
];

async function release(database: Database, { number, undo }: ImportRun): Promise<void> {
  for (const statement of FREE) {
    for (let freed = FREED_ROWS_MAX; freed === FREED_ROWS_MAX; ) freed = await database.execute(statement, [number]);
  }
  await database.execute(
    `update quarantine set state = 'discarded', decided_by = $2, decided_at = $3, sealed = ''
     where run = $1 and state = 'open'`,
    [number, `${undo?.askedBy ?? ''}: the import was undone`, timestamptz(undo?.askedAt ?? (0 as Instant))],
  );
}

export async function undoneRuns(sql: Sql): Promise<ReadonlySet<number>> {
  const rows = await sql.query<{ number: number }>(`select number from import_run where state <> 'open'`);
  return new Set(rows.map(({ number }) => number));
}

/** A no of the run stays: undoing an import opens nothing. By some records at a time: a file may hold a million decisions. */
export async function voidFacts(sql: Sql, run: number): Promise<readonly NodeId[]> {
  const records = await sql.query<{ record_id: string }>('select record_id from consent_record where run = $1', [run]);
  const nodes = new Set<NodeId>();
  for (let at = 0; at < records.length; at += VOIDED_RECORDS_MAX) {
    const some = records.slice(at, at + VOIDED_RECORDS_MAX).map(({ record_id }) => record_id);
    for (const node of await voidRecords(sql, run, some)) nodes.add(node);
  }
  return [...nodes];
}

async function voidRecords(sql: Sql, run: number, records: readonly string[]): Promise<readonly NodeId[]> {
  const given = `consent_fact fact where fact.record_id = any($1::uuid[]) and fact.status = 'given'`;
  await sql.execute(
    `insert into consent_fact_void (position, run) select fact.position, $2 from ${given} on conflict do nothing`,
    [records, run],
  );
  const rows = await sql.query<{ node: string }>(
    `select distinct told.node from consent_fact_node told
     where told.position in (select fact.position from ${given})`,
    [records],
  );
  return rows.map(({ node }) => nodeOf(node));
}
