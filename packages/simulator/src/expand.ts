import { DAY_MS, HOUR_MS, SECOND_MS } from '@filrouge/domain/base';
import { type SourceRole, sourceId } from './brands.ts';
import { callOfAccount, callOfOrder, callOfService, type DraftCall } from './calls.ts';
import type { Decision } from './decision.ts';
import type { Episode, Preference, Purchase, Refund, Visit } from './episode.ts';
import { copiesOf, expandStay } from './expand-stay.ts';
import { hitsOf } from './hits.ts';
import { MALFORMED_SHARE, malformedTrace } from './malformed.ts';
import { Random, streamOf } from './random.ts';
import { personDecisions, type Relation, type Shopper } from './shopper.ts';
import type { CallsTrace, Trace } from './trace.ts';
import { judgePerson, type Verdict } from './verdict.ts';
import { lastBegun, type World } from './world.ts';

const EXPAND_STREAM = streamOf('expand');

/**
 * What an episode leaves in the retailer's systems: requests, consents, receipts, each with the instant at which it
 * arrives. Pure; every trace arrives after the episode begins.
 */
export function expand(world: World, shopper: Shopper, episode: Episode): readonly Trace[] {
  const random = new Random(world.seed, EXPAND_STREAM, shopper.index, episode.key);
  const { relation } = episode;
  switch (episode.kind) {
    case 'purchase':
    case 'refund':
      return ticketsOf(world, shopper, episode, random);
    case 'visit': {
      const stay = expandStay(world, shopper, episode, random);
      return withCopies(world, [...stay, ...ordersOf(world, shopper, episode, random)], random);
    }
    case 'family':
    case 'kiosk':
    case 'crawl':
      return withCopies(world, expandStay(world, shopper, episode, random), random);
    case 'preference':
      return withCopies(world, preferenceTraces(world, shopper, episode, random), random);
    case 'mail-open': {
      const properties = { campaign_id: episode.mailing, email_subject: 'La lettre' };
      const call = callOfService(random, shopper, relation, episode.at, 'Email Opened', properties);
      return withCopies(world, [serverTrace(world, relation, 'mail', call, ['email_open_tracking'])], random);
    }
    case 'call': {
      const properties = { topic: episode.topic, duration_seconds: random.between(40, 1200) };
      const call = callOfService(random, shopper, relation, episode.at, 'Call Received', properties);
      return withCopies(world, [serverTrace(world, relation, 'care', call, 'contract')], random);
    }
  }
}

function withCopies(world: World, traces: readonly Trace[], random: Random): readonly Trace[] {
  const copies = traces.flatMap((trace) => (trace.kind === 'calls' ? copiesOf(trace, world.until, random) : []));
  return copies.length === 0 ? traces : [...traces, ...copies];
}

/** One receipt in 250 is sent twice; after one in 1,500 a technician's test row follows. */
const TICKET_COPY_SHARE = 1 / 250;
const TICKET_FAULT_SHARE = 1 / 1500;

function ticketsOf(world: World, shopper: Shopper, receipt: Purchase | Refund, random: Random): readonly Trace[] {
  const { relation } = receipt;
  const at = receipt.at + receipt.syncMs + SECOND_MS;
  const out: Trace[] = [{ kind: 'ticket', at, shopper, relation, receipt }];
  const copied = random.chance(TICKET_COPY_SHARE);
  const copyAt = at + random.between(1, 40) * HOUR_MS;
  if (copied && copyAt < world.until) out.push({ kind: 'ticket', at: copyAt, shopper, relation, receipt, copy: true });
  if (random.chance(TICKET_FAULT_SHARE)) {
    const fault = random.chance(0.5) ? 'bad-date' : 'bad-amount';
    out.push({ kind: 'ticket', at: at + SECOND_MS, shopper, relation, receipt, fault });
  }
  return out;
}

/** The server's side of an order: completed when the page confirms it, perhaps refunded, perhaps something malformed. */
function ordersOf(world: World, shopper: Shopper, visit: Visit, random: Random): readonly Trace[] {
  const { order, relation, terminal } = visit;
  if (order === undefined) return [];
  const at = confirmedAt(world, shopper, visit);
  const completed = callOfOrder(random, shopper, relation, terminal.anonymousId, order, at, false);
  const out: Trace[] = [serverTrace(world, relation, 'server', completed, 'contract')];
  const refundedAt = at + random.between(3, 18) * DAY_MS;
  if (order.refunded && refundedAt < lastBegun(world)) {
    const refunded = callOfOrder(random, shopper, relation, terminal.anonymousId, order, refundedAt, true);
    out.push(serverTrace(world, relation, 'server', refunded, 'contract'));
  }
  if (random.chance(MALFORMED_SHARE)) out.push(malformedTrace(random, relation, at + 5 * SECOND_MS));
  return out;
}

/** When an order is placed: two seconds after the page that confirms it. */
export function confirmedAt(world: World, shopper: Shopper, visit: Visit): number {
  return (hitsOf(world, shopper, visit).at(-1)?.at ?? visit.at) + 2 * SECOND_MS;
}

function serverTrace(
  world: World,
  relation: Relation,
  role: SourceRole,
  call: DraftCall,
  asks: 'contract' | readonly string[],
): CallsTrace {
  const at = call.at + 400;
  const decisions = personDecisions(relation, call.at);
  const judged = (mode: 'lived' | 'backfill'): Verdict =>
    asks === 'contract'
      ? 'kept'
      : judgePerson(
          { person: decisions, receiving: { mode, receivedAt: mode === 'lived' ? at : world.until } },
          asks,
        )(call.at);
  const { messageId, name, person } = call;
  const item = { messageId, call: name, at: call.at, lived: judged('lived'), backfill: judged('backfill'), person };
  return {
    kind: 'calls',
    at,
    sentAt: call.at + 300,
    skewMs: 0,
    source: sourceId(relation.brand, role),
    path: '/v1/batch',
    calls: [call.json],
    items: [item],
    mess: [],
  };
}

const IDENTIFY_PURPOSES = ['personalisation', 'profiling', 'advertising', 'store_measurement'];

function preferenceTraces(world: World, shopper: Shopper, episode: Preference, random: Random): readonly Trace[] {
  const out: Trace[] = [];
  const { relation, decision } = episode;
  if (decision !== undefined) {
    const subject = subjectOf(shopper, relation, episode.subject, decision);
    out.push({ kind: 'consents', at: decision.arrivedAt, brand: relation.brand, subject, decision });
  }
  if (episode.identifies) {
    const call = callOfAccount(random, shopper, relation, episode.at + SECOND_MS);
    out.push(serverTrace(world, relation, 'server', call, IDENTIFY_PURPOSES));
  }
  return out;
}

/** Whom a decision names: the account with its address, or the card alone. */
function subjectOf(
  shopper: Shopper,
  relation: Relation,
  on: 'account' | 'card',
  decision: Decision,
): Readonly<Record<string, string>> {
  if (on === 'card') return { loyaltyCard: relation.card?.number ?? '' };
  const userId = relation.account?.userId ?? '';
  return decision.role === 'care' ? { userId } : { userId, email: shopper.email };
}
