import { DAY_MS, HOUR_MS } from '@filrouge/domain/base';
import { fillBasket, pickCategory, pickProduct } from './basket.ts';
import { brandOf } from './brands.ts';
import type { Episode, Order, Visit } from './episode.ts';
import type { Random } from './random.ts';
import { SEGMENTS } from './segments.ts';
import type { Relation, Shopper, Terminal } from './shopper.ts';
import { LAST_START_MS, onlineMoment, type World, yearsOf } from './world.ts';

/** One app visit in twenty-five is without network, and is sent one to six days later. */
const APP_OFFLINE_SHARE = 1 / 25;
const ORDER_REFUND_SHARE = 0.06;
const NEWSLETTERS_PER_YEAR = 26;
const OPEN_SHARE = 0.22;
const CLICK_SHARE = 0.2;
const CALLS_PER_YEAR = 0.12;
const TOPICS = ['livraison', 'retour', 'carte', 'produit', 'autre'];

/** Browsing, orders, newsletters opened, calls. */
export function planOnline(world: World, shopper: Shopper, relation: Relation, random: Random, out: Episode[]): void {
  const segment = SEGMENTS[shopper.segment];
  const years = yearsOf(world);
  const end = world.until - LAST_START_MS;
  if (relation.terminals.length > 0) {
    for (let visits = random.poisson(segment.visitsPerYear * years); visits > 0; visits--) {
      const at = onlineMoment(random, world.start, end);
      const terminal = terminalAt(random, relation, at);
      if (terminal !== undefined) out.push(makeVisit(world, relation, random, { at, terminal, loginOdds: 0.25 }));
    }
    for (let orders = random.poisson(segment.ordersPerYear * years); orders > 0; orders--) {
      const visit = orderVisit(world, shopper, relation, random, onlineMoment(random, world.start, end), out.length);
      if (visit !== undefined) out.push(visit);
    }
  }
  if (relation.account !== undefined) planMails(world, relation, random, out);
  for (let calls = random.poisson(CALLS_PER_YEAR * years); calls > 0; calls--) {
    const at = onlineMoment(random, world.start, end);
    if (relation.account !== undefined && relation.account.createdAt < at) {
      out.push({ kind: 'call', at, relation, topic: random.pick(TOPICS) });
    }
  }
}

function planMails(world: World, relation: Relation, random: Random, out: Episode[]): void {
  const { account } = relation;
  if (account === undefined || account.attitude === 'closed' || account.attitude === 'silent') return;
  const from = Math.max(world.start, account.createdAt + DAY_MS);
  const end = world.until - LAST_START_MS;
  if (from >= end) return;
  const mean = ((end - from) / (365 * DAY_MS)) * NEWSLETTERS_PER_YEAR * OPEN_SHARE;
  for (let opens = random.poisson(mean); opens > 0; opens--) {
    const at = onlineMoment(random, from, end);
    out.push({ kind: 'mail-open', at, relation, campaign: Math.floor((at - world.start) / (14 * DAY_MS)) });
    const terminal = terminalAt(random, relation, at);
    if (terminal !== undefined && random.chance(CLICK_SHARE) && at + 60_000 < end) {
      out.push(makeVisit(world, relation, random, { at: at + 40_000, terminal, loginOdds: 0.25, fromMail: true }));
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
  readonly fromMail?: boolean;
};

export function makeVisit(world: World, relation: Relation, random: Random, wish: VisitWish): Visit {
  const { at, terminal, loginOdds, focus, order, fromMail = false } = wish;
  const known = relation.account !== undefined && relation.account.createdAt < at;
  const login = random.chance(terminal.surface === 'app' ? Math.max(0.75, loginOdds) : loginOdds) && known;
  const offline = random.chance(APP_OFFLINE_SHARE) ? random.between(20, 144) * HOUR_MS : 0;
  const canWait = terminal.surface === 'app' && order === undefined && at + offline < world.until - LAST_START_MS;
  return {
    kind: 'visit',
    at,
    relation,
    terminal,
    login,
    fromMail,
    offlineMs: canWait ? offline : 0,
    focus,
    order,
  };
}

/** A visit that ends in an order; undefined where it would fall after the end or no terminal is in use. */
export function orderVisit(
  world: World,
  shopper: Shopper,
  relation: Relation,
  random: Random,
  at: number,
  rank: number,
): Visit | undefined {
  const terminal = terminalAt(random, relation, at);
  const product = pickProduct(random, relation.brand, pickCategory(random, relation.brand).name);
  const basket = fillBasket(random, relation.brand, product);
  const refunded = random.chance(ORDER_REFUND_SHARE);
  const guest = relation.account === undefined || relation.account.createdAt >= at || random.chance(0.15);
  if (terminal === undefined || at >= world.until - LAST_START_MS) return undefined;
  const number = `${brandOf(relation.brand).prefix}O-${shopper.index.toString(36)}-${rank.toString(36)}`;
  const order = { number, basket, guest, refunded };
  return makeVisit(world, relation, random, { at, terminal, loginOdds: guest ? 0 : 1, order });
}
