import type { Instant } from '@filrouge/domain/base';
import type { ConsentState, Purpose, Use } from '@filrouge/domain/consent';
import type { BrandId, Channel, PropertyId, SourceId } from '@filrouge/domain/deployment';
import type { ItemKind, Receipt } from '@filrouge/domain/event';
import type { Thread, ThreadMapEntry, TimeSpan } from '@filrouge/domain/identity';
import type { RopoCell, RopoDirection, RopoMatch, RopoWindow } from '@filrouge/domain/measurement';
import type { KeyId } from './vault.ts';

/** A product that an event speaks of; `amountMinor` is what was paid for it, 0 where nothing was. */
export type EventLine = { readonly sku: string; readonly category: string; readonly amountMinor: number };

/** What reports need of a till receipt or an order. Money in integer minor units, negative on a refund. */
export type EventReceipt = Pick<Receipt, 'type' | 'number' | 'currency' | 'amountMinor'> & {
  readonly vatMinor: number;
  readonly researchedOnline?: boolean;
};

/** A kept item as reports and timelines see it: pseudonymous, its personal properties sealed (S15). */
export type EventRow = {
  /** UUID in lower case, the same for the same (brand, source, messageId). */
  readonly eventId: string;
  readonly brand: BrandId;
  /** The claim's thread; `NO_THREAD` for nobody. */
  readonly thread: Thread;
  /** The terminal's thread; `NO_THREAD` where there is none. */
  readonly device: Thread;
  readonly t: Instant;
  readonly r: Instant;
  /** Collection instant: r when live, t when imported (S4). */
  readonly c: Instant;
  readonly kind: ItemKind;
  readonly name: string;
  readonly channel: Channel;
  readonly source: SourceId;
  readonly property: PropertyId;
  /** Empty where there is none. */
  readonly store: string;
  /** Purposes allowed at collection, one bit each (S9). */
  readonly purposes: bigint;
  readonly bot: boolean;
  readonly imported: boolean;
  /** It came from a browser or an app (S8). */
  readonly terminal: boolean;
  readonly receipt?: EventReceipt;
  readonly lines: readonly EventLine[];
  readonly clear: Readonly<Record<string, string>>;
  /** Base64 of the sealed properties; empty where there are none. */
  readonly sealed: string;
  readonly key: KeyId;
  /** Where the item stands in the journal. */
  readonly position: number;
  readonly item: number;
  /** The run of the import that brought it. */
  readonly run?: number;
};

/** A run of the journal, both ends included, in one life of the projections. Its rows are always the same. */
export type EventRange = { readonly generation: string; readonly from: number; readonly to: number };

/** Everything that the map says of one thread; empty spans: it is its own person. Ascending, without overlap. */
export type ThreadSpans = {
  readonly brand: BrandId;
  readonly thread: Thread;
  readonly spans: readonly Omit<ThreadMapEntry, 'thread'>[];
};

/** How one thread stands on one purpose: as a terminal, and as the claim of an item (S8). Absent = unknown. */
export type ConsentStanding = {
  readonly brand: BrandId;
  readonly thread: Thread;
  /** `Purpose.bit`. */
  readonly bit: number;
  readonly device?: ConsentState;
  readonly person?: ConsentState;
};

/** The purpose and use that a read is for; it answers only rows that the one predicate lets through (S10). */
export type ReadPermission = { readonly purpose: Purpose; readonly use: Use; readonly now: Instant };

/** Right after this row, in the order of a timeline. */
export type TimelineCursor = { readonly t: Instant; readonly eventId: string };

export type TimelineQuery = {
  readonly brand: BrandId;
  /** The threads of one person, each with the span in which it is theirs. At most `TIMELINE_THREADS_MAX`. */
  readonly threads: readonly (TimeSpan & { readonly thread: Thread })[];
  /** `every-row` is for the rights of the person alone (access, portability). */
  readonly permission: ReadPermission | 'every-row';
  /** Only these kinds; absent = all. */
  readonly kinds?: readonly ItemKind[];
  /** 1 to `TIMELINE_ROWS_MAX`. */
  readonly limit: number;
  readonly after?: TimelineCursor;
};
export const TIMELINE_THREADS_MAX = 5_000;
export const TIMELINE_ROWS_MAX = 1_000;

