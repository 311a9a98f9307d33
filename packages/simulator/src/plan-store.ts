import { DAY_MS, HOUR_MS, MINUTE_MS } from '@filrouge/domain/base';
import { fillBasket, pickCategory, pickProduct, takeBack } from './basket.ts';
import type { Category, Product } from './catalogue.ts';
import type { Episode, Identification, Purchase } from './episode.ts';
import { makeVisit, orderVisit, terminalAt } from './plan-online.ts';
import type { Random } from './random.ts';
import { SEGMENTS, type Segment } from './segments.ts';
import type { Relation, Shopper } from './shopper.ts';
import { type SimulatedStore, storesOf } from './stores.ts';
import { lastStart, shortDate, tillMoment, type World, yearsOf } from './world.ts';

const REFUND_SHARE = 0.05;
/** A store's tills lose their line on one day in forty, and send that day's receipts a day later. */
const STORE_OFFLINE_SHARE = 1 / 40;
const KIOSK_SHARE = 0.05;
const SECOND_RESEARCH_SHARE = 0.4;
const EXACT_SHARE = 0.55;
/** Of the addresses and of the cards that are typed at a till, how many have two letters or digits the wrong way round. */
const TYPO_SHARE = { email: 1 / 40, card: 1 / 150 } as const;

/** Store purchases with what belongs to them: research before, tablet in the shop, refund or order after. */
export function planStore(world: World, shopper: Shopper, relation: Relation, random: Random, out: Episode[]): void {
  const segment = SEGMENTS[shopper.segment];
  const count = random.fork().poisson(segment.purchasesPerYear * yearsOf(world));
  for (let number = 0; number < count; number++) {
    planPurchase(world, shopper, relation, segment, random.fork(), number.toString(36), out);
  }
}

/** Each part has chance of its own, so that a day on the calendar moves that part alone. */
function planPurchase(
  world: World,
  shopper: Shopper,
  relation: Relation,
  segment: Segment,
  random: Random,
  number: string,
  out: Episode[],
): void {
  const store = random.chance(0.85) ? relation.homeStore : random.pick(storesOf(relation.brand));
  const at = tillMoment(random, world.start, lastStart(world), store.openAllNight);
  const { purchase, category, product } = makePurchase(world, shopper, relation, random, { store, at, number });
  out.push(purchase);
  planResearch(world, relation, segment, random.fork(), { at, category, product }, out);
  planKiosk(world, relation, random.fork(), { at, store, product }, out);
  planRefund(world, shopper, purchase, number, random.fork(), out);
  const after = random.fork();
  if (after.chance(segment.ordersAfterStore)) {
    const orderedAt = at + after.between(2, 14 * 24) * HOUR_MS;
    const visit = orderVisit(world, shopper, relation, after, orderedAt, `${number}-b`);
    if (visit !== undefined) out.push(visit);
  }
}

type PurchaseWish = {
  readonly store: SimulatedStore;
  readonly at: number;
  /** Which purchase of the person's with the brand it is: no other has it. */
  readonly number: string;
  /** The campaign without which it would not be. */
  readonly cause?: string;
};

export function makePurchase(
  world: World,
  shopper: Shopper,
  relation: Relation,
  random: Random,
  { store, at, number, cause }: PurchaseWish,
): { readonly purchase: Purchase; readonly category: Category; readonly product: Product } {
  const category = pickCategory(random, relation.brand);
  const product = pickProduct(random, relation.brand, category.name);
  const till = random.between(1, 3);
  const basket = fillBasket(random.fork(), relation.brand, product);
  const identification = identificationAt(random.next(), relation, at);
  const typed = identification === 'card' || identification === 'email' ? identification : undefined;
  const slip = random.next();
  const purchase: Purchase = {
    kind: 'purchase',
    key: random.uint32(),
    at,
    relation,
    store,
    ticketId: ticketId(store, at, shopper.index, number),
    till,
    basket,
    identification,
    blankCard: random.chance(0.005),
    typo: typed !== undefined && slip < TYPO_SHARE[typed],
    syncMs: syncDelay(world, store, at),
    ...(cause === undefined ? {} : { cause }),
  };
  return { purchase, category, product };
}

