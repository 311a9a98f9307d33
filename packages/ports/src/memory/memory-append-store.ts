import { DAY_MS, type Instant, invariant } from '@filrouge/domain/base';
import { allotBits, type Purpose } from '@filrouge/domain/consent';
import type { NodeId } from '@filrouge/domain/identity';
import {
  type AppendBatch,
  type AppendStore,
  type AppendTransaction,
  type ConsentRecord,
  type ExpiredIds,
  type FlowCount,
  type Head,
  noBitLeft,
  SEEN_DAYS_AHEAD,
  SEEN_DAYS_BACK,
  SEEN_DAYS_KEPT,
  SEEN_STATED_DAYS_KEPT,
  type SeenAnswer,
  type SeenKey,
} from '../append-store.ts';
import { claimKey, dayOf, type MemoryDatabase, type MemoryDraft, type MemoryView, ONE } from './memory-database.ts';
import { importRunIn, requireOpenRunIn, tallyIn } from './memory-import-store.ts';
import { subjectsIn } from './memory-neighbourhood.ts';

/** The one appender, in memory. */
export function createMemoryAppendStore(database: MemoryDatabase, now: () => Instant): AppendStore {
  return {
    append: (work, claiming = []) =>
      database.transaction((draft) => work(transactionOn(draft, now(), claimIds(draft, claiming, now())))),
    count: (flow, receivedAt) => database.transaction((draft) => addFlow(draft, flow, receivedAt)),
    expire: () => database.transaction((draft) => expire(draft, now())),
    allot: (purposes) => database.transaction((draft) => allot(draft, purposes)),
  };
}

function expire(draft: MemoryDraft, now: Instant): ExpiredIds {
  const received = dayOf((now - SEEN_DAYS_KEPT * DAY_MS) as Instant);
  const stated = dayOf((now - SEEN_STATED_DAYS_KEPT * DAY_MS) as Instant);
  const old = [...draft.seen.values()].filter(({ day, dated }) => day < (dated ? stated : received));
  for (const { id, day, dated } of old) draft.seen.delete(dated ? `${day} ${id}` : id);
  const days = new Set(old.flatMap(({ day, dated }) => (dated ? day : [])));
  return { days: [...days].sort(), ids: old.filter(({ dated }) => !dated).length };
}

function allot(draft: MemoryDraft, purposes: readonly Purpose[]): readonly Purpose[] {
  const given = new Map([...draft.purposeBit.values()].map(({ id, bit }) => [id, bit]));
  const allotted = allotBits(purposes, given);
  if (!allotted.ok) throw noBitLeft(allotted.refusal);
  for (const { id, bit } of allotted.value) draft.purposeBit.put(id, { id, bit });
  return allotted.value;
}

function transactionOn(draft: MemoryDraft, receivedAt: Instant, claimed: readonly SeenAnswer[]): AppendTransaction {
  const head = headOf(draft);
  return {
    head,
    claimed,
    claim: async (keys) => claimIds(draft, keys, receivedAt),
    importRun: async (note, source) => importRunIn(draft, note, source, receivedAt),
    requireOpenRun: async (number) => requireOpenRunIn(draft, number),
    changedSince: async (known) => changedSince(draft, head, known),
    subjects: async (nodes) => subjectsIn(draft, nodes),
    keys: async (claims) => claims.flatMap((claim) => draft.dataKey.get(claimKey(claim)) ?? []),
    stillOpen: async (ids) => [...new Set(ids)].filter((id) => draft.quarantine.get(id)?.state === 'open').sort(),
    record: async (records) => record(draft, records),
    write: async (batch) => write(draft, batch),
  };
}

/** The two logs and the version of who is who, as this transaction sees them. */
export function headOf(view: Pick<MemoryView, 'head'>): Head {
  const head = view.head.get(ONE);
  invariant(head !== undefined, 'the database has its head');
  return head;
}

function claimIds(draft: MemoryDraft, keys: readonly SeenKey[], receivedAt: Instant): readonly SeenAnswer[] {
  const today = Math.floor(receivedAt / DAY_MS);
  const rows = keys.some(({ day }) => day === undefined) ? [...draft.seen.values()] : [];
  const anywhere = new Map(rows.map(({ id, body }) => [id, body]));
  const answers = keys.map(({ day, id, body }): SeenAnswer => {
    const dated = draft.seen.get(`${day} ${id}`)?.body ?? (day === undefined ? anywhere.get(id) : undefined);
    // Also where it is dated: its first receipt may have been by a clock that was far from the item's own.
    const known = dated ?? draft.seen.get(id)?.body;
    if (known === undefined) return 'new';
    return known === body ? 'duplicate' : 'other-body';
  });
  for (const [at, { day, id, body, run }] of keys.entries()) {
    if (answers[at] !== 'new') continue;
    const dated = isKept(day, today);
    const filed = dated && day !== undefined ? day : dayOf(receivedAt);
    draft.seen.put(dated ? `${day} ${id}` : id, {
      id,
      body,
      day: filed,
      dated,
      ...(run === undefined ? {} : { run }),
    });
  }
  return answers;
}

