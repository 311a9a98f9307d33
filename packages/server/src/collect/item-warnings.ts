import type { Instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import { correctTimes, FUTURE_TOLERANCE_MS, type IncomingItem, type Mark } from '@filrouge/domain/event';
import { isUnheardSale, type Understood } from '@filrouge/wire';

/** What an answer says of an item that was taken, but not as it came. */
export type ItemWarning = { readonly index: number; readonly code: ItemWarningCode; readonly message: string };

/** `sale-not-trusted` is said here alone; the others are marks that the item bears from then on. */
type ItemWarningCode = Extract<Mark, 'time-in-future' | 'receipt-incomplete'> | 'sale-not-trusted';

const MINUTES = FUTURE_TOLERANCE_MS / 60_000;
const MESSAGES: Readonly<Record<ItemWarningCode, string>> = {
  'time-in-future': `Its time lies more than ${MINUTES} minutes ahead, so it is dated to its receipt. Check the clock that wrote it.`,
  'sale-not-trusted':
    'This key may not state sales, so it is kept as a plain event and counts in no revenue. Send it with the key of a server or store source.',
  'receipt-incomplete':
    'It cannot be read as a sale, so it is kept as a plain event and counts in no revenue. Send order_id, currency and total, as decimal numbers, and what was brought back as Order Refunded.',
};

/** A decision of a day to come, which the ledger dates to its receipt (S6, example 9). */
export function decisionDatedAhead(index: number): ItemWarning {
  return { index, code: 'time-in-future', message: MESSAGES['time-in-future'] };
}

/** The items of a request that were taken, but not as they came (S4): with a warning for each at its place in the body. */
export function itemWarnings(
  { items, indexes }: Pick<Understood, 'items' | 'indexes'>,
  receipt: { readonly source: Source; readonly r: Instant; readonly imported: boolean },
): readonly ItemWarning[] {
  return items.flatMap((item, at) =>
    codesOf(item, receipt).map((code) => ({ index: indexes[at] ?? at, code, message: MESSAGES[code] })),
  );
}

function codesOf(
  item: IncomingItem,
  { source, ...receipt }: Parameters<typeof itemWarnings>[1],
): readonly ItemWarningCode[] {
  const { times } = item;
  const ahead =
    times.occurredAt !== undefined && correctTimes({ ...times, ...receipt }).marks.includes('time-in-future');
  return [
    ...(ahead ? (['time-in-future'] as const) : []),
    ...(isUnheardSale(item, source) ? (['sale-not-trusted'] as const) : []),
    ...(item.marks.includes('receipt-incomplete') ? (['receipt-incomplete'] as const) : []),
  ];
}