/** Newest first, by (t, eventId); an event that was received twice is one row. */
export type TimelinePage = { readonly rows: readonly EventRow[]; readonly next?: TimelineCursor };

/** Half-open span of event time. */
export type RopoQuery = TimeSpan & {
  readonly brand: BrandId;
  readonly permission: ReadPermission;
  readonly direction: RopoDirection;
  readonly window: RopoWindow;
  readonly match: RopoMatch;
  /** What a row of the answer is: a store (or property) and month, or a category and month. */
  readonly by: 'store' | 'category';
};

/** Right after this row, in the order of a scan: whatever order the engine keeps, always the same. */
export type ScanCursor = { readonly thread: Thread; readonly eventId: string };

/** Rows of one kind of a whole brand, piece by piece. Half-open span of event time. */
export type ScanQuery = TimeSpan & {
  readonly brand: BrandId;
  readonly kind: ItemKind;
  /** The one predicate decides in the read itself; what it closes is counted and does not leave the store (S10). */
  readonly permission: ReadPermission;
  /** Rows of nobody too: they speak of no person, and no permission is asked for them (S10, denominators). */
  readonly nobodys: boolean;
  /** Rows that are looked at for one page, 1 to `SCAN_ROWS_MAX`. */
  readonly limit: number;
  readonly after?: ScanCursor;
};
export const SCAN_ROWS_MAX = 10_000;

/** `seen` counts the rows that were looked at, those that stayed behind included; without `next` there are no more. */
export type ScanPage = { readonly rows: readonly EventRow[]; readonly seen: number; readonly next?: ScanCursor };

export type TotalsQuery = TimeSpan & { readonly brand: BrandId; readonly kinds: readonly ItemKind[] };

/** Counters without person or thread, bots left out; `amountMinor` is the sum of what receipts say, refunds negative. */
export type Total = {
  readonly kind: ItemKind;
  /** `sale`, `refund`, `cancellation`; empty for what is no receipt. */
  readonly type: Receipt['type'] | '';
  readonly currency: string;
  readonly count: number;
  readonly amountMinor: number;
};

/** One order-independent digest for each projection; two rebuilds of the same journal give the same. */
export type EventDigest = { readonly events: string; readonly threads: string; readonly consents: string };

/**
 * Events, the map thread -> person and the consent states that reports are computed from. All of it is a projection
 * that can be built again from the journal. One writer; readers see what was written when the call resolved.
 */
export interface EventStore {
  /** Stores the rows of a range. The same range again changes nothing, however far an earlier attempt came. */
  insertRange(range: EventRange, rows: readonly EventRow[]): Promise<void>;
  /** Takes the rows out that a run of an import brought. Readers see them gone when it resolved. */
  forgetRun(run: number): Promise<void>;
  /** Stores rows that are there, or had given way to one that is gone. Repetition changes nothing. */
  putAgain(rows: readonly EventRow[]): Promise<void>;
  /** Replaces what the map says of these threads, unless it is known of a greater version. */
  putThreadSpans(entries: readonly ThreadSpans[], version: number): Promise<void>;
  /** Replaces the standing of these threads on these purposes, unless it is known of a greater version. */
  putConsentStates(entries: readonly ConsentStanding[], version: number): Promise<void>;
  /** Merges map and states as far as they were put, so that reports read each entry once. No answer changes. */
  settle(): Promise<void>;
  timeline(query: TimelineQuery): Promise<TimelinePage>;
  /** Every row of a kind that the permission opens, each on one page, bots left out. */
  scan(query: ScanQuery): Promise<ScanPage>;
  /** Counts of tickets (or orders) for `measureRopo`; no person or thread leaves the store. */
  ropoCells(query: RopoQuery): Promise<readonly RopoCell[]>;
  totals(query: TotalsQuery): Promise<readonly Total[]>;
  digest(): Promise<EventDigest>;
  /** The digest of the events up to a journal position alone. */
  digestUpTo(position: number): Promise<string>;
  /**
   * Begins another life with the events up to a journal position, none by default, and with no map and no consents;
   * ranges of an earlier life are refused from then on. Begun again after it was interrupted, it ends the same.
   */
  reset(generation: string, upTo?: number): Promise<void>;
  close(): Promise<void>;
}

/** A range of a life of the projections that is over: the projector that sent it must stop. */
export class StaleGeneration extends Error {
  override readonly name = 'StaleGeneration';
}
