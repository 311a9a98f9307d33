export {
  type CorrectedTimes,
  correctTimes,
  FUTURE_TOLERANCE_MS,
  LIVE_AGE_MS_MAX,
  type TimesToCorrect,
} from './correct-times.ts';
export type { ClientTimes, ConsentStamp, IncomingItem, Mark } from './incoming-item.ts';
export { ITEM_KINDS, type ItemKind } from './item-kind.ts';
export type { Receipt, ReceiptLine } from './receipt.ts';
