import type { EventRange, EventRow, EventStore } from '../event-store.ts';

/** The store of a run of the suite, and the generation of the test under way. */
export type OpenedStore = { store?: EventStore; generation: number };

export function storeOf(opened: OpenedStore): EventStore {
  if (opened.store === undefined) throw new Error('the store is not open');
  return opened.store;
}

export function range(opened: OpenedStore, from: number, to = from): EventRange {
  return { generation: `g${opened.generation}`, from, to };
}

export async function keep(opened: OpenedStore, ...rows: readonly EventRow[]): Promise<void> {
  const positions = rows.map(({ position }) => position);
  await storeOf(opened).insertRange(range(opened, Math.min(...positions), Math.max(...positions)), rows);
}
