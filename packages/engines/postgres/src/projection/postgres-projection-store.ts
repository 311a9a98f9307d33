import type { Instant } from '@filrouge/domain/base';
import type { JournalEntry, ProjectionStore, ProjectionTransaction } from '@filrouge/ports';
import { readSubjects } from '../append/subject-query.ts';
import type { Database } from '../database.ts';
import type { Sql } from '../sql-session.ts';
import { readDecided, readDependents } from './consent-reach.ts';
import { putLogouts, putPresences, readDeviceRecords, readDevicesOf } from './device-rows.ts';
import { forgetNodes } from './forget-nodes.ts';
import { createPostgresImportStore, undoneRuns, voidFacts } from './import-rows.ts';
import { putDeviceLinks, putLinks } from './link-rows.ts';
import { addNodes, putResolved, readMembers, readNodes, touchNodes } from './node-rows.ts';
import { putSeparation, readPersonRecords, separationsAfter } from './person-rows.ts';
import { knownKeys, mendPoison, writePoison } from './poison-rows.ts';
import { putPurchases, putTraits, readTraits } from './profile-rows.ts';
import { announce, beginAttempt, commitRange, countKept, factNodesAfter, readPosition } from './progress-rows.ts';
import { digestProjections } from './projection-digest.ts';
import { takeProjectorLease } from './projector-lease.ts';
import { lockProjections, resetProjections } from './reset-projections.ts';
import { createSnapshotStore } from './snapshot-rows.ts';
import { readAllSpans, replaceSpans } from './span-rows.ts';

/**
 * The projector's side of PostgreSQL. Transactions follow each other by an advisory lock. That the one behind has read
 * the position before it waited does no harm: `commit` finds that the attempt was superseded.
 */
export function createPostgresProjectionStore(database: Database): ProjectionStore {
  return {
    lease: () => takeProjectorLease(database),
    position: () => readPosition(database),
    async head() {
      const [row] = await database.query<{
        journal_position: bigint;
        ledger_position: bigint;
        separations: bigint;
        undoing: number | null;
      }>(
        `select journal_position, ledger_position,
           (select coalesce(max(position), 0) from separation) as separations,
           (select min(number) from import_run where state = 'undoing') as undoing from head`,
      );
      return {
        journalPosition: Number(row?.journal_position ?? 0n),
        ledgerPosition: Number(row?.ledger_position ?? 0n),
        separationPosition: Number(row?.separations ?? 0n),
        undoing: row?.undoing ?? undefined,
      };
    },
    rangeAfter: (position, itemsMax) => rangeAfter(database, position, itemsMax),
    itemsBetween: (after, upTo) => itemsBetween(database, after, upTo),
    begin: (at, upTo) => beginAttempt(database, at, upTo),
    journal: (after, upTo) => readJournal(database, after, upTo),
    project: (work) =>
      database.withTransaction(async (sql) => {
        await lockProjections(sql);
        return work(transactionOn(sql));
      }),
    reset: (from) => resetProjections(database, from),
    threadSpans: () => readAllSpans(database),
    snapshots: createSnapshotStore(database),
    imports: createPostgresImportStore(database),
    digest: () => digestProjections(database),
  };
}

function transactionOn(sql: Sql): ProjectionTransaction {
  return {
    nodes: (ids) => readNodes(sql, ids),
    addNodes: (nodes) => addNodes(sql, nodes),
    touch: (acts) => touchNodes(sql, acts),
    putLinks: (brand, links) => putLinks(sql, brand, links),
    putDeviceLinks: (brand, links) => putDeviceLinks(sql, brand, links),
    putPresences: (brand, presences) => putPresences(sql, brand, presences),
    putLogouts: (brand, logouts) => putLogouts(sql, brand, logouts),
    putSeparation: (brand, separation) => putSeparation(sql, brand, separation),
    separationsAfter: (position) => separationsAfter(sql, position),
    personRecords: (nodes) => readPersonRecords(sql, nodes),
    deviceRecords: (nodes) => readDeviceRecords(sql, nodes),
    devicesOf: (persons) => readDevicesOf(sql, persons),
    members: (components) => readMembers(sql, components),
    putResolved: (nodes) => putResolved(sql, nodes),
    replaceSpans: (brand, nodes, entries) => replaceSpans(sql, brand, nodes, entries),
    factNodesAfter: (position, factsMax) => factNodesAfter(sql, position, factsMax),
    dependents: (nodes) => readDependents(sql, nodes),
    decided: (nodes) => readDecided(sql, nodes),
    subjects: (nodes) => readSubjects(sql, nodes),
    traits: (nodes) => readTraits(sql, nodes),
    putTraits: (rows) => putTraits(sql, rows),
    putPurchases: (rows) => putPurchases(sql, rows),
    knownKeys: (keys) => knownKeys(sql, keys),
    quarantine: (entries) => writePoison(sql, entries),
    mend: (ids) => mendPoison(sql, ids),
    countKept: (counts) => countKept(sql, counts),
    undoneRuns: () => undoneRuns(sql),
    forget: (nodes, base) => forgetNodes(sql, nodes, base),
    voidFacts: (run) => voidFacts(sql, run),
    announce: (nodes) => announce(sql, nodes),
    commit: (to) => commitRange(sql, to),
  };
}

/** Rows one range may hold at most; each is a group commit. */
const RANGE_ROWS_MAX = 2_000;

async function rangeAfter(sql: Sql, position: number, itemsMax: number): Promise<number | undefined> {
  const [row] = await sql.query<{ up_to: bigint | null; first: bigint | null }>(
    `select max(position) filter (where held <= $2) as up_to, min(position) as first
     from (
       select position, sum(items) over (order by position) as held
       from (select position, items from journal where position > $1 order by position limit $3) as next
     ) as counted`,
    [position, itemsMax, RANGE_ROWS_MAX],
  );
  const upTo = row?.up_to ?? row?.first ?? null;
  return upTo === null ? undefined : Number(upTo);
}

async function itemsBetween(sql: Sql, after: number, upTo: number): Promise<number> {
  const [row] = await sql.query<{ items: bigint }>(
    'select coalesce(sum(items), 0)::bigint as items from journal where position > $1 and position <= $2',
    [after, upTo],
  );
  return Number(row?.items ?? 0n);
}

async function* readJournal(database: Database, after: number, upTo: number): AsyncGenerator<JournalEntry, void, void> {
  const rows = database.copyRows(
    `select position, received_at, items, body from journal
     where position > ${Math.trunc(after)} and position <= ${Math.trunc(upTo)} order by position`,
    { position: 'int8', received_at: 'timestamptz', items: 'int4', body: 'bytea' },
  );
  for await (const { position, received_at, items, body } of rows) {
    yield { position: Number(position), receivedAt: received_at as Instant, items, body };
  }
}
