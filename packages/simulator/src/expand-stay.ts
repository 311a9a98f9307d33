import { DAY_MS, SECOND_MS } from '@filrouge/domain/base';
import { sourceId } from './brands.ts';
import { callOfHit, type DraftCall, type Voice } from './calls.ts';
import type { Decision } from './decision.ts';
import { type Hit, hitsOf, type Stay } from './hits.ts';
import { kioskTerminal } from './kiosk.ts';
import type { Random } from './random.ts';
import { personDecisions, type Shopper, type Terminal } from './shopper.ts';
import type { CallsTrace, ItemTruth, Mess, Trace } from './trace.ts';
import { judgeTerminal, type Verdict } from './verdict.ts';
import type { World } from './world.ts';

const OUT_OF_ORDER_SHARE = 0.03;
const BLOCKED_ID_SHARE = 0.006;
/** Sites that hold their first calls until the banner is answered; the others send them at once, for nothing. */
const HOLDS_UNTIL_CHOICE = 0.7;
const APP_BATCH_MAX = 20;
/** A device's clock further off than this is counted as skewed. */
const SKEW_COUNTED_MS = 60 * SECOND_MS;

type Group = {
  readonly hits: readonly Hit[];
  readonly sentAt: number;
  readonly at: number;
  readonly mess: readonly Mess[];
};

/** The banner's answer and the calls of a stay on a terminal, as they arrive. */
export function expandStay(world: World, shopper: Shopper, stay: Stay, random: Random): Trace[] {
  const terminal = stay.kind === 'kiosk' ? kioskTerminal(world, stay.store) : stay.terminal;
  const decision = stay.kind === 'kiosk' ? undefined : stay.decision;
  const out: Trace[] = [];
  if (decision !== undefined) out.push(deviceConsent(stay, terminal, decision));
  const role = terminal.surface;
  const source = sourceId(stay.relation.brand, role);
  const voice = voiceOf(stay, terminal, random);
  const always = standingMess(stay, voice);
  for (const group of departures(stay, hitsOf(world, shopper, stay), decision, random)) {
    const calls = group.hits.map((hit) => callOfHit(random, stay, hit, voice, emailOf(stay, shopper, hit)));
    const items = judge(stay, terminal, group, calls, world, voice);
    const { at, sentAt } = group;
    out.push({
      kind: 'calls',
      at,
      sentAt,
      skewMs: voice.skewMs,
      source,
      path: '/v1/batch',
      calls: calls.map((call) => call.json),
      items,
      mess: [...always, ...group.mess],
    });
  }
  return out;
}

function deviceConsent(stay: Stay, terminal: Terminal, decision: Decision): Trace {
  const subject = { anonymousId: terminal.anonymousId };
  return { kind: 'consents', at: decision.arrivedAt, brand: stay.relation.brand, subject, decision };
}

function voiceOf(stay: Stay, terminal: Terminal, random: Random): Voice {
  const { anonymousId, deviceId, surface, skewMs } = terminal;
  const faulty = random.chance(BLOCKED_ID_SHARE) && stay.kind === 'visit' && !stay.login;
  return {
    anonymousId,
    surface,
    skewMs,
    deviceId,
    blockedId: faulty ? (random.chance(0.5) ? 'null' : 'anonymous') : undefined,
  };
}

function standingMess(stay: Stay, voice: Voice): readonly Mess[] {
  const mess: Mess[] = [];
  if (stay.kind === 'family') mess.push('shared-tablet');
  if (stay.kind === 'kiosk') mess.push('kiosk');
  if (stay.kind === 'crawl') mess.push('crawler');
  if (voice.blockedId !== undefined) mess.push('blocked-id');
  if (Math.abs(voice.skewMs) > SKEW_COUNTED_MS) mess.push('skewed');
  return mess;
}

function emailOf(stay: Stay, shopper: Shopper, hit: Hit): string {
  return stay.kind === 'family' && hit.person === stay.partner.person ? stay.partner.email : shopper.email;
}

