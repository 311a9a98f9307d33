import { DAY_MS, HOUR_MS, MINUTE_MS } from '@filrouge/domain/base';
import { fillBasket, pickCategory, pickProduct, takeBack } from './basket.ts';
import type { Category, Product } from './catalogue.ts';
import type { Episode, Identification, Purchase } from './episode.ts';
import { makeVisit, orderVisit, terminalAt } from './plan-online.ts';
import type { Random } from './random.ts';
import { SEGMENTS, type Segment } from './segments.ts';
import type { Relation, Shopper } from './shopper.ts';
import { type SimulatedStore, storesOf } from './stores.ts';
import { LAST_START_MS, shortDate, tillMoment, type World, yearsOf } from './world.ts';

const REFUND_SHARE = 0.05;
/** A store's tills lose their line on one day in forty, and send that day's receipts a day later. */
const STORE_OFFLINE_SHARE = 1 / 40;
const KIOSK_SHARE = 0.05;
const SECOND_RESEARCH_SHARE = 0.4;
const EXACT_SHARE = 0.55;

/** Store purchases with what belongs to them: research before, tablet in the shop, refund or order after. */
export function planStore(world: World, shopper: Shopper, relation: Relation, random: Random, out: Episode[]): void {
  const segment = SEGMENTS[shopper.segment];
  const count = random.poisson(segment.purchasesPerYear * yearsOf(world));
  for (let number = 0; number < count; number++) planPurchase(world, shopper, relation, segment, random, out);
}

function planPurchase(
  world: World,
  shopper: Shopper,
  relation: Relation,
  segment: Segment,
  random: Random,
  out: Episode[],
): void {
  const store = random.chance(0.85) ? relation.homeStore : random.pick(storesOf(relation.brand));
  const at = tillMoment(random, world.start, world.until - LAST_START_MS, store.openAllNight);
  const category = pickCategory(random, relation.brand);
  const product = pickProduct(random, relation.brand, category.name);
  const purchase: Purchase = {
    kind: 'purchase',
    at,
    relation,
    store,
    ticketId: ticketId(store, at, shopper.index, out.length),
    till: random.between(1, 3),
    basket: fillBasket(random, relation.brand, product),
    identification: identificationAt(random, relation, at),
    blankCard: random.chance(0.005),
    syncMs: syncDelay(world, store, at),
  };
  out.push(purchase);
  planResearch(world, relation, segment, random, { at, category, product }, out);
  if (random.chance(KIOSK_SHARE)) {
    const earlier = at - random.between(4, 25) * MINUTE_MS;
    const known = relation.account !== undefined && relation.account.createdAt < earlier;
    if (earlier > world.start) {
      out.push({ kind: 'kiosk', at: earlier, relation, store, login: known && random.chance(0.5), product });
    }
  }
  if (random.chance(REFUND_SHARE)) planRefund(world, shopper, purchase, random, out);
  if (random.chance(segment.ordersAfterStore)) {
    const visit = orderVisit(world, shopper, relation, random, at + random.between(2, 14 * 24) * HOUR_MS, out.length);
    if (visit !== undefined) out.push(visit);
  }
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
    const at = bought.at - researchLag(random);
    const terminal = terminalAt(random, relation, at);
    if (at < world.start || terminal === undefined) continue;
    const focus = { product: bought.product, exact: random.chance(EXACT_SHARE) };
    out.push(makeVisit(world, relation, random, { at, terminal, loginOdds: 0.3, focus }));
  }
}

function researchLag(random: Random): number {
  const draw = random.next();
  if (draw < 0.35) return Math.floor(0.6 * HOUR_MS + random.next() * 23 * HOUR_MS);
  if (draw < 0.8) return Math.floor(DAY_MS + random.next() * 6 * DAY_MS);
  return Math.floor(7 * DAY_MS + random.next() * 23 * DAY_MS);
}

function planRefund(world: World, shopper: Shopper, purchase: Purchase, random: Random, out: Episode[]): void {
  const from = purchase.at + DAY_MS;
  const at = tillMoment(random, from, from + 20 * DAY_MS, purchase.store.openAllNight);
  if (at >= world.until - LAST_START_MS) return;
  const { relation, store, till, identification, blankCard } = purchase;
  out.push({
    kind: 'refund',
    at,
    relation,
    store,
    till,
    identification,
    blankCard,
    ticketId: ticketId(store, at, shopper.index, out.length),
    refersTo: purchase.ticketId,
    basket: takeBack(purchase.basket),
    syncMs: syncDelay(world, store, at),
  });
}

/** Card holders show it five times in six; who has an account is found, or gives the address for the receipt, less often. */
function identificationAt(random: Random, relation: Relation, at: number): Identification {
  const draw = random.next();
  if (relation.card !== undefined && relation.card.soldAt < at && draw < 0.84) return 'card';
  if (relation.account !== undefined && relation.account.createdAt < at) {
    if (draw > 0.9) return 'account';
    return draw < 0.35 ? 'email' : 'none';
  }
  return draw < 0.08 ? 'email' : 'none';
}

/** `MA07-261024-2s1-4`: store, day, and a number that two tills cannot share. */
function ticketId(store: SimulatedStore, at: number, index: number, rank: number): string {
  return `${store.id}-${shortDate(at)}-${index.toString(36)}-${rank.toString(36)}`;
}

/** The same for all receipts of a store and day; one that would arrive after the end of the history is not late. */
function syncDelay(world: World, store: SimulatedStore, at: number): number {
  const day = Math.floor(at / DAY_MS);
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
