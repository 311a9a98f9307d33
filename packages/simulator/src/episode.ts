import type { Product } from './catalogue.ts';
import type { Decision } from './decision.ts';
import type { Relation, Shopper, Terminal } from './shopper.ts';
import type { SimulatedStore } from './stores.ts';

export type BasketLine = { readonly product: Product; readonly quantity: number; readonly amountMinor: number };
export type Basket = {
  readonly lines: readonly BasketLine[];
  readonly totalMinor: number;
  readonly coupon: string | undefined;
};

/** A stay on the site or in the app. */
export type Visit = {
  readonly kind: 'visit';
  readonly at: number;
  readonly relation: Relation;
  readonly terminal: Terminal;
  readonly login: boolean;
  /** What it is about: the product that will be bought in store (`exact`), or only its category. */
  readonly focus: { readonly product: Product; readonly exact: boolean } | undefined;
  readonly order: Order | undefined;
  readonly fromMail: boolean;
  /** How long the app had no network before it could send, ms. */
  readonly offlineMs: number;
  /** Filled by the plan where the banner is answered, or a choice changed, in this visit. */
  decision?: Decision;
};

export type Order = {
  readonly number: string;
  readonly basket: Basket;
  /** Without an account: known by e-mail alone. */
  readonly guest: boolean;
  readonly refunded: boolean;
};

/** What the person gives at the till. */
export type Identification = 'card' | 'account' | 'email' | 'none';

export type Purchase = {
  readonly kind: 'purchase';
  readonly at: number;
  readonly relation: Relation;
  readonly store: SimulatedStore;
  readonly ticketId: string;
  readonly till: number;
  readonly basket: Basket;
  readonly identification: Identification;
  /** The card number that the till sent was blank paper: thirteen zeros. */
  readonly blankCard: boolean;
  /** How long the shop had no line, ms. */
  readonly syncMs: number;
  /** Filled by the plan where the till asked whether the buyer had been online in the week before. */
  answer?: 'yes' | 'no';
};

export type Refund = Omit<Purchase, 'kind' | 'identification' | 'blankCard' | 'answer'> & {
  readonly kind: 'refund';
  readonly refersTo: string;
  readonly identification: Identification;
  readonly blankCard: boolean;
};

/** A person's choice written down somewhere else than on a banner, and the account's or card's first appearance. */
export type Preference = {
  readonly kind: 'preference';
  readonly at: number;
  readonly relation: Relation;
  readonly subject: 'account' | 'card';
  readonly decision?: Decision;
  /** The server tells the account's identifiers: a verified link. */
  readonly identifies: boolean;
};

export type MailOpen = {
  readonly kind: 'mail-open';
  readonly at: number;
  readonly relation: Relation;
  readonly campaign: number;
};
export type Call = { readonly kind: 'call'; readonly at: number; readonly relation: Relation; readonly topic: string };

/** An evening on the shared tablet: the first logs in, reads, logs out; a page by nobody; the second logs in. */
export type FamilyEvening = {
  readonly kind: 'family';
  readonly at: number;
  readonly relation: Relation;
  readonly terminal: Terminal;
  readonly partner: Shopper;
  readonly partnerRelation: Relation;
  decision?: Decision;
};

/** A few pages on the shop's tablet, just before the till. */
export type KioskStay = {
  readonly kind: 'kiosk';
  readonly at: number;
  readonly relation: Relation;
  readonly store: SimulatedStore;
  readonly login: boolean;
  readonly product: Product;
};

/** A crawler's run over a brand's site; it belongs to no person. */
export type Crawl = {
  readonly kind: 'crawl';
  readonly at: number;
  readonly relation: Relation;
  readonly terminal: Terminal;
  decision?: Decision;
};

export type Episode = Visit | Purchase | Refund | Preference | MailOpen | Call | FamilyEvening | KioskStay | Crawl;

/** Everything that happens around one shopper, by time; an episode's place in the list is its number. */
export type Plan = { readonly shopper: Shopper; readonly episodes: readonly Episode[] };
