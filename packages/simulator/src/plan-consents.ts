import { DAY_MS, HOUR_MS, MINUTE_MS } from '@filrouge/domain/base';
import { type Decision, type DecisionStatus, decideAll } from './decision.ts';
import type { Crawl, Episode, FamilyEvening, Visit } from './episode.ts';
import { Random, streamOf } from './random.ts';
import { ACCOUNT_PURPOSES, CARD_PURPOSES, DEVICE_PURPOSES } from './retailer-config.ts';
import type { Account, Attitude, Card, Relation, Terminal } from './shopper.ts';
import { tillMoment, type World } from './world.ts';

/** How long a choice on a device is remembered before the banner comes back (R9). */
const CHOICE_TTL_MS = 182 * DAY_MS;
const WITHDRAWS_PER_VISIT = 0.012;
const RETURNS_PER_VISIT = 0.05;
/** Persons who change their mind about the account's preferences within the history. */
const CHANGES_MIND = 0.08;
const LAST_MS = 2 * HOUR_MS;
const CHOICE_STREAM = streamOf('choice');

/** The banner as each terminal meets it, visit after visit: fills `terminal.decisions` and the visits' `decision`. */
export function planDeviceDecisions(world: World, index: number, episodes: readonly Episode[]): void {
  for (const episode of episodes) {
    if (episode.kind === 'visit' || episode.kind === 'family' || episode.kind === 'crawl')
      answerBanner(episode, new Random(world.seed, CHOICE_STREAM, index, episode.key));
  }
}

/** What the person on a terminal does about the banner in this stay: a decision on both, or nothing. */
export function answerBanner(stay: Visit | FamilyEvening | Crawl, random: Random): void {
  const { terminal } = stay;
  const statuses = nextChoice(terminal, stay.at, random);
  if (statuses === undefined) return;
  const indicatedAt = stay.at + random.between(6_000, 25_000);
  const offlineMs = stay.kind === 'visit' ? stay.offlineMs : 0;
  const decision: Decision = {
    indicatedAt,
    arrivedAt: indicatedAt + offlineMs + random.between(100, 600),
    statuses,
    role: terminal.surface === 'app' ? 'app' : 'web',
    channel: terminal.surface === 'app' ? 'app' : 'web',
    notice: 'device',
    sequence: terminal.decisions.length + 1,
  };
  terminal.decisions.push(decision);
  stay.decision = decision;
}

/** What the person does about the choice in a visit at `at`; undefined: nothing, or the banner is closed unanswered. */
function nextChoice(terminal: Terminal, at: number, random: Random): Record<string, DecisionStatus> | undefined {
  const last = terminal.decisions.at(-1);
  if (last === undefined) return firstChoice(terminal.attitude);
  const status = last.statuses['audience_measurement'];
  const stale = at >= last.indicatedAt + CHOICE_TTL_MS;
  const draw = random.next();
  if (status === 'given') {
    if (!stale) return draw < WITHDRAWS_PER_VISIT ? decideAll(DEVICE_PURPOSES, 'withdrawn') : undefined;
    if (draw < 0.7) return { ...last.statuses };
    return draw < 0.8 ? decideAll(DEVICE_PURPOSES, 'refused') : undefined;
  }
  if (status === 'withdrawn') return draw < RETURNS_PER_VISIT ? decideAll(DEVICE_PURPOSES, 'given') : undefined;
  if (!stale) return undefined;
  return draw < 0.15 ? decideAll(DEVICE_PURPOSES, 'given') : decideAll(DEVICE_PURPOSES, 'refused');
}

function firstChoice(attitude: Attitude): Record<string, DecisionStatus> | undefined {
  if (attitude === 'ignore') return undefined;
  if (attitude === 'all') return decideAll(DEVICE_PURPOSES, 'given');
  const refused = decideAll(DEVICE_PURPOSES, 'refused');
  if (attitude === 'refuse') return refused;
  const some = { ...refused, audience_measurement: 'given' as const };
  return attitude === 'audience' ? some : { ...some, store_measurement: 'given' as const };
}

/** Preferences of the account and of the card: loaded from the old system on the first day, or given when they began. */
export function planPersonDecisions(world: World, relation: Relation, random: Random, out: Episode[]): void {
  const [account, card] = [random.fork(), random.fork()];
  if (relation.account !== undefined) planAccount(world, relation, relation.account, account, out);
  if (relation.card !== undefined) planCard(world, relation, relation.card, card, out);
}

