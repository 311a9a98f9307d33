export type { ClientTimes, ConsentStamp, IncomingItem, Mark } from './incoming-item.ts';
export { ITEM_KINDS, type ItemKind } from './item-kind.ts';
export type { Receipt, ReceiptLine } from './receipt.ts';
