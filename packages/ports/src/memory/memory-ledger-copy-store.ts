import type { ConsentDecisionRow, ConsentRecord } from '../append-store.ts';
import { EngineError } from '../engine-error.ts';
import type { LedgerCopyStore, LedgerLine } from '../ledger-copy-store.ts';
import type { DataKeyRow } from '../vault.ts';
import { headOf } from './memory-append-store.ts';
import {
  claimKey,
  type MemoryDatabase,
  type MemoryDraft,
  type MemoryView,
  ONE,
  type StoredFact,
} from './memory-database.ts';
import { runNameOf } from './memory-import-store.ts';

/** What a line says: sealed bytes are in it as base64. */
type Told = {
  readonly record: Omit<ConsentRecord, 'sealed' | 'decisions'> & { readonly sealed: string };
  readonly key: DataKeyRow | null;
  readonly facts: readonly (Omit<ConsentDecisionRow, 'basis'> & { readonly recordId: string })[];
};

/** The ledger as lines for a second place, and back, in memory. */
export function createMemoryLedgerCopyStore(database: MemoryDatabase): LedgerCopyStore {
  const { view } = database;
  return {
    head: async () => headOf(view).ledgerPosition,
    linesAfter: async (position, factsMax) => linesAfter(view, position, factsMax),
    undoneRuns: async () =>
      [...view.importRun.values()].filter(({ state }) => state !== 'open').map((run) => runNameOf(run)),
    recordAt: async (position) => view.fact.get(String(position))?.recordId,
    append: (lines, keysGone) => database.transaction((draft) => append(draft, lines, new Set<number>(keysGone))),
    voidRuns: (runs) => database.transaction((draft) => voidRuns(draft, new Set(runs))),
  };
}

function linesAfter(view: MemoryView, position: number, factsMax: number): readonly LedgerLine[] {
  const next = [...view.fact.values()]
    .filter((fact) => fact.position > position)
    .sort((a, b) => a.position - b.position)
    .slice(0, factsMax);
  return [...Map.groupBy(next, ({ recordId }) => recordId).values()].map((facts) => lineOf(view, facts));
}

function lineOf(view: MemoryView, facts: readonly StoredFact[]): LedgerLine {
  const [one] = facts as readonly [StoredFact];
  const { decisions: _, sealed, ...record } = one.record;
  const told: Told = {
    record: { ...record, sealed: sealed.toString('base64') },
    key: [...view.dataKey.values()].find(({ id }) => id === record.key) ?? null,
    facts: facts.map(({ record: _record, ...fact }) => fact),
  };
  return { first: one.position, last: facts.at(-1)?.position ?? one.position, text: JSON.stringify(told) };
}

function append(draft: MemoryDraft, lines: readonly LedgerLine[], keysGone: ReadonlySet<number>): number {
  const head = headOf(draft);
  const fresh = new Set<number>();
  for (const { record: written, key, facts } of lines.map(({ text }) => JSON.parse(text) as Told)) {
    const known = key === null || keysGone.has(key.id) || draft.dataKey.get(claimKey(key)) !== undefined;
    if (!known) draft.dataKey.put(claimKey(key), key);
    const { run, ...about } = written;
    const here = run !== undefined && draft.importRun.get(String(run)) !== undefined;
    const sealed = Buffer.from(about.sealed, 'base64');
    const record = { ...about, sealed, decisions: facts, ...(here ? { run } : {}) };
    for (const fact of facts) {
      if ((draft.fact.get(String(fact.position))?.recordId ?? fact.recordId) !== fact.recordId) {
        throw new EngineError('other', `the second place tells ledger position ${fact.position} otherwise too`);
      }
      if (fact.position <= head.ledgerPosition || fresh.has(fact.position)) continue;
      fresh.add(fact.position);
      draft.fact.put(String(fact.position), { ...fact, record });
      for (const { node, standing } of record.nodes) {
        draft.factNode.put(`${node} ${fact.position}`, { node, position: fact.position, own: standing === 'own' });
      }
      if (run !== undefined && fact.status === 'given') {
        draft.voidFact.put(String(fact.position), { position: fact.position });
      }
    }
  }
  const last = Math.max(head.ledgerPosition, ...fresh);
  if (last - head.ledgerPosition !== fresh.size) {
    const what = `the second place of the consents leaves a gap after ledger position ${head.ledgerPosition}`;
    throw new EngineError('other', what);
  }
  draft.head.put(ONE, { ...head, ledgerPosition: last });
  return fresh.size;
}

function voidRuns(draft: MemoryDraft, runs: ReadonlySet<string>): number {
  let voided = 0;
  for (const { position, status, record } of draft.fact.values()) {
    const run = record.run === undefined ? undefined : draft.importRun.get(String(record.run));
    if (run === undefined || !runs.has(runNameOf(run)) || status !== 'given') continue;
    if (draft.voidFact.get(String(position)) !== undefined) continue;
    draft.voidFact.put(String(position), { position });
    voided += 1;
  }
  return voided;
}
