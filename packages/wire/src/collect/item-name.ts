import type { Source, SourceKind } from '@filrouge/domain/deployment';
import { type IncomingItem, ITEM_KINDS, type ItemKind } from '@filrouge/domain/event';

/** Names under which items without one of their own stand on the timeline. */
export const DEFAULT_NAMES: Readonly<Record<Exclude<ItemKind, 'track'>, string>> = {
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  identify: 'Identify',
  alias: 'Alias',
  group: 'Group',
  order: 'Order Completed',
  ticket: 'Store Ticket',
  customer: 'Customer Updated',
  'mail-open': 'Email Opened',
  mail: 'Email',
  call: 'Call',
  location: 'Location',
};

/** What a receipt event says of it. */
export type ReceiptEvent = { readonly kind: 'order' | 'ticket'; readonly type: 'sale' | 'refund' | 'cancellation' };

/** Event names of Segment's e-commerce specification and their store counterparts, as `eventWord` writes them. */
const RECEIPT_EVENTS: Readonly<Record<string, ReceiptEvent>> = {
  'order completed': { kind: 'order', type: 'sale' },
  'order refunded': { kind: 'order', type: 'refund' },
  'order cancelled': { kind: 'order', type: 'cancellation' },
  'order canceled': { kind: 'order', type: 'cancellation' },
  'store ticket': { kind: 'ticket', type: 'sale' },
  'store ticket refunded': { kind: 'ticket', type: 'refund' },
  'store ticket cancelled': { kind: 'ticket', type: 'cancellation' },
};

const MAIL_OPEN_EVENTS = new Set(['email opened', 'email open', 'e mail opened', 'mail opened', 'newsletter opened']);
const LOGOUT_EVENTS = new Set([
  'signed out',
  'logged out',
  'user signed out',
  'user logged out',
  'log out',
  'sign out',
]);

/** `order_completed`, `Order Completed` and `order-completed` are one event to those who write them. */
function eventWord(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
}

/** What the name of a track event makes of it. */
export type TrackMeaning = {
  readonly receipt?: ReceiptEvent;
  readonly mailOpen?: true;
  readonly logout?: true;
};

const NO_MEANING: TrackMeaning = {};
const CACHE_SIZE_MAX = 4_096;
const meanings = new Map<string, TrackMeaning>();

/** Looks an event's name up; remembered, because a source sends the same names for ever. */
export function trackMeaning(name: string): TrackMeaning {
  const known = meanings.get(name);
  if (known !== undefined) return known;
  const found = look(eventWord(name));
  if (meanings.size >= CACHE_SIZE_MAX) meanings.clear();
  meanings.set(name, found);
  return found;
}

function look(word: string): TrackMeaning {
  const receipt = Object.hasOwn(RECEIPT_EVENTS, word) ? RECEIPT_EVENTS[word] : undefined;
  if (receipt !== undefined) return { receipt };
  if (MAIL_OPEN_EVENTS.has(word)) return { mailOpen: true };
  return LOGOUT_EVENTS.has(word) ? { logout: true } : NO_MEANING;
}

/** Facts that only a secret key may state: from a page or an app anybody could forge them. */
const TRUSTED_KINDS: ReadonlySet<ItemKind> = new Set(['order', 'ticket', 'customer', 'call', 'mail']);

export function mayState(kind: ItemKind, source: SourceKind): boolean {
  return source === 'server' || source === 'store' || !TRUSTED_KINDS.has(kind);
}

/** Whether a receipt event of a source is one: from a web or app key anybody could forge it, and it is no revenue. */
export function isHeard({ kind }: ReceiptEvent, source: Source): boolean {
  return mayState(kind, source.kind) && source.allowedKinds.includes(kind);
}

/** Whether an item names a sale that its source may not state: it is kept as the plain event that it claims to be. */
export function isUnheardSale({ kind, name }: Pick<IncomingItem, 'kind' | 'name'>, source: Source): boolean {
  const event = kind === 'track' ? trackMeaning(name).receipt : undefined;
  return event !== undefined && !isHeard(event, source);
}

const KINDS: ReadonlySet<string> = new Set(ITEM_KINDS);

export function isItemKind(text: string): text is ItemKind {
  return KINDS.has(text);
}

/** How a receipt stands on the timeline. */
export function receiptName(event: ReceiptEvent): string {
  if (event.kind === 'order') {
    return event.type === 'sale' ? 'Order Completed' : event.type === 'refund' ? 'Order Refunded' : 'Order Cancelled';
  }
  return event.type === 'sale'
    ? 'Store Ticket'
    : event.type === 'refund'
      ? 'Store Ticket Refunded'
      : 'Store Ticket Cancelled';
}
