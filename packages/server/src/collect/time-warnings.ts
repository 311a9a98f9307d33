import type { Instant } from '@filrouge/domain/base';
import { correctTimes, FUTURE_TOLERANCE_MS, type Mark } from '@filrouge/domain/event';
import type { Understood } from '@filrouge/wire';

/** What an answer says of an item that was taken, but not as it came; `code` is the mark that it bears from then on. */
export type ItemWarning = { readonly index: number; readonly code: Mark; readonly message: string };

const MINUTES = FUTURE_TOLERANCE_MS / 60_000;
const IN_FUTURE = `Its time lies more than ${MINUTES} minutes ahead, so it is dated to its receipt. Check the clock that wrote it.`;

/** The items of a request whose time is not believed (S4): with a warning for each at its place in the body. */
export function timeWarnings(
  { items, indexes }: Pick<Understood, 'items' | 'indexes'>,
  receipt: { readonly r: Instant; readonly imported: boolean },
): readonly ItemWarning[] {
  const warnings: ItemWarning[] = [];
  for (const [at, { times }] of items.entries()) {
    if (times.occurredAt === undefined) continue;
    const [code] = correctTimes({ ...times, ...receipt }).marks;
    if (code !== undefined) warnings.push({ index: indexes[at] ?? at, code, message: IN_FUTURE });
  }
  return warnings;
}