/** Which hits leave together, and when: a browser flushes page by page, an app at the end of the visit. */
function departures(
  stay: Stay,
  hits: readonly Hit[],
  decision: Decision | undefined,
  random: Random,
): readonly Group[] {
  const app = stay.kind === 'kiosk' || stay.terminal.surface === 'app';
  const packs = app ? inTwenties(hits) : pageByPage(hits);
  const holds = random.chance(HOLDS_UNTIL_CHOICE);
  const offlineMs = stay.kind === 'visit' ? stay.offlineMs : 0;
  const end = hits[hits.length - 1]?.at ?? stay.at;
  let last = 0;
  return packs.map((pack) => {
    const flushed = (app ? end : (pack[pack.length - 1] as Hit).at) + SECOND_MS + offlineMs;
    const held = decision !== undefined && (holds || app) ? Math.max(flushed, decision.arrivedAt + 200) : flushed;
    const mess: Mess[] = [];
    if (offlineMs > 0) mess.push('late');
    if (decision !== undefined && held < decision.arrivedAt) mess.push('before-choice');
    const stray = random.chance(OUT_OF_ORDER_SHARE) && packs.length > 1;
    if (stray) mess.push('out-of-order');
    // Two requests of one terminal never leave in the same millisecond, so that their order is one.
    const sentAt = Math.max(held, last + 1) + (stray ? random.between(40, 200) * SECOND_MS : 0);
    last = stray ? last : sentAt;
    return { hits: pack, sentAt, at: sentAt + random.between(30, 400), mess };
  });
}

function inTwenties(hits: readonly Hit[]): readonly (readonly Hit[])[] {
  const packs: Hit[][] = [];
  for (let from = 0; from < hits.length; from += APP_BATCH_MAX) packs.push(hits.slice(from, from + APP_BATCH_MAX));
  return packs;
}

function pageByPage(hits: readonly Hit[]): readonly (readonly Hit[])[] {
  const packs: Hit[][] = [];
  for (const hit of hits) {
    const open = packs.at(-1);
    if (open === undefined || hit.type === 'page') packs.push([hit]);
    else open.push(hit);
  }
  return packs;
}

type Judge = (t: number) => Verdict;

function judge(
  stay: Stay,
  terminal: Terminal,
  group: Group,
  calls: readonly DraftCall[],
  world: World,
  voice: Voice,
): readonly ItemTruth[] {
  const device = terminal.decisions;
  const lived = { mode: 'lived', receivedAt: group.at } as const;
  const backfill = { mode: 'backfill', receivedAt: world.until } as const;
  let judges: { readonly userId: string | undefined; readonly lived: Judge; readonly backfill: Judge } | undefined;
  return group.hits.map((hit, i) => {
    const call = calls[i] as DraftCall;
    if (judges === undefined || judges.userId !== hit.userId) {
      const person = choicesOfUser(stay, hit, voice);
      judges = {
        userId: hit.userId,
        lived: judgeTerminal({ device, person, receiving: lived }),
        backfill: judgeTerminal({ device, person, receiving: backfill }),
      };
    }
    // The door's t carries the way of the request, for all terminals alike.
    const t = hit.at + (group.at - group.sentAt);
    return {
      messageId: call.messageId,
      call: call.name,
      at: hit.at,
      lived: judges.lived(t),
      backfill: judges.backfill(t),
      person: call.person,
    };
  });
}

/** The choices of the person whose user id the call carries. */
function choicesOfUser(stay: Stay, hit: Hit, voice: Voice): readonly Decision[] {
  if (hit.userId === undefined || voice.blockedId !== undefined) return [];
  if (stay.relation.account?.userId === hit.userId) return personDecisions(stay.relation, hit.at);
  return stay.kind === 'family' ? personDecisions(stay.partnerRelation, hit.at) : [];
}

const SAME_DAY_COPY_SHARE = 0.01;
const OTHER_DAY_COPY_SHARE = 0.003;

/** A client that heard no answer sends the request again: seconds later, or after a night. */
export function copiesOf(trace: CallsTrace, until: number, random: Random): readonly CallsTrace[] {
  const draw = random.next();
  if (draw >= SAME_DAY_COPY_SHARE + OTHER_DAY_COPY_SHARE) return [];
  const copy = draw < SAME_DAY_COPY_SHARE ? 'same-day' : 'other-day';
  const after =
    copy === 'same-day' ? random.between(5, 300) * SECOND_MS : DAY_MS + random.between(0, 2 * 86_400) * SECOND_MS;
  return trace.at + after < until ? [{ ...trace, at: trace.at + after, sentAt: trace.sentAt + after, copy }] : [];
}
