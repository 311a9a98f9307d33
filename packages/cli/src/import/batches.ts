import { COLLECT_LIMITS, type RowProblem } from '@filrouge/wire';
import type { ReadyItem, RowStep } from './import-rows.ts';

/** A request's worth of rows: the items to send, as a body, and what was wrong with rows among them. */
export type Batch = {
  readonly rows: number;
  /** The line on which each item begins, in the order of the body. */
  readonly lines: readonly number[];
  readonly body: Buffer;
  readonly problems: readonly RowProblem[];
  readonly unread: boolean;
};

const HEAD = '{"batch":[';
const TAIL = ']}';
/** Room for what frames and separates items. */
const BODY_BYTES_MAX = COLLECT_LIMITS.bodyBytesMax - 1_024;
/** Problems that a batch without items may gather: a file of faults alone must not fill the memory. */
const PROBLEMS_MAX = 1_000;

/** Gathers steps into batches within the limits of the door, in the order of the file. */
export async function* batchesOf(steps: AsyncIterable<RowStep>, itemsMax: number): AsyncGenerator<Batch> {
  let held = begin();
  for await (const { rows, items, problems, unread } of steps) {
    for (const item of items) {
      const bytes = Buffer.byteLength(item.json) + 1;
      if (held.items.length >= itemsMax || held.bytes + bytes > BODY_BYTES_MAX) {
        yield finish(held);
        held = begin();
      }
      held.items.push(item);
      held.bytes += bytes;
    }
    held.rows += rows;
    held.problems.push(...problems);
    held.unread ||= unread === true;
    if (held.problems.length >= PROBLEMS_MAX) {
      yield finish(held);
      held = begin();
    }
  }
  if (held.rows > 0 || held.problems.length > 0 || held.items.length > 0) yield finish(held);
}

type Held = { rows: number; items: ReadyItem[]; bytes: number; problems: RowProblem[]; unread: boolean };

function begin(): Held {
  return { rows: 0, items: [], bytes: HEAD.length + TAIL.length, problems: [], unread: false };
}

function finish({ rows, items, problems, unread }: Held): Batch {
  return {
    rows,
    lines: items.map(({ line }) => line),
    body: Buffer.from(`${HEAD}${items.map(({ json }) => json).join(',')}${TAIL}`),
    problems,
    unread,
  };
}
