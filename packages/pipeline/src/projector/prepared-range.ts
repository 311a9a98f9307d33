import { setImmediate as breath } from 'node:timers/promises';
import type { EventRow, ProjectionStore, Vault } from '@filrouge/ports';
import { eventRow } from './event-row.ts';
import { type OpenedRange, RangeOpener } from './opened-item.ts';

/** A range as far as it can be made from the journal and the keys alone, whatever is projected by then. */
export type PreparedRange = {
  readonly after: number;
  readonly upTo: number;
  readonly opened: OpenedRange;
  /** Rows for the event store, one for each of `opened.items`, in their order. */
  readonly rows: readonly EventRow[];
};

/** Rows made before whoever waits in this process (a request, an answer of an engine) has a turn. */
const ROWS_AT_ONCE = 200;

/** Reads and opens the journal from `after` to `upTo`. */
export async function prepareRange(
  { store, vault }: { readonly store: Pick<ProjectionStore, 'journal'>; readonly vault: Vault },
  after: number,
  upTo: number,
): Promise<PreparedRange> {
  const opened = new RangeOpener(vault);
  const rows: EventRow[] = [];
  if (upTo > after) {
    for await (const entry of store.journal(after, upTo)) {
      opened.open(entry);
      for (const item of opened.items.slice(rows.length)) {
        rows.push(eventRow(vault, item));
        if (rows.length % ROWS_AT_ONCE === 0) await breath();
      }
    }
  }
  return { after, upTo, opened, rows };
}
