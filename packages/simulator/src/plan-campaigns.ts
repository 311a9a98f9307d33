import { DAY_MS, HOUR_MS, SECOND_MS } from '@filrouge/domain/base';
import {
  AREA_LIFT,
  type AreaCampaign,
  campaignsOf,
  HOLDOUT_SHARE,
  MAILING_LIFT,
  type Mailing,
  type Touch,
} from './campaigns.ts';
import type { Episode, Exposure, Purchase } from './episode.ts';
import { makeVisit } from './plan-online.ts';
import { makePurchase, planRefund } from './plan-store.ts';
import { Random, streamOf } from './random.ts';
import { SEGMENTS } from './segments.ts';
import { personDecisions, type Relation, type Shopper } from './shopper.ts';
import { lastStart, onlineMoment, tillMoment, type World } from './world.ts';

const CAMPAIGN_STREAM = streamOf('campaign');
/** Odds that a mail is opened, and an opened one clicked: of those whom it brings to the store, and of the others. */
const OPENS = { moved: 0.8, other: 0.4 } as const;
const CLICKS = { moved: 0.6, other: 0.2 } as const;
const EXACT_SHARE = 0.55;
/** Of the visits that posters cause, how many scan the code on them; the others type the address. */
const SCAN_SHARE = 0.5;

/**
 * What campaigns add to a person's life with a brand: touches, visits, purchases. They only add, on chance of their own,
 * and mark what they add with `cause`: all else is the world without them, to the cent. Wants the decisions made.
 */
export function planCampaigns(world: World, shopper: Shopper, relation: Relation, out: Episode[]): readonly Exposure[] {
  const exposures: Exposure[] = [];
  for (const [rank, campaign] of campaignsOf(world).entries()) {
    if (campaign.brand !== relation.brand) continue;
    const random = new Random(world.seed, CAMPAIGN_STREAM, shopper.index, rank);
    if (campaign.kind === 'mailing') exposures.push(...planMailing(world, shopper, relation, campaign, random, out));
    if (campaign.kind === 'area') planArea(world, shopper, relation, campaign, random, out);
  }
  return exposures;
}

function planMailing(
  world: World,
  shopper: Shopper,
  relation: Relation,
  campaign: Mailing,
  random: Random,
  out: Episode[],
): readonly Exposure[] {
  const draws = { lot: random.next(), moved: random.next(), opens: random.next(), clicks: random.next() };
  if (!mayBeWrittenTo(relation, campaign.from)) return [];
  const sent = draws.lot >= HOLDOUT_SHARE;
  if (!sent) return [{ campaign: campaign.id, relation, sent }];
  const moved = draws.moved < MAILING_LIFT[shopper.segment];
  const purchase = moved ? addedPurchase(world, shopper, relation, campaign, random.fork(), 'm', out) : undefined;
  const who = purchase === undefined ? 'other' : 'moved';
  // Who was moved to the store had read the mail by then; the others read it some time.
  const within = purchase === undefined ? campaign.to - campaign.from : purchase.at - campaign.from - HOUR_MS;
  const at = campaign.from + Math.min(Math.floor(random.exponential(14 * HOUR_MS)), Math.floor(within * 0.9));
  const opens = draws.opens < OPENS[who];
  const key = random.uint32();
  if (opens) out.push({ kind: 'mail-open', key, at, relation, mailing: campaign.id, cause: campaign.id });
  const clicks = opens && draws.clicks < CLICKS[who];
  if (clicks)
    addVisit(
      world,
      relation,
      { at: at + 40 * SECOND_MS, touch: campaign.touch, cause: campaign.id, purchase },
      random,
      out,
    );
  return [{ campaign: campaign.id, relation, sent }];
}

/** Mails go to accounts that had agreed to them when they were sent, by the account or by a card known to be its own. */
function mayBeWrittenTo(relation: Relation, at: number): boolean {
  if (relation.account === undefined || relation.account.createdAt >= at - DAY_MS) return false;
  const told = personDecisions(relation, at)
    .filter((decision) => decision.arrivedAt < at && decision.statuses['email_marketing'] !== undefined)
    .sort((a, b) => a.indicatedAt - b.indicatedAt);
  return told.at(-1)?.statuses['email_marketing'] === 'given';
}

function addedPurchase(
  world: World,
  shopper: Shopper,
  relation: Relation,
  campaign: Mailing | AreaCampaign,
  random: Random,
  number: string,
  out: Episode[],
): Purchase {
  const store = relation.homeStore;
  const at = tillMoment(random, campaign.from + 2 * HOUR_MS, campaign.to, store.openAllNight);
  const { purchase } = makePurchase(world, shopper, relation, random, { store, at, number, cause: campaign.id });
  out.push(purchase);
  planRefund(world, shopper, purchase, number, random.fork(), out);
  return purchase;
}

type AddedVisit = {
  readonly at: number;
  readonly touch: Touch | undefined;
  readonly cause: string;
  readonly purchase?: Purchase | undefined;
};

/** A visit in a browser in use at that time; nothing where there is none. */
function addVisit(
  world: World,
  relation: Relation,
  { at, touch, cause, purchase }: AddedVisit,
  source: Random,
  out: Episode[],
): void {
  const random = source.fork();
  const inUse = relation.terminals.filter(({ surface, from, until }) => surface === 'web' && from <= at && at < until);
  if (inUse.length === 0 || at >= lastStart(world)) return;
  const terminal = random.pick(inUse);
  const exact = random.chance(EXACT_SHARE);
  const product = purchase?.basket.lines[0]?.product;
  const focus = product === undefined ? undefined : { product, exact };
  out.push(makeVisit(world, relation, random, { at, terminal, loginOdds: 0.3, focus, touch, cause }));
}

function planArea(
  world: World,
  shopper: Shopper,
  relation: Relation,
  campaign: AreaCampaign,
  random: Random,
  out: Episode[],
): void {
  if (!campaign.stores.includes(relation.homeStore)) return;
  const years = (campaign.to - campaign.from) / (365 * DAY_MS);
  const { purchasesPerYear, visitsPerYear } = SEGMENTS[shopper.segment];
  const purchases = random.fork().poisson(purchasesPerYear * AREA_LIFT.purchases * years);
  for (let rank = 0; rank < purchases; rank++) {
    addedPurchase(world, shopper, relation, campaign, random.fork(), `a${rank}`, out);
  }
  const visits = random.fork().poisson(visitsPerYear * AREA_LIFT.visits * years);
  for (let rank = 0; rank < visits; rank++) {
    const at = onlineMoment(random, campaign.from, campaign.to);
    const touch = random.chance(SCAN_SHARE) ? campaign.touch : undefined;
    addVisit(world, relation, { at, touch, cause: campaign.id }, random, out);
  }
}
