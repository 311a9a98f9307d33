import { instant } from '@filrouge/domain/base';
import type { ConsentState, Purpose, PurposeId } from '@filrouge/domain/consent';
import type { BrandId, PropertyId, SourceId } from '@filrouge/domain/deployment';
import { BEGINNING, END, NO_THREAD, type PersonNumber, type Thread } from '@filrouge/domain/identity';
import type { ConsentStanding, EventLine, EventRow, ReadPermission, ThreadSpans } from '../event-store.ts';
import type { KeyId } from '../vault.ts';

/** Names and rows that the suite of the event store and the tests of its engines share. */
export const ATELIER = 'atelier' as BrandId;
export const MAISON = 'maison' as BrandId;

export const STORE_MEASUREMENT: Purpose = {
  id: 'store_measurement' as PurposeId,
  bit: 12,
  basis: 'consent',
  scope: { device: true, person: true },
};
export const ORDER_FULFILMENT: Purpose = {
  id: 'order_fulfilment' as PurposeId,
  bit: 0,
  basis: 'contract',
  scope: { device: false, person: true },
};

const BOTH_BITS = (1n << 12n) | 1n;

export function thread(number: number | bigint): Thread {
  return String(number) as Thread;
}

/** `2026-11-03T10:00` UTC -> instant. */
export function utc(text: string): ReturnType<typeof instant> {
  return instant(Date.parse(`${text}Z`));
}

export function forUse(use: ReadPermission['use'], now: string, purpose: Purpose = STORE_MEASUREMENT): ReadPermission {
  return { purpose, use, now: utc(now) };
}

let made = 0;

/** Different in both halves and in no order: engines compare UUIDs in their own ways, the port in one. */
function uuidOf(number: number): string {
  const digits = ((BigInt(number) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & ((1n << 128n) - 1n))
    .toString(16)
    .padStart(32, '0');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A page view that all purposes of the examples allow; everything about it can be said otherwise. */
export function pageView(changes: Partial<EventRow> & Pick<EventRow, 't'>): EventRow {
  made += 1;
  return {
    eventId: uuidOf(made),
    brand: ATELIER,
    thread: thread(1),
    device: changes.thread ?? thread(1),
    r: changes.t,
    c: changes.t,
    kind: 'page',
    name: 'Page Viewed',
    channel: 'web',
    source: 'site' as SourceId,
    property: 'shop' as PropertyId,
    store: '',
    purposes: BOTH_BITS,
    bot: false,
    imported: false,
    terminal: true,
    lines: [],
    clear: {},
    sealed: '',
    key: 1 as KeyId,
    position: made,
    item: 0,
    ...changes,
  };
}

/** A till receipt of 50 euros. */
export function ticket(changes: Partial<EventRow> & Pick<EventRow, 't'>): EventRow {
  const { receipt, ...others } = changes;
  return pageView({
    device: NO_THREAD,
    kind: 'ticket',
    name: 'Ticket',
    channel: 'store',
    source: 'till' as SourceId,
    store: 'lyon',
    terminal: false,
    ...others,
    receipt: receipt ?? { type: 'sale', number: `t${made}`, currency: 'EUR', amountMinor: 5_000, vatMinor: 833 },
  });
}

export function line(sku: string, category: string, amountMinor = 0): EventLine {
  return { sku, category, amountMinor };
}

export function given(since: string, more: { readonly until?: string; readonly follows?: boolean } = {}): ConsentState {
  return {
    kind: 'given',
    since: utc(since),
    runSince: utc(since),
    followsNegative: more.follows ?? false,
    ...(more.until === undefined ? {} : { until: utc(more.until) }),
    position: 1,
    recordId: 'record',
  };
}

export function refused(since: string): ConsentState {
  return { kind: 'refused', since: utc(since), position: 1 };
}

/** How a thread stands on store measurement. */
export function standing(of: Thread, states: Pick<ConsentStanding, 'device' | 'person'>): ConsentStanding {
  return { brand: ATELIER, thread: of, bit: STORE_MEASUREMENT.bit, ...states };
}

/** A thread that is one person's, always. */
export function belongsTo(of: Thread, person: Thread): ThreadSpans {
  return {
    brand: ATELIER,
    thread: of,
    spans: [{ from: BEGINNING, to: END, person: person as string as PersonNumber }],
  };
}
