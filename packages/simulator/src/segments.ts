/** How a kind of shopper lives with a brand: events a year, and odds. The planted effects stand here. */
export type Segment = {
  readonly share: number;
  readonly visitsPerYear: number;
  readonly purchasesPerYear: number;
  readonly ordersPerYear: number;
  /** Odds that a store purchase was researched online, before the category's factor: the planted ROPO effect. */
  readonly researches: number;
  /** Odds that a store purchase is followed by an online order within two weeks: the reverse effect. */
  readonly ordersAfterStore: number;
  readonly account: number;
  readonly card: number;
  readonly app: number;
  /** No terminal of any kind with the brand. */
  readonly offline: number;
  /** Odds of "accept all" on the banner: those who research more also accept more, so consenters are not like the rest. */
  readonly accepts: number;
};

export type SegmentName = 'digital' | 'omnichannel' | 'store-loyal' | 'occasional';

export const SEGMENTS: Readonly<Record<SegmentName, Segment>> = {
  digital: {
    share: 0.25,
    visitsPerYear: 13,
    purchasesPerYear: 0.8,
    ordersPerYear: 2.4,
    researches: 0.45,
    ordersAfterStore: 0.15,
    account: 0.85,
    card: 0.25,
    app: 0.4,
    offline: 0,
    accepts: 0.5,
  },
  omnichannel: {
    share: 0.25,
    visitsPerYear: 9,
    purchasesPerYear: 3.6,
    ordersPerYear: 1.2,
    researches: 0.55,
    ordersAfterStore: 0.12,
    account: 0.75,
    card: 0.6,
    app: 0.35,
    offline: 0,
    accepts: 0.58,
  },
  'store-loyal': {
    share: 0.3,
    visitsPerYear: 1.5,
    purchasesPerYear: 4.2,
    ordersPerYear: 0.1,
    researches: 0.16,
    ordersAfterStore: 0.02,
    account: 0.25,
    card: 0.75,
    app: 0.08,
    offline: 0.35,
    accepts: 0.42,
  },
  occasional: {
    share: 0.2,
    visitsPerYear: 2,
    purchasesPerYear: 1.1,
    ordersPerYear: 0.3,
    researches: 0.28,
    ordersAfterStore: 0.03,
    account: 0.2,
    card: 0.15,
    app: 0.05,
    offline: 0.2,
    accepts: 0.4,
  },
};

export const SEGMENT_SHARES: Readonly<Record<SegmentName, number>> = {
  digital: SEGMENTS.digital.share,
  omnichannel: SEGMENTS.omnichannel.share,
  'store-loyal': SEGMENTS['store-loyal'].share,
  occasional: SEGMENTS.occasional.share,
};
