import { DAY_MS, SECOND_MS } from '@filrouge/domain/base';
import { ArrivalQueue } from './arrival-queue.ts';
import type { Episode, Plan } from './episode.ts';
import { expand } from './expand.ts';
import { planOf } from './plan.ts';
import { answerBanner } from './plan-consents.ts';
import { makeVisit, orderVisit, terminalAt } from './plan-online.ts';
import type { SendRequest } from './play-history.ts';
import { Random, streamOf } from './random.ts';
import { callsRequest, consentRequest } from './request.ts';
import { SEGMENTS } from './segments.ts';
import type { Relation, Terminal } from './shopper.ts';
import type { Trace } from './trace.ts';
import { type World, type WorldSettings, worldOf } from './world.ts';

export type LiveSettings = WorldSettings & {
  /** Visits that begin a second, on average; a visit is about seven calls. */
  readonly rate: number;
  /** The clock (ms): real time in the demo. */
  readonly now: () => number;
  /** Waits that many ms, or until the signal; the demo's timer. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
};

const LIVE_STREAM = streamOf('live');
const ORDER_SHARE = 0.06;
const MAIL_SHARE = 0.05;
const CALL_SHARE = 0.02;
/** The longest sleep: what is due is never more than this late. */
const NAP_MS_MAX = 250;
/** Terminals whose live choices are remembered; beyond, they are forgotten and asked again. */
const TERMINALS_REMEMBERED_MAX = 50_000;

/**
 * Traffic from now on: visits begin as a Poisson process around `rate`; each is made by a shopper of the same
 * population, on a terminal that may have been seen in the history, with the choice made there in force (a terminal that
 * never chose meets the banner now). Requests reach `send` when the clock says so. Ends when the signal fires, with what
 * is under way left unsent. Returns the items sent. Errors: those of `send`.
 */
export async function liveTraffic(settings: LiveSettings, send: SendRequest, signal: AbortSignal): Promise<number> {
  const { rate, now, wait } = settings;
  if (!(rate > 0)) throw new RangeError(`rate: visits a second above 0, not ${rate}`);
  const began = now();
  const world = worldOf({ ...settings, until: settings.until ?? began });
  const random = new Random(world.seed, LIVE_STREAM, began % 0x7fffffff, Math.floor(began / 0x7fffffff));
  const remembered = new Map<string, Terminal>();
  const queue = new ArrivalQueue<Trace>();
  let next = began + random.exponential(SECOND_MS / rate);
  let items = 0;
  while (!signal.aborted) {
    for (; next <= now(); next += random.exponential(SECOND_MS / rate)) {
      for (const trace of beginVisit(world, Math.floor(next), random, remembered)) queue.push(trace);
    }
    for (const trace of queue.takeUntil(Math.floor(now()) + 1)) {
      if (signal.aborted || trace.kind === 'ticket') break;
      const request = trace.kind === 'calls' ? callsRequest(trace) : consentRequest(trace);
      await send(request);
      items += request.items;
    }
    const due = Math.min(next, queue.nextAt ?? Number.POSITIVE_INFINITY);
    await wait(Math.max(1, Math.min(NAP_MS_MAX, Math.ceil(due - now()))), signal);
  }
  return items;
}

/** One episode of a shopper drawn by how much that shopper visits, expanded as the history's are. */
function beginVisit(world: World, at: number, random: Random, remembered: Map<string, Terminal>): readonly Trace[] {
  const plan = drawShopper(world, random);
  const { shopper } = plan;
  const relation = random.pick(shopper.relations);
  const episode = liveEpisode(liveWorld(world, at), plan, relation, at, random);
  if (episode?.kind !== 'visit') return episode === undefined ? [] : expand(liveWorld(world, at), shopper, episode);
  const visit = { ...episode, terminal: remember(episode.terminal, remembered) };
  answerBanner(visit, random);
  return expand(liveWorld(world, at), shopper, visit);
}

/** Those who visit more come more often; who never goes online is not drawn. */
function drawShopper(world: World, random: Random): Plan {
  for (;;) {
    const plan = planOf(world, random.below(world.shoppers));
    const busy = SEGMENTS[plan.shopper.segment].visitsPerYear / SEGMENTS.digital.visitsPerYear;
    const online = plan.shopper.relations.some((relation) => relation.terminals.length > 0);
    if (online && random.chance(busy)) return plan;
  }
}

function liveEpisode(world: World, plan: Plan, relation: Relation, at: number, random: Random): Episode | undefined {
  const draw = random.next();
  const known = relation.account !== undefined && relation.account.createdAt < at;
  if (known && draw < MAIL_SHARE) {
    const reads = relation.account?.attitude === 'open' || relation.account?.attitude === 'service';
    return reads ? { kind: 'mail-open', key: random.uint32(), at, relation, mailing: 'lettre-999' } : undefined;
  }
  if (known && draw < MAIL_SHARE + CALL_SHARE)
    return { kind: 'call', key: random.uint32(), at, relation, topic: 'livraison' };
  if (draw > 1 - ORDER_SHARE) {
    return orderVisit(world, plan.shopper, relation, random, at, `${Math.floor(at / SECOND_MS).toString(36)}-l`);
  }
  const terminal = terminalAt(random, relation, at);
  return terminal && makeVisit(world, relation, random, { at, terminal, loginOdds: 0.25 });
}

/** A world that has not ended yet, for episodes that begin now. */
function liveWorld(world: World, at: number): World {
  return { ...world, end: at + DAY_MS, until: at + DAY_MS };
}

/** Choices made live stay made: plans are built afresh each time, terminals of this run are not. */
function remember(terminal: Terminal, remembered: Map<string, Terminal>): Terminal {
  const known = remembered.get(terminal.anonymousId);
  if (known !== undefined) return known;
  if (remembered.size >= TERMINALS_REMEMBERED_MAX) remembered.clear();
  remembered.set(terminal.anonymousId, terminal);
  return terminal;
}
