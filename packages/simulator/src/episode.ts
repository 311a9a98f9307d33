import type { Touch } from './campaigns.ts';
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

/**
 * What every episode has. `key` is a number of its own among those of its shopper: whatever is drawn for it afterwards is
 * addressed by it, so that an episode stays what it is when others come or go.
 */
type Happening = { readonly key: number; readonly at: number; readonly relation: Relation };

/** What a campaign caused names the campaign: without it, it would not have happened. */
type Caused = { readonly cause?: string };

/** A stay on the site or in the app. */
export type Visit = Happening &
  Caused & {
    readonly kind: 'visit';
    readonly terminal: Terminal;
    readonly login: boolean;
    /** What it is about: the product that will be bought in store (`exact`), or only its category. */
    readonly focus: { readonly product: Product; readonly exact: boolean } | undefined;
    readonly order: Order | undefined;
    /** What brought it, in the words of its first page's address. */
    readonly touch: Touch | undefined;
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
  /** Between the basket and the payment, a coupon site was looked at, which sent the buyer back under its own name. */
  readonly couponSite: boolean;
};

/** What the person gives at the till. */
export type Identification = 'card' | 'account' | 'email' | 'none';

export type Purchase = Happening &
  Caused & {
    readonly kind: 'purchase';
    readonly store: SimulatedStore;
    readonly ticketId: string;
    readonly till: number;
    readonly basket: Basket;
    readonly identification: Identification;
    /** The card number that the till sent was blank paper: thirteen zeros. */
    readonly blankCard: boolean;
    /** The address or card was typed with two signs the wrong way round: it names somebody who does not exist. */
    readonly typo: boolean;
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
export type Preference = Happening & {
  readonly kind: 'preference';
  readonly subject: 'account' | 'card';
  readonly decision?: Decision;
  /** The server tells the account's identifiers: a verified link. */
  readonly identifies: boolean;
};

export type MailOpen = Happening &
  Caused & {
    readonly kind: 'mail-open';
    /** `lettre-12`, or the id of a campaign. */
    readonly mailing: string;
  };
export type Call = Happening & { readonly kind: 'call'; readonly topic: string };

/** An evening on the shared tablet: the first logs in, reads, logs out; a page by nobody; the second logs in. */
export type FamilyEvening = Happening & {
  readonly kind: 'family';
  readonly terminal: Terminal;
  readonly partner: Shopper;
  readonly partnerRelation: Relation;
  decision?: Decision;
};

/** A few pages on the shop's tablet, just before the till. */
export type KioskStay = Happening & {
  readonly kind: 'kiosk';
  readonly store: SimulatedStore;
  readonly login: boolean;
  readonly product: Product;
};

/** A crawler's run over a brand's site; it belongs to no person. */
export type Crawl = Happening & {
  readonly kind: 'crawl';
  readonly terminal: Terminal;
  decision?: Decision;
};

export type Episode = Visit | Purchase | Refund | Preference | MailOpen | Call | FamilyEvening | KioskStay | Crawl;

/** A customer whom a mailing could have been sent to, and whether the lot said so. */
export type Exposure = { readonly campaign: string; readonly relation: Relation; readonly sent: boolean };

/** Everything that happens around one shopper, by time. */
export type Plan = {
  readonly shopper: Shopper;
  readonly episodes: readonly Episode[];
  readonly exposures: readonly Exposure[];
};
