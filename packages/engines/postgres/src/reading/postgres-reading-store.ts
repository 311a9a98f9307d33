import type { Instant } from '@filrouge/domain/base';
import type { LedgerMark } from '@filrouge/domain/consent';
import type { SourceId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import type { Purchase } from '@filrouge/domain/profile';
import type { LedgerEntry, PersonParts, ReadingStore, SealedNode, SealedTraits, Standing } from '@filrouge/ports';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import { readLedgerPosition, readStanding } from '../append/subject-query.ts';
import type { Database } from '../database.ts';
import { readDeviceRecords, readDevicesOf } from '../projection/device-rows.ts';
import { readPersonRecords, readSeparation } from '../projection/person-rows.ts';
import { readTraits } from '../projection/profile-rows.ts';
import { readSpans } from '../projection/span-rows.ts';
import { SharedQuestion } from '../shared-question.ts';
import { readComponents, readConsentMoved, readHead, readLedgerAfter } from './export-rows.ts';
import { readFlow } from './flow-reading.ts';
import { type PersonQuestion, readPersons } from './person-query.ts';
import { discardQuarantine, listQuarantine, readQuarantine } from './quarantine-rows.ts';
import { SEALED_NODE_COLUMNS, type SealedNodeRow, sealedNode } from './sealed-node.ts';

/** Questions about persons, flow and quarantine, answered from PostgreSQL as it stands. */
export function createPostgresReadingStore(database: Database): ReadingStore {
  const persons = new SharedQuestion<PersonQuestion, PersonParts | undefined>({
    askAll: (questions) => readPersons(database, questions),
  });
  const standing = new SharedQuestion<readonly NodeId[], Standing>({
    askAll: (questions) => readStandings(database, questions),
    sizeOf: (nodes) => nodes.length,
  });
  const traits = new SharedQuestion<readonly NodeId[], readonly SealedTraits[]>({
    askAll: (questions) => readTraitsOfEach(database, questions),
    sizeOf: (nodes) => nodes.length,
  });
  return {
    nodes: (ids) => sealedNodes(database, 'node', ids),
    members: (components) => sealedNodes(database, 'component', components),
    spans: (nodes) => readSpans(database, nodes),
    async nodesOfThreads(threads) {
      if (threads.length === 0) return [];
      const rows = await database.query<{ node: string }>(
        { name: 'nodes-of-threads', text: 'select node from node where thread = any($1::bigint[])' },
        [threads],
      );
      return rows.map(({ node }) => nodeOf(node));
    },
    async nodesOfPersons(persons) {
      const rows = await database.query<{ node: string }>(
        {
          name: 'nodes-of-persons',
          text: 'select distinct node from thread_span where person = any($1::bigint[])',
        },
        [persons],
      );
      return rows.map(({ node }) => nodeOf(node));
    },
    person: (node, whose) => persons.ask({ node, whose }),
    devicesOf: async (persons) => (await readDevicesOf(database, persons)).map(({ id }) => id),
    personRecords: (nodes) => readPersonRecords(database, nodes),
    deviceRecords: (nodes) => readDeviceRecords(database, nodes),
    separation: (id) => readSeparation(database, id),
    subjects: async (nodes) => (nodes.length === 0 ? [] : (await standing.ask(nodes)).subjects),
    standing: (nodes) => standing.ask(nodes),
    async persons() {
      const [row] = await database.query<{ persons: bigint }>(
        'select count(distinct component) as persons from node where component is not null and blocked is null',
      );
      return Number(row?.persons ?? 0n);
    },
    ledgerPosition: () => readLedgerPosition(database),
    head: () => readHead(database),
    consentMovedSince: (known) => readConsentMoved(database, known),
    componentsAfter: (brand, after, limit) => readComponents(database, brand, after, limit),
    ledgerAfter: (brand, after, limit) => readLedgerAfter(database, brand, after, limit),
    ledger: (nodes, limit) => readLedger(database, nodes, limit),
    traits: async (nodes) => (nodes.length === 0 ? [] : traits.ask(nodes)),
    purchases: (nodes) => readPurchases(database, nodes),
    flow: (span, brand) => readFlow(database, span, brand),
    quarantined: (query) => listQuarantine(database, query),
    quarantineItem: (id) => readQuarantine(database, id),
    discard: (id, by, at) => discardQuarantine(database, id, by, at),
  };
}

/** How several groups of nodes stand, read together: each is given its own. */
async function readStandings(
  database: Database,
  questions: readonly (readonly NodeId[])[],
): Promise<readonly Standing[]> {
  const [first, ...more] = questions;
  if (first !== undefined && more.length === 0) return [await readStanding(database, first)];
  const { ledgerPosition, subjects } = await readStanding(database, [...new Set(questions.flat())]);
  const byNode = new Map(subjects.map((subject) => [subject.node, subject]));
  return questions.map((nodes) => ({
    ledgerPosition,
    subjects: [...new Set(nodes)].flatMap((node) => byNode.get(node) ?? []),
  }));
}

async function readTraitsOfEach(
  database: Database,
  questions: readonly (readonly NodeId[])[],
): Promise<readonly (readonly SealedTraits[])[]> {
  const rows = await readTraits(database, [...new Set(questions.flat())]);
  const byNode = Map.groupBy(rows, ({ node }) => node);
  return questions.map((nodes) => [...new Set(nodes)].flatMap((node) => byNode.get(node) ?? []));
}

async function sealedNodes(
  database: Database,
  column: 'node' | 'component',
  ids: readonly NodeId[],
): Promise<readonly SealedNode[]> {
  if (ids.length === 0) return [];
  const rows = await database.query<SealedNodeRow>(
    {
      name: `sealed-nodes-by-${column}`,
      text: `select ${SEALED_NODE_COLUMNS} from node where ${column} = any($1::uuid[]) order by first_position, node`,
    },
    [ids.map(uuidOf)],
  );
  return rows.map(sealedNode);
}

type PurchaseRow = {
  readonly node: string;
  readonly device: string | null;
  readonly kind: Purchase['kind'];
  readonly type: Purchase['type'];
  readonly number: string;
  readonly store: string;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly t: Instant;
  readonly c: Instant;
  readonly purposes: bigint;
  readonly terminal: boolean;
  readonly source: string;
};

async function readPurchases(database: Database, nodes: readonly NodeId[]) {
  if (nodes.length === 0) return [];
  const rows = await database.query<PurchaseRow>(
    {
      name: 'purchases-of',
      text: `select node, device, kind, type, number, store, currency, amount_minor, t, c, purposes, terminal, source
        from purchase where node = any($1::uuid[])`,
    },
    [nodes.map(uuidOf)],
  );
  return rows.map(({ node, device, amount_minor, source, ...row }) => ({
    ...row,
    node: nodeOf(node),
    ...(device === null ? {} : { device: nodeOf(device) }),
    amountMinor: Number(amount_minor),
    source: source as SourceId,
  }));
}

type LedgerRow = {
  readonly position: bigint;
  readonly record_id: string;
  readonly purpose: string;
  readonly vendor: string;
  readonly status: string;
  readonly indicated_at: Instant;
  readonly received_at: Instant;
  readonly brands: readonly string[];
  readonly channel: string;
  readonly notice_id: string;
  readonly notice_version: string;
  readonly marks: readonly LedgerMark[];
  readonly own: boolean;
};

async function readLedger(
  database: Database,
  nodes: readonly NodeId[],
  limit: number,
): Promise<readonly LedgerEntry[]> {
  if (nodes.length === 0) return [];
  const rows = await database.query<LedgerRow>(
    `select fact.position, fact.record_id, fact.purpose, fact.vendor, fact.status, fact.indicated_at, fact.received_at,
       record.brands, record.channel, record.notice_id, record.notice_version, record.marks,
       bool_or(fact_node.own) as own
     from consent_fact_node fact_node
     join consent_fact fact on fact.position = fact_node.position
     join consent_record record on record.record_id = fact.record_id
     left join tombstone on tombstone.node = fact_node.node
     where fact_node.node = any($1::uuid[])
       and (tombstone.node is null or fact.status = 'objected' or fact.received_at > tombstone.erased_at)
     group by fact.position, record.record_id
     order by fact.position desc limit $2`,
    [nodes.map(uuidOf), limit],
  );
  return rows.map((row) => ({
    position: Number(row.position),
    recordId: row.record_id,
    purpose: row.purpose,
    vendor: row.vendor,
    status: row.status,
    indicatedAt: row.indicated_at,
    receivedAt: row.received_at,
    brands: row.brands,
    channel: row.channel,
    noticeId: row.notice_id,
    noticeVersion: row.notice_version,
    marks: row.marks,
    own: row.own,
  }));
}