function isKept(day: string | undefined, today: number): boolean {
  if (day === undefined) return false;
  const at = Date.parse(`${day}T00:00:00Z`) / DAY_MS;
  return at >= today - SEEN_DAYS_BACK && at <= today + SEEN_DAYS_AHEAD;
}

export function changedSince(
  draft: Pick<MemoryView, 'change' | 'factNode'>,
  head: Head,
  known: Head,
): readonly NodeId[] | 'everything' {
  const versions = head.identityVersion - known.identityVersion;
  if (versions < 0 || head.ledgerPosition < known.ledgerPosition) return 'everything';
  const told = [...draft.change.values()].filter(({ version }) => version > known.identityVersion);
  if (told.length !== versions) return 'everything';
  const facts = [...draft.factNode.values()].filter(({ position }) => position > known.ledgerPosition);
  return [...new Set([...facts.map(({ node }) => node), ...told.flatMap(({ nodes }) => nodes)])];
}

function record(draft: MemoryDraft, records: readonly ConsentRecord[]): void {
  const head = headOf(draft);
  let position = head.ledgerPosition;
  for (const entry of records) {
    for (const decision of entry.decisions) {
      position += 1;
      invariant(decision.position === position, 'ledger positions are gapless');
      const { basis: _basis, ...fact } = decision;
      draft.fact.put(String(decision.position), { ...fact, recordId: entry.recordId, record: entry });
      for (const { node, standing } of entry.nodes) {
        const key = `${node} ${decision.position}`;
        const own = standing === 'own' || draft.factNode.get(key)?.own === true;
        draft.factNode.put(key, { node, position: decision.position, own });
      }
    }
  }
  draft.head.put(ONE, { ...head, ledgerPosition: position });
}

function write(draft: MemoryDraft, batch: AppendBatch): void {
  const { journal, receivedAt } = batch;
  const head = headOf(draft);
  if (journal !== undefined) {
    invariant(journal.position === head.journalPosition + 1, 'journal positions are gapless');
    draft.journal.put(String(journal.position), { ...journal, receivedAt });
    draft.head.put(ONE, { ...head, journalPosition: journal.position });
  }
  const headers = [...draft.withheld.values()].length;
  for (const [at, header] of batch.withheld.entries()) draft.withheld.put(`${headers + at}`, { receivedAt, header });
  for (const entry of batch.quarantined) draft.quarantine.put(entry.id, { ...entry, receivedAt, state: 'open' });
  for (const row of batch.keys) {
    invariant(draft.dataKey.get(claimKey(row)) === undefined, 'a claim has one data key');
    draft.dataKey.put(claimKey(row), row);
  }
  for (const row of batch.renewed) draft.dataKey.put(claimKey(row), row);
  addFlow(draft, batch.flow, receivedAt);
  for (const { node, liftedAt } of batch.lifted) {
    const tombstone = draft.tombstone.get(node);
    if (tombstone !== undefined) draft.tombstone.put(node, { ...tombstone, liftedAt: tombstone.liftedAt ?? liftedAt });
  }
  announceIn(
    draft,
    batch.lifted.map(({ node }) => node),
  );
  for (const id of batch.released) {
    const entry = draft.quarantine.get(id);
    invariant(entry?.state === 'open', 'a quarantined entry enters again once (S2)');
    draft.quarantine.put(id, { ...entry, state: 'released', sealed: Buffer.alloc(0) });
  }
  tallyIn(draft, batch.imports ?? [], journal?.position ?? 0, receivedAt);
}

function addFlow(draft: MemoryDraft, flow: readonly FlowCount[], receivedAt: Instant): void {
  for (const one of flow) {
    const day = dayOf(one.receivedAt ?? receivedAt);
    const key = [day, one.brand, one.source, one.outcome, one.reason, one.name].join('\n');
    draft.flow.put(key, { ...one, day, count: (draft.flow.get(key)?.count ?? 0) + one.count });
  }
}

/** How many announcements are kept for doors that were away. */
const ANNOUNCEMENTS_MAX = 10_000;

/** Tells every door which nodes to forget. */
export function announceIn(draft: MemoryDraft, nodes: readonly NodeId[] | 'everything'): void {
  if (nodes.length === 0) return;
  const head = headOf(draft);
  const version = head.identityVersion + 1;
  draft.head.put(ONE, { ...head, identityVersion: version });
  // A version that names no node makes every door forget all.
  if (nodes === 'everything') return;
  draft.change.put(String(version), { version, nodes });
  draft.change.delete(String(version - ANNOUNCEMENTS_MAX));
}
