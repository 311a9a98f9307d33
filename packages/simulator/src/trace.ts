import type { BrandKey } from './brands.ts';
import type { Decision } from './decision.ts';
import type { Purchase, Refund } from './episode.ts';
import type { Relation, Shopper } from './shopper.ts';
import type { Verdict } from './verdict.ts';

/** What an item of a request truly is; only truth files and tests see it. */
export type ItemTruth = {
  readonly messageId: string;
  readonly call: string;
  /** True time of the act. */
  readonly at: number;
  /** The true person; undefined for a crawler or a faulty integration. */
  readonly person: string | undefined;
  readonly lived: Verdict;
  readonly backfill: Verdict;
};

/** Why an item or a request is not plain; each is counted (docs/simulator.md). */
export type Mess =
  | 'late'
  | 'out-of-order'
  | 'skewed'
  | 'blocked-id'
  | 'crawler'
  | 'shared-tablet'
  | 'kiosk'
  | 'before-choice'
  | 'bad-date'
  | 'too-deep'
  | 'duplicate-key'
  | 'no-identifier';

/** Calls that travel in one request. */
export type CallsTrace = {
  readonly kind: 'calls';
  /** True arrival at the retailer's door. */
  readonly at: number;
  /** True instant of departure; the client states it by its own clock. */
  readonly sentAt: number;
  readonly skewMs: number;
  readonly source: string;
  readonly path: string;
  /** JSON of each call. */
  readonly calls: readonly string[];
  readonly items: readonly ItemTruth[];
  /** The same request sent again: on the same day, or on a later one. */
  readonly copy?: 'same-day' | 'other-day';
  readonly mess: readonly Mess[];
  /** A single call sent to `path` as the body; else a batch. */
  readonly single?: true;
};

export type ConsentTrace = {
  readonly kind: 'consents';
  readonly at: number;
  readonly brand: BrandKey;
  readonly subject: Readonly<Record<string, string>>;
  readonly decision: Decision;
};

export type TicketTrace = {
  readonly kind: 'ticket';
  readonly at: number;
  readonly shopper: Shopper;
  readonly relation: Relation;
  readonly receipt: Purchase | Refund;
  /** The till sent the receipt a second time. */
  readonly copy?: true;
  /** A row that a till's technician left behind: no sale, and unfit to be read. */
  readonly fault?: 'bad-date' | 'bad-amount';
};

export type Trace = CallsTrace | ConsentTrace | TicketTrace;