function planAccount(world: World, relation: Relation, account: Account, random: Random, out: Episode[]): void {
  const existing = account.createdAt < world.start;
  const at = existing ? world.start + random.below(6 * 60) * MINUTE_MS + random.below(60_000) : account.createdAt;
  const statuses = accountChoice(account.attitude);
  const first: Decision | undefined = statuses && {
    indicatedAt: account.createdAt,
    arrivedAt: at + 200,
    statuses,
    role: 'server',
    channel: 'web',
    notice: 'account',
  };
  out.push({
    kind: 'preference',
    key: random.uint32(),
    at,
    relation,
    subject: 'account',
    identifies: true,
    ...(first && { decision: first }),
  });
  if (first === undefined) return;
  account.decisions.push(first);
  const changedAt = Math.floor(at + DAY_MS + random.next() * (world.midnight - at));
  if (!random.chance(CHANGES_MIND) || changedAt >= world.midnight - LAST_MS) return;
  const byPhone = random.chance(0.3);
  const change: Decision = {
    indicatedAt: changedAt,
    arrivedAt: changedAt + (byPhone ? 4 * MINUTE_MS : 200),
    statuses: withdrawGiven(first.statuses),
    role: byPhone ? 'care' : 'server',
    channel: byPhone ? 'phone' : 'web',
    notice: 'account',
    ...(byPhone ? { agent: `agent-${random.between(1, 12)}` } : {}),
  };
  if (Object.keys(change.statuses).length === 0) return;
  account.decisions.push(change);
  const key = random.uint32();
  out.push({
    kind: 'preference',
    key,
    at: changedAt,
    relation,
    subject: 'account',
    identifies: false,
    decision: change,
  });
}

function accountChoice(attitude: Account['attitude']): Record<string, DecisionStatus> | undefined {
  if (attitude === 'silent') return undefined;
  if (attitude === 'open') return decideAll(ACCOUNT_PURPOSES, 'given');
  const refused = decideAll(ACCOUNT_PURPOSES, 'refused');
  if (attitude === 'closed') return refused;
  return { ...refused, email_marketing: 'given', personalisation: 'given' };
}

/** Withdraws everything given, or the link with the shops alone. */
function withdrawGiven(statuses: Readonly<Record<string, DecisionStatus>>): Record<string, DecisionStatus> {
  return Object.fromEntries(
    Object.entries(statuses)
      .filter(([, status]) => status === 'given')
      .map(([purpose]) => [purpose, 'withdrawn']),
  );
}

function planCard(world: World, relation: Relation, card: Card, random: Random, out: Episode[]): void {
  const existing = card.soldAt < world.start;
  const draws = {
    minute: random.below(6 * 60),
    ms: random.below(60_000),
    paper: random.chance(0.5),
    late: random.next(),
  };
  const statuses = cardChoice(card.attitude);
  const key = random.uint32();
  if (existing) {
    const at = world.start + draws.minute * MINUTE_MS + draws.ms;
    const decision: Decision = {
      indicatedAt: card.soldAt,
      arrivedAt: at + 200,
      statuses,
      role: 'server',
      channel: 'paper',
      notice: 'card',
    };
    card.decisions.push(decision);
    out.push({ kind: 'preference', key, at, relation, subject: 'card', identifies: false, decision });
    return;
  }
  const signedAt = tillMoment(random, card.soldAt, Math.min(card.soldAt + 3 * DAY_MS, world.midnight - LAST_MS), false);
  const wished = signedAt + signUpDelay(draws.paper, draws.late);
  const arrivedAt = wished < world.midnight - LAST_MS ? wished : signedAt + 30_000;
  const decision: Decision = {
    indicatedAt: signedAt,
    arrivedAt,
    statuses,
    role: 'till',
    channel: draws.paper ? 'paper' : 'store',
    notice: 'card',
    agent: `seller-${random.between(1, 40)}`,
  };
  card.decisions.push(decision);
  const tellsAccount = card.linked && relation.account !== undefined && relation.account.createdAt < arrivedAt;
  out.push({
    kind: 'preference',
    key,
    at: arrivedAt - 1,
    relation,
    subject: 'card',
    identifies: tellsAccount,
    decision,
  });
}

function cardChoice(attitude: Card['attitude']): Record<string, DecisionStatus> {
  const loyalty = { loyalty_programme: 'given' as const };
  if (attitude === 'silent') return loyalty;
  return { ...decideAll(CARD_PURPOSES, attitude === 'open' ? 'given' : 'refused'), ...loyalty };
}

/** Tablets sync within the hour, one in ten a day or two later; paper is keyed in after one to six days, one in twenty after more than a week: too late for an unsigned store key (S6). */
function signUpDelay(paper: boolean, late: number): number {
  if (!paper) return Math.floor(late < 0.9 ? late * HOUR_MS : DAY_MS + late * DAY_MS);
  return Math.floor(late < 0.95 ? DAY_MS + late * 5 * DAY_MS : (8 + late * 3) * DAY_MS);
}
