import { DAY_MS, HOUR_MS } from '@filrouge/domain/base';
import { fillBasket, pickCategory, pickProduct } from './basket.ts';
import { brandOf } from './brands.ts';
import { BRAND_SEARCH, LETTER, type Touch } from './campaigns.ts';
import type { Episode, Order, Visit } from './episode.ts';
import type { Random } from './random.ts';
import { SEGMENTS } from './segments.ts';
import type { Relation, Shopper, Terminal } from './shopper.ts';
import { lastBegun, lastStart, onlineMoment, type World, yearsOf } from './world.ts';

/** One app visit in twenty-five is without network, and is sent one to six days later. */
const APP_OFFLINE_SHARE = 1 / 25;
const ORDER_REFUND_SHARE = 0.06;
const NEWSLETTERS_PER_YEAR = 26;
const OPEN_SHARE = 0.22;
const CLICK_SHARE = 0.2;
const CALLS_PER_YEAR = 0.12;
/** Of the visits in a browser that nothing else brought, how many came by a paid link under the brand's own name. */
const BRAND_SEARCH_SHARE = 0.1;
/** Of the web orders with a coupon, and of those without, how many stopped at a coupon site between basket and payment. */
const COUPON_SITE_SHARE = { coupon: 0.6, none: 0.04 } as const;
const TOPICS = ['livraison', 'retour', 'carte', 'produit', 'autre'];

/** Browsing, orders, newsletters opened, calls. */
export function planOnline(world: World, shopper: Shopper, relation: Relation, random: Random, out: Episode[]): void {
  const segment = SEGMENTS[shopper.segment];
  const years = yearsOf(world);
  const end = lastStart(world);
  const [browsing, ordering, mails, calling] = [random.fork(), random.fork(), random.fork(), random.fork()];
  if (relation.terminals.length > 0) {
    for (let visits = browsing.fork().poisson(segment.visitsPerYear * years); visits > 0; visits--) {
      const own = browsing.fork();
      const at = onlineMoment(own, world.start, end);
      const terminal = terminalAt(own, relation, at);
      if (terminal !== undefined) out.push(makeVisit(world, relation, own, { at, terminal, loginOdds: 0.25 }));
    }
    const orders = ordering.fork().poisson(segment.ordersPerYear * years);
    for (let rank = 0; rank < orders; rank++) {
      const own = ordering.fork();
      const at = onlineMoment(own, world.start, end);
      const visit = orderVisit(world, shopper, relation, own, at, rank.toString(36));
      if (visit !== undefined) out.push(visit);
    }
  }
  if (relation.account !== undefined) planMails(world, relation, mails, out);
  for (let calls = calling.fork().poisson(CALLS_PER_YEAR * years); calls > 0; calls--) {
    const own = calling.fork();
    const at = onlineMoment(own, world.start, end);
    if (relation.account !== undefined && relation.account.createdAt < at) {
      out.push({ kind: 'call', key: own.uint32(), at, relation, topic: own.pick(TOPICS) });
    }
  }
}

function planMails(world: World, relation: Relation, random: Random, out: Episode[]): void {
  const { account } = relation;
  if (account === undefined || account.attitude === 'closed' || account.attitude === 'silent') return;
  const from = Math.max(world.start, account.createdAt + DAY_MS);
  const end = lastStart(world);
  if (from >= end) return;
  const mean = ((end - from) / (365 * DAY_MS)) * NEWSLETTERS_PER_YEAR * OPEN_SHARE;
  for (let opens = random.fork().poisson(mean); opens > 0; opens--) {
    const own = random.fork();
    const at = onlineMoment(own, from, end);
    const mailing = `lettre-${Math.floor((at - world.start) / (14 * DAY_MS))}`;
    out.push({ kind: 'mail-open', key: own.uint32(), at, relation, mailing });
    const terminal = terminalAt(own, relation, at);
    if (terminal !== undefined && own.chance(CLICK_SHARE) && at + 60_000 < end) {
      out.push(makeVisit(world, relation, own, { at: at + 40_000, terminal, loginOdds: 0.25, touch: LETTER }));
    }
  }
}

/** One of the terminals in use then; undefined where there is none. */
export function terminalAt(random: Random, relation: Relation, at: number): Terminal | undefined {
  const inUse = relation.terminals.filter((terminal) => terminal.from <= at && at < terminal.until);
  return inUse.length === 0 ? undefined : random.pick(inUse);
}

export type VisitWish = {
  readonly at: number;
  readonly terminal: Terminal;
  /** Odds of logging in on the web; apps stay logged in. */
  readonly loginOdds: number;
  readonly focus?: Visit['focus'];
  readonly order?: Order;
  /** What brought it, where it was a mail or a poster; a paid link may bring any other. */
  readonly touch?: Touch | undefined;
  readonly cause?: string;
};

export function makeVisit(world: World, relation: Relation, random: Random, wish: VisitWish): Visit {
  const { at, terminal, loginOdds, focus, order, touch, cause } = wish;
  const known = relation.account !== undefined && relation.account.createdAt < at;
  const login = random.chance(terminal.surface === 'app' ? Math.max(0.75, loginOdds) : loginOdds) && known;
  const paid =
    random.chance(BRAND_SEARCH_SHARE) && cause === undefined && terminal.surface === 'web' && world.campaigns;
  const key = random.uint32();
  const offline = random.chance(APP_OFFLINE_SHARE) ? random.between(20, 144) * HOUR_MS : 0;
  const canWait = terminal.surface === 'app' && order === undefined && at + offline < lastBegun(world);
  return {
    kind: 'visit',
    key,
    at,
    relation,
    terminal,
    login,
    touch: touch ?? (paid ? BRAND_SEARCH : undefined),
    offlineMs: canWait ? offline : 0,
    focus,
    order,
    ...(cause === undefined ? {} : { cause }),
  };
}

/** A visit that ends in an order, `number` among the person's; undefined where it would fall after the end or no terminal is in use. */
export function orderVisit(
  world: World,
  shopper: Shopper,
  relation: Relation,
  random: Random,
  at: number,
  number: string,
): Visit | undefined {
  const terminal = terminalAt(random, relation, at);
  const product = pickProduct(random, relation.brand, pickCategory(random, relation.brand).name);
  const basket = fillBasket(random.fork(), relation.brand, product);
  const refunded = random.chance(ORDER_REFUND_SHARE);
  const asGuest = random.chance(0.15);
  const late = random.chance(COUPON_SITE_SHARE[basket.coupon === undefined ? 'none' : 'coupon']);
  if (terminal === undefined || at >= lastStart(world)) return undefined;
  const guest = relation.account === undefined || relation.account.createdAt >= at || asGuest;
  const order: Order = {
    number: `${brandOf(relation.brand).prefix}O-${shopper.index.toString(36)}-${number}`,
    basket,
    guest,
    refunded,
    couponSite: late && terminal.surface === 'web' && world.campaigns,
  };
  return makeVisit(world, relation, random, { at, terminal, loginOdds: guest ? 0 : 1, order });
}
