import type { BrandId } from '@filrouge/domain/deployment';
import type { ReferenceKind } from '@filrouge/domain/reference';
import { REFERENCE_VERSIONS_MAX, type ReferenceStore, type ToldReference } from '../reference-store.ts';
import type { MemoryDatabase, MemoryDraft, MemoryRows, MemoryView } from './memory-database.ts';
import { importRunIn, runIn } from './memory-import-store.ts';

type Row = MemoryRows['reference'];

/** Products, stores and campaigns, in memory. */
export function createMemoryReferenceStore(database: MemoryDatabase): ReferenceStore {
  return {
    tell: (source, entries, note, at) =>
      database.transaction((draft) => {
        const run = note === undefined ? undefined : importRunIn(draft, note, source, at);
        for (const entry of entries) {
          const told = [...draft.reference.values()].reduce((last, row) => Math.max(last, row.told), 0) + 1;
          const row: Row = { ...entry, brand: source.brand, source: source.id, run: run ?? 0, told, toldAt: at };
          draft.reference.put(keyOf(row), row);
          for (const old of versionsOf(draft, row).slice(REFERENCE_VERSIONS_MAX)) draft.reference.delete(keyOf(old));
        }
        if (run === undefined) return undefined;
        const known = runIn(draft, run);
        draft.importRun.put(String(run), { ...known, lastAt: at, reference: known.reference + entries.length });
        return run;
      }),
    list: async ({ brand, kind, text, limit, after = '' }) =>
      standing(database.view, brand, kind)
        .filter(({ id }) => id > after)
        .filter(({ id, content }) => isIn(text, id) || isIn(text, content.name))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map(shown),
    names: async (brand, kind, ids) =>
      new Map(
        standing(database.view, brand, kind).flatMap(({ id, content }) =>
          ids.includes(id) ? [[id, content.name] as const] : [],
        ),
      ),
  };
}

function isIn(text: string | undefined, where: string): boolean {
  return text === undefined || where.toLowerCase().includes(text.toLowerCase());
}

function keyOf({ brand, kind, id, run }: Row): string {
  return `${brand} ${kind} ${run} ${id}`;
}

/** The last told first. */
function versionsOf(view: MemoryView | MemoryDraft, { brand, kind, id }: Pick<Row, 'brand' | 'kind' | 'id'>): Row[] {
  return [...view.reference.values()]
    .filter((row) => row.brand === brand && row.kind === kind && row.id === id)
    .sort((a, b) => b.told - a.told);
}

function standing(view: MemoryView, brand: BrandId, kind: ReferenceKind): readonly Row[] {
  const rows = [...view.reference.values()].filter((row) => row.brand === brand && row.kind === kind);
  return [...new Set(rows.map(({ id }) => id))].flatMap((id) => versionsOf(view, { brand, kind, id })[0] ?? []);
}

function shown({ brand: _brand, run: _run, told: _told, ...row }: Row): ToldReference {
  return row as ToldReference;
}
