/** `online-to-store`: a store ticket after a visit of the site or app. `store-to-online`: an order after a ticket. */
export const ROPO_DIRECTIONS = ['online-to-store', 'store-to-online'] as const;
export type RopoDirection = (typeof ROPO_DIRECTIONS)[number];

/** Days between the research and the purchase. */
export const ROPO_WINDOWS = [1, 7, 30] as const;
export type RopoWindow = (typeof ROPO_WINDOWS)[number];

/** What the research must have in common with the purchase: nothing, a category, or a product (strict). */
export const ROPO_MATCHES = ['any', 'category', 'sku'] as const;
export type RopoMatch = (typeof ROPO_MATCHES)[number];

/** How many purchases, and what they cost. */
export type Tally = {
  readonly count: number;
  /** Minor units of the cell's currency. */
  readonly valueMinor: number;
};

/** A tally of which an interval is computed. */
export type SampleTally = Tally & {
  /** Sum of the squares of the values. */
  readonly valueSquares: number;
  /** Distinct persons: the purchases of one person are not independent. */
  readonly persons: number;
};

/**
 * Purchases of one store (or category) and month, in one currency, from the widest set to the narrowest; each contains
 * the next. Refunds and cancellations are no purchases.
 */
export type RopoCell = {
  /** Store of a ticket, property of an order, or category. */
  readonly key: string;
  /** `YYYY-MM`, UTC. */
  readonly month: string;
  readonly currency: string;
  /** Everything that was sold, to anybody. */
  readonly all: Tally;
  /** Of a person that the map knows. */
  readonly identified: Tally;
  /** Usable for the purpose (S10). */
  readonly consented: Tally;
  /** Of a person whose research could have been seen: a usable event of the other side, or a terminal given. */
  readonly observable: SampleTally;
  /** Preceded by usable research within the window. */
  readonly ropo: SampleTally;
  /** Of `all` those whose buyer answered at the till; none where the report asks something else than the till does. */
  readonly asked: Omit<SampleTally, 'persons'>;
  /** … and said that they had researched. */
  readonly confirmed: Tally;
};