/** The planted effect: research online before the till, 35 % within a day, 45 % within a week, 20 % within a month. */
function planResearch(
  world: World,
  relation: Relation,
  segment: Segment,
  random: Random,
  bought: { readonly at: number; readonly category: Category; readonly product: Product },
  out: Episode[],
): void {
  if (!random.chance(Math.min(0.95, segment.researches * bought.category.researchFactor))) return;
  for (let visits = random.chance(SECOND_RESEARCH_SHARE) ? 2 : 1; visits > 0; visits--) {
    const own = random.fork();
    const at = bought.at - researchLag(own);
    const terminal = terminalAt(own, relation, at);
    if (at < world.start || terminal === undefined) continue;
    const focus = { product: bought.product, exact: own.chance(EXACT_SHARE) };
    out.push(makeVisit(world, relation, own, { at, terminal, loginOdds: 0.3, focus }));
  }
}

function researchLag(random: Random): number {
  const draw = random.next();
  if (draw < 0.35) return Math.floor(0.6 * HOUR_MS + random.next() * 23 * HOUR_MS);
  if (draw < 0.8) return Math.floor(DAY_MS + random.next() * 6 * DAY_MS);
  return Math.floor(7 * DAY_MS + random.next() * 23 * DAY_MS);
}

function planKiosk(
  world: World,
  relation: Relation,
  random: Random,
  bought: { readonly at: number; readonly store: SimulatedStore; readonly product: Product },
  out: Episode[],
): void {
  if (!random.chance(KIOSK_SHARE)) return;
  const at = bought.at - random.between(4, 25) * MINUTE_MS;
  const login = random.chance(0.5) && relation.account !== undefined && relation.account.createdAt < at;
  const { store, product } = bought;
  if (at > world.start) out.push({ kind: 'kiosk', key: random.uint32(), at, relation, store, login, product });
}

/** One purchase in twenty is taken back whole within three weeks. */
export function planRefund(
  world: World,
  shopper: Shopper,
  purchase: Purchase,
  number: string,
  random: Random,
  out: Episode[],
): void {
  if (!random.chance(REFUND_SHARE)) return;
  const from = purchase.at + DAY_MS;
  const at = tillMoment(random, from, from + 20 * DAY_MS, purchase.store.openAllNight);
  if (at >= lastStart(world)) return;
  const { relation, store, till, identification, blankCard, typo, cause } = purchase;
  out.push({
    kind: 'refund',
    key: random.uint32(),
    at,
    relation,
    store,
    till,
    identification,
    blankCard,
    typo,
    ticketId: ticketId(store, at, shopper.index, `${number}-r`),
    refersTo: purchase.ticketId,
    basket: takeBack(purchase.basket),
    syncMs: syncDelay(world, store, at),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Card holders show it five times in six; who has an account is found, or gives the address for the receipt, less often. */
function identificationAt(draw: number, relation: Relation, at: number): Identification {
  if (relation.card !== undefined && relation.card.soldAt < at && draw < 0.84) return 'card';
  if (relation.account !== undefined && relation.account.createdAt < at) {
    if (draw > 0.9) return 'account';
    return draw < 0.35 ? 'email' : 'none';
  }
  return draw < 0.08 ? 'email' : 'none';
}

/** `MA07-261024-2s1-4`: store, day, and a number that two tills cannot share. */
function ticketId(store: SimulatedStore, at: number, index: number, number: string): string {
  return `${store.id}-${shortDate(at)}-${index.toString(36)}-${number}`;
}

/** The same for all receipts of a store and day; one that would arrive after the end of the history is not late. */
function syncDelay(world: World, store: SimulatedStore, at: number): number {
  const day = Math.floor((at - world.start) / DAY_MS);
  const offline = hashOf(world.seed, store.id, day) < STORE_OFFLINE_SHARE;
  const delay = DAY_MS + (DAY_MS - (at % DAY_MS)) - 2 * HOUR_MS;
  return offline && at + delay < world.until ? delay : 0;
}

function hashOf(seed: number, id: string, day: number): number {
  let h = seed | 0;
  for (const sign of `${id}:${day}`) h = Math.imul(h ^ sign.charCodeAt(0), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}
