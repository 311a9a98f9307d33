import type { Instant } from '@filrouge/domain/base';
import { invariant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import { ImportClosed, type ImportNote, type ImportRun, type ImportStore, type ImportTally } from '../import-store.ts';
import type { MemoryDatabase, MemoryDraft, MemoryView } from './memory-database.ts';

/** Imports, in memory. */
export function createMemoryImportStore(database: MemoryDatabase): ImportStore {
  return {
    list: async (query) =>
      [...database.view.importRun.values()]
        .map((run) => withProgress(database, run))
        .filter(
          ({ number, brand, import: id, content, state }) =>
            number < (query.before ?? Number.POSITIVE_INFINITY) &&
            (query.brand ?? brand) === brand &&
            (query.import ?? id) === id &&
            (query.content ?? content) === content &&
            (query.state ?? state) === state,
        )
        .sort((a, b) => b.number - a.number)
        .slice(0, query.limit),
    run: async (number) => {
      const run = database.view.importRun.get(String(number));
      return run === undefined ? undefined : withProgress(database, run);
    },
    close: (number, by, at) => database.transaction((draft) => close(draft, number, by, at)),
    release: (run) => database.transaction((draft) => release(draft, run)),
    async progress(number, read, total) {
      database.undoProgress.set(number, { read, total });
    },
    reopen: (number) =>
      database.transaction((draft) => {
        const { undo: _, ...run } = runIn(draft, number);
        if (run.state === 'undoing') draft.importRun.put(String(number), { ...run, state: 'open' });
      }),
    finish: (number, at) =>
      database.transaction((draft) => {
        const run = runIn(draft, number);
        invariant(run.undo !== undefined, 'a run that is taken back was closed');
        draft.importRun.put(String(number), { ...run, state: 'undone', undo: { ...run.undo, doneAt: at } });
      }),
  };
}

export function runIn(view: MemoryView, number: number): ImportRun {
  const run = view.importRun.get(String(number));
  invariant(run !== undefined, 'a run that is named is there');
  return run;
}

function close(draft: MemoryDraft, number: number, by: string, at: Instant): boolean {
  const run = draft.importRun.get(String(number));
  if (run?.state !== 'open') return false;
  const undo = { askedAt: at, askedBy: by, read: 0, total: 0 };
  draft.importRun.put(String(number), { ...run, state: 'undoing', undo });
  return true;
}

function withProgress(database: MemoryDatabase, run: ImportRun): ImportRun {
  const progress = database.undoProgress.get(run.number);
  return run.undo === undefined || progress === undefined ? run : { ...run, undo: { ...run.undo, ...progress } };
}

function release(draft: MemoryDraft, { number, undo }: ImportRun): void {
  for (const [key, row] of draft.seen.entries()) if (row.run === number) draft.seen.delete(key);
  for (const [key, row] of draft.reference.entries()) if (row.run === number) draft.reference.delete(key);
  for (const entry of draft.quarantine.values()) {
    if (entry.run !== number || entry.state !== 'open') continue;
    const decided = { at: undo?.askedAt ?? entry.receivedAt, by: `${undo?.askedBy ?? ''}: the import was undone` };
    draft.quarantine.put(entry.id, { ...entry, state: 'discarded', decided, sealed: Buffer.alloc(0) });
  }
}

export function importRunIn(
  draft: MemoryDraft,
  note: ImportNote,
  source: { readonly brand: BrandId; readonly id: SourceId },
  at: Instant,
): number {
  const runs = [...draft.importRun.values()];
  const standing = runs.find(
    (run) =>
      run.import === note.import && run.brand === source.brand && run.source === source.id && run.state !== 'undone',
  );
  if (standing?.state === 'undoing') throw new ImportClosed('the import is being undone');
  if (note.run !== undefined && standing?.number !== note.run) throw new ImportClosed('the run of the import is over');
  if (standing !== undefined) return standing.number;
  const number = runs.length + 1;
  const { import: id, kind, file, content } = note;
  draft.importRun.put(String(number), {
    import: id,
    kind,
    file,
    content,
    number,
    brand: source.brand,
    source: source.id,
    begunAt: at,
    lastAt: at,
    journal: undefined,
    accepted: 0,
    withheld: 0,
    quarantined: 0,
    consents: 0,
    reference: 0,
    state: 'open',
  });
  return number;
}

export function requireOpenRunIn(view: MemoryView, number: number): void {
  if (view.importRun.get(String(number))?.state !== 'open') throw new ImportClosed('the run of the import is over');
}

export function tallyIn(draft: MemoryDraft, tallies: readonly ImportTally[], position: number, at: Instant): void {
  for (const { run: number, journaled, ...more } of tallies) {
    const run = runIn(draft, number);
    draft.importRun.put(String(number), {
      ...run,
      lastAt: at,
      journal: journaled ? { first: run.journal?.first ?? position, last: position } : run.journal,
      accepted: run.accepted + more.accepted,
      withheld: run.withheld + more.withheld,
      quarantined: run.quarantined + more.quarantined,
      consents: run.consents + more.consents,
    });
  }
}

export function undoneRunsIn(view: MemoryView): ReadonlySet<number> {
  return new Set([...view.importRun.values()].filter(({ state }) => state !== 'open').map(({ number }) => number));
}

export function eldestUndoing(view: MemoryView): number | undefined {
  return [...view.importRun.values()]
    .filter(({ state }) => state === 'undoing')
    .map(({ number }) => number)
    .sort((a, b) => a - b)[0];
}

export function voidFactsIn(draft: MemoryDraft, run: number): readonly NodeId[] {
  const positions = new Set<number>();
  for (const fact of draft.fact.values()) {
    if (fact.record.run !== run || fact.status !== 'given') continue;
    positions.add(fact.position);
    draft.voidFact.put(String(fact.position), { position: fact.position });
  }
  return [...new Set([...draft.factNode.values()].flatMap((row) => (positions.has(row.position) ? [row.node] : [])))];
}

/** Numbers begin again where a backup ended: when it was begun tells a run from its namesake. */
export function runNameOf({ number, begunAt }: Pick<ImportRun, 'number' | 'begunAt'>): string {
  return `${number}@${begunAt}`;
}
