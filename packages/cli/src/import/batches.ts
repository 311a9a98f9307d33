import { COLLECT_LIMITS, type RowProblem } from '@filrouge/wire';
import type { NotedRow } from '@filrouge/wire/import';
import type { ReadyItem, RepairedCell, RowStep } from './import-rows.ts';

/** A request's worth of rows: the items to send, as a body, and what was wrong with rows among them. */
export type Batch = {
  readonly rows: number;
  /** The line on which each item begins, in the order of the body. */
  readonly lines: readonly number[];
  readonly body: Buffer;
  readonly problems: readonly RowProblem[];
  readonly notes: readonly RepairedCell[];
  readonly noted: readonly NotedRow[];
  readonly unread: boolean;
};

const TAIL = ']}';
/** Room for what frames and separates items. */
const BODY_BYTES_MAX = COLLECT_LIMITS.bodyBytesMax - 1_024;
/** Problems that a batch without items may gather: a file of faults alone must not fill the memory. */
const PROBLEMS_MAX = 1_000;
/** Rows that a batch may span, so that a file of few items still says where it stands. */
const ROWS_MAX = 50_000;

/**
 * Gathers steps into batches within the limits of the door, in the order of the file. The same steps make the same
 * batches. Each body says which import it belongs to, around its items and not in them: the same row is the same item
 * whatever import brings it.
 */
export async function* batchesOf(
  steps: AsyncIterable<RowStep>,
  itemsMax: number,
  importId: string,
): AsyncGenerator<Batch> {
  const head = `{"context":{"import":{"id":${JSON.stringify(importId)}}},"batch":[`;
  let held = begin();
  for await (const { rows, items, problems, notes, noted, unread } of steps) {
    for (const item of items) {
      const bytes = Buffer.byteLength(item.json) + 1;
      if (held.items.length >= itemsMax || held.bytes + bytes > BODY_BYTES_MAX) {
        yield finish(held, head);
        held = begin();
      }
      held.items.push(item);
      held.bytes += bytes;
    }
    held.rows += rows;
    held.problems.push(...problems);
    if (notes !== undefined) held.notes.push(...notes);
    if (noted !== undefined) held.noted.push(...noted);
    held.unread ||= unread === true;
    if (held.problems.length >= PROBLEMS_MAX || held.rows >= ROWS_MAX) {
      yield finish(held, head);
      held = begin();
    }
  }
  if (held.rows > 0 || held.problems.length > 0 || held.items.length > 0) yield finish(held, head);
}

type Held = {
  rows: number;
  items: ReadyItem[];
  bytes: number;
  problems: RowProblem[];
  notes: RepairedCell[];
  noted: NotedRow[];
  unread: boolean;
};

function begin(): Held {
  return { rows: 0, items: [], bytes: TAIL.length, problems: [], notes: [], noted: [], unread: false };
}

function finish({ rows, items, problems, notes, noted, unread }: Held, head: string): Batch {
  return {
    rows,
    lines: items.map(({ line }) => line),
    body: Buffer.from(`${head}${items.map(({ json }) => json).join(',')}${TAIL}`),
    problems,
    notes,
    noted,
    unread,
  };
}
