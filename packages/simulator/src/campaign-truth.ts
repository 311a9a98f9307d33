import { DAY_MS } from '@filrouge/domain/base';
import { brandOf } from './brands.ts';
import { iso } from './calls.ts';
import { type AreaCampaign, type Campaign, campaignsOf, spendOf } from './campaigns.ts';
import { tillIdentity } from './csv.ts';
import type { Episode, Plan, Purchase, Refund, Visit } from './episode.ts';
import type { World } from './world.ts';

/** Store purchases of some people, or of some stores; `identified` of them name their buyer at the till. */
type Bought = { purchases: number; valueMinor: number; identified: number };
/** Customers of a mailing on one side of the lot, and what they bought in store while it lasted. */
type Side = Bought & { persons: number };
/** What would not be without the campaign: the same world with it off lacks exactly this. */
type Incremental = { visits: number; purchases: number; valueMinor: number; refundedMinor: number };

type Book = {
  readonly campaign: Campaign;
  readonly incremental: Incremental;
  opens: number;
  /** Visits that carry its name. */
  clicks: number;
  /** Orders in such a visit; of a coupon site those that it came in late on. */
  orders: number;
  ordersMinor: number;
  readonly sent: Side;
  readonly heldOut: Side;
  /** While an area campaign lasts, and in as many days before. */
  readonly during: { readonly area: Bought; readonly elsewhere: Bought };
  readonly before: { readonly area: Bought; readonly elsewhere: Bought };
};

/** What campaigns truly did, and what can be seen of it, counted from plans. */
export class CampaignTruth {
  readonly #world: World;
  readonly #books: ReadonlyMap<string, Book>;

  constructor(world: World) {
    this.#world = world;
    this.#books = new Map(campaignsOf(world).map((campaign) => [campaign.id, emptyBook(campaign)]));
  }

  add(plan: Plan): void {
    for (const episode of plan.episodes) {
      if ('cause' in episode) this.#addCaused(episode);
      for (const book of this.#books.values()) {
        if (book.campaign.brand === episode.relation.brand) addSeen(book, plan, episode);
      }
    }
    for (const { campaign: id, relation, sent } of plan.exposures) {
      const book = this.#books.get(id);
      if (book === undefined) continue;
      const side = sent ? book.sent : book.heldOut;
      side.persons++;
      const { from, to } = book.campaign;
      for (const one of plan.episodes) {
        if (one.kind !== 'purchase' || one.relation !== relation || one.at < from || one.at >= to) continue;
        addBought(side, plan, one);
      }
    }
  }

  #addCaused(episode: Episode & { readonly cause?: string }): void {
    const incremental = this.#books.get(episode.cause ?? '')?.incremental;
    if (incremental === undefined) return;
    if (episode.kind === 'visit') incremental.visits++;
    if (episode.kind === 'refund') incremental.refundedMinor -= episode.basket.totalMinor;
    if (episode.kind !== 'purchase') return;
    incremental.purchases++;
    incremental.valueMinor += episode.basket.totalMinor;
  }

  /** What a campaign has cost, minor units. */
  spendMinor(campaign: Campaign): number {
    const { sent, clicks, ordersMinor } = this.#books.get(campaign.id) as Book;
    return spendOf(campaign, { sent: sent.persons, clicks, lateOrdersMinor: ordersMinor });
  }

  /** Plain JSON by campaign. */
  close(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...this.#books].map(([id, book]) => [id, this.#figures(book)]));
  }

  #figures(book: Book) {
    const { campaign, incremental, opens, clicks, orders, ordersMinor, sent, heldOut, during, before } = book;
    const base = {
      kind: campaign.kind,
      brand: brandOf(campaign.brand).id,
      from: iso(campaign.from),
      to: iso(Math.min(campaign.to, this.#world.until)),
      touch: campaign.touch,
      spendMinor: this.spendMinor(campaign),
      incremental,
      clicks,
    };
    switch (campaign.kind) {
      case 'mailing':
        return { ...base, opens, sent, heldOut };
      case 'area':
        return { ...base, stores: campaign.stores.map(({ id }) => id), during, before };
      case 'search':
      case 'coupon-site':
        return { ...base, orders, ordersMinor };
    }
  }
}

function addSeen(book: Book, plan: Plan, episode: Episode): void {
  const { campaign } = book;
  if (episode.kind === 'mail-open' && episode.mailing === campaign.id) book.opens++;
  if (episode.kind === 'visit') addVisit(book, episode);
  if (episode.kind === 'purchase' && campaign.kind === 'area') addByStore(book, campaign, plan, episode);
}

function addVisit(book: Book, { touch, order }: Visit): void {
  const late = book.campaign.kind === 'coupon-site' && order?.couponSite === true;
  if (touch !== book.campaign.touch && !late) return;
  book.clicks++;
  if (order === undefined) return;
  book.orders++;
  book.ordersMinor += order.basket.totalMinor;
}

function addByStore(book: Book, { from, to, stores }: AreaCampaign, plan: Plan, purchase: Purchase): void {
  const days = Math.round((to - from) / DAY_MS);
  const inTime = purchase.at >= from && purchase.at < to ? book.during : book.before;
  if (purchase.at < from - days * DAY_MS || purchase.at >= to) return;
  addBought(stores.includes(purchase.store) ? inTime.area : inTime.elsewhere, plan, purchase);
}

function addBought(bought: Bought, { shopper }: Plan, purchase: Purchase | Refund): void {
  bought.purchases++;
  bought.valueMinor += purchase.basket.totalMinor;
  if (tillIdentity(shopper, purchase.relation, purchase).names) bought.identified++;
}

function emptyBook(campaign: Campaign): Book {
  const bought = (): Bought => ({ purchases: 0, valueMinor: 0, identified: 0 });
  return {
    campaign,
    incremental: { visits: 0, purchases: 0, valueMinor: 0, refundedMinor: 0 },
    opens: 0,
    clicks: 0,
    orders: 0,
    ordersMinor: 0,
    sent: { persons: 0, ...bought() },
    heldOut: { persons: 0, ...bought() },
    during: { area: bought(), elsewhere: bought() },
    before: { area: bought(), elsewhere: bought() },
  };
}
