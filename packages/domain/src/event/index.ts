export { CLEAR_NAME_LENGTH_MAX, clearName } from './clear-name.ts';
export { type SplitItem, splitProperties } from './clear-properties.ts';
export {
  type CorrectedTimes,
  correctTimes,
  FUTURE_TOLERANCE_MS,
  LIVE_AGE_MS_MAX,
  type TimesToCorrect,
} from './correct-times.ts';
export type { ClientTimes, ConsentStamp, IncomingItem, Mark, SourceText } from './incoming-item.ts';
export { ITEM_KINDS, type ItemKind } from './item-kind.ts';
export type { Receipt, ReceiptLine } from './receipt.ts';
export { scrubPersonal } from './scrub-personal.ts';
