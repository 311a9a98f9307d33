import { DAY_MS, earlier, type Instant, later } from '../base/instant.ts';
import { type ConsentFact, isNegative } from './consent-fact.ts';
import { type ClosedState, type ConsentState, type GivenState, UNKNOWN } from './consent-state.ts';
import { contradictions } from './contradictions.ts';
import { isProven, placedAt } from './order-time.ts';

/** A choice on a device is remembered six months, yes and no alike. Source: CNIL 2020-092 (good practice), R9. Unit: ms. */
export const DEVICE_TIME_TO_LIVE_MS = 182 * DAY_MS;
/** A prospect's data is kept three years from the last act of the person. Source: CNIL référentiel GC, R34. Unit: ms. */
export const PERSON_IDLE_MS_MAX = 3 * 365 * DAY_MS;

/** How long a given lasts: a device part from the given itself, a person part from the person's last act. */
export type Lifetime =
  | { readonly part: 'device' }
  | { readonly part: 'person' /** Last click or purchase (not an open). */; readonly lastActAt?: Instant };

type Placed = { readonly fact: ConsentFact; readonly at: Instant };

/**
 * The state of one subject on one (purpose, vendor) as a pure fold over the set of its facts (S5 to S7): order of the
 * list and repetition are without effect. The caller passes facts of one brand and of one purpose and vendor
 * (`factsAbout`), and of nobody else; a fact has no brand to be checked here.
 */
export function foldConsent(facts: readonly ConsentFact[], lifetime: Lifetime): ConsentState {
  const { counted, breaks, requested } = place(withoutOvertaken(distinct(facts)));
  const decided = underObjection(withoutTied(counted));
  const last = decided.at(-1);
  const standing = last === undefined ? UNKNOWN : stateOf(last, decided, breaks, lifetime);
  const open = latest(requested);
  if (open === undefined || standing.kind === 'given') return standing;
  if (last !== undefined && last.at >= open.at) return standing;
  return { kind: 'requested', since: open.at, over: standing.kind, position: open.fact.position };
}

function stateOf(
  last: Placed,
  decided: readonly Placed[],
  breaks: readonly Instant[],
  lifetime: Lifetime,
): ClosedState | GivenState {
  const { status } = last.fact;
  if (status !== 'given') return { kind: status, since: last.at, position: last.fact.position };
  const negatives = decided.filter((placed) => isNegative(placed.fact.status)).map((placed) => placed.at);
  const lastNegative = maxOf([...negatives, ...breaks]);
  const first = decided.find(
    (placed) => placed.fact.status === 'given' && (lastNegative === undefined || placed.at > lastNegative),
  );
  // No yes after the last no: one that its own device took back, by a clock that went backwards. The run starts behind it.
  const runSince = first?.at ?? (((lastNegative ?? last.at) + 1) as Instant);
  return {
    kind: 'given',
    since: last.at,
    runSince,
    followsNegative: lastNegative !== undefined,
    until: untilOf(last.at, lifetime),
    position: last.fact.position,
    recordId: last.fact.recordId,
  };
}

function untilOf(lastGivenAt: Instant, lifetime: Lifetime): Instant {
  if (lifetime.part === 'device') return (lastGivenAt + DEVICE_TIME_TO_LIVE_MS) as Instant;
  const act = lifetime.lastActAt === undefined ? lastGivenAt : later(lifetime.lastActAt, lastGivenAt);
  return (act + PERSON_IDLE_MS_MAX) as Instant;
}

/**
 * A decision heard twice, or reached through two identifiers of one record, is one decision: the ledger's position
 * names it. Where the sender speaks for one of the identifiers, that standing is the decision's.
 */
function distinct(facts: readonly ConsentFact[]): readonly ConsentFact[] {
  const known = new Map<string, ConsentFact>();
  for (const fact of facts) {
    const key = `${fact.position} ${fact.status}`;
    const before = known.get(key);
    if (before === undefined || (before.standing === 'named' && fact.standing === 'own')) known.set(key, fact);
  }
  return [...known.values()];
}

/**
 * The ledger's positions say what came first, whatever the clock said. A yes with a later receipt than a no that came
 * after it was dated by a clock that ran ahead, or the no by one that ran behind: nobody knows which, and the no wins.
 */
function withoutOvertaken(facts: readonly ConsentFact[]): readonly ConsentFact[] {
  const noes = facts.filter((fact) => isNegative(fact.status));
  if (noes.length === 0) return facts;
  // Both from the last position up to the first: of the noes that came after a yes the one received first tells.
  noes.sort(lastRecordedFirst);
  const yeses = facts.filter((fact) => !isNegative(fact.status)).sort(lastRecordedFirst);
  const overtaken = new Set<ConsentFact>();
  let next = 0;
  let earliest = Number.POSITIVE_INFINITY;
  for (const yes of yeses) {
    for (let no = noes[next]; no !== undefined && no.position > yes.position; no = noes[next]) {
      earliest = Math.min(earliest, no.receivedAt);
      next += 1;
    }
    if (earliest < yes.receivedAt) overtaken.add(yes);
  }
  return overtaken.size === 0 ? facts : facts.filter((fact) => !overtaken.has(fact));
}

function lastRecordedFirst(a: ConsentFact, b: ConsentFact): number {
  return b.position - a.position;
}

/**
 * Gives each fact its instant. A fact that a higher number of its own device contradicts drops out (S5); a dropped
 * negative still ends the run of givens before it, so that a detour through a no never reopens what came earlier.
 */
function place(facts: readonly ConsentFact[]): {
  readonly counted: readonly Placed[];
  readonly breaks: readonly Instant[];
  readonly requested: readonly Placed[];
} {
  const contradicted = contradictions(facts);
  const counted: Placed[] = [];
  const breaks: Instant[] = [];
  const requested: Placed[] = [];
  for (const fact of facts) {
    const at = placedAt(fact);
    const by = contradicted.get(fact);
    if (by !== undefined) {
      if (isNegative(fact.status)) breaks.push(breakAt(fact, at, by));
    } else if (isProven(fact)) {
      counted.push({ fact, at });
    } else {
      requested.push({ fact, at });
    }
  }
  counted.sort(inFoldOrder);
  return { counted, breaks, requested };
}

/**
 * Where a dropped no ends the run: at its order time. That may be its receipt (S6), long after the yes that took it
 * back; where the device's clock agrees with its numbers the no is then placed just before that yes.
 */
function breakAt(no: ConsentFact, at: Instant, yesAt: Instant): Instant {
  const agrees = earlier(no.indicatedAt, no.receivedAt) < yesAt;
  return agrees && at >= yesAt ? ((yesAt - 1) as Instant) : at;
}

/** By order time, then by the ledger. */
function inFoldOrder(a: Placed, b: Placed): number {
  return a.at - b.at || a.fact.position - b.fact.position;
}

/** At one instant the negative wins (S6): a yes beside it is no word at all, and lifts no objection either. */
function withoutTied(counted: readonly Placed[]): readonly Placed[] {
  const noes = new Set(counted.filter(({ fact }) => isNegative(fact.status)).map(({ at }) => at));
  return counted.filter(({ fact, at }) => isNegative(fact.status) || !noes.has(at));
}

/** An objection yields only to a later given through a verified channel (S7): nothing else after it counts. */
function underObjection(counted: readonly Placed[]): readonly Placed[] {
  const kept: Placed[] = [];
  let objected = false;
  for (const placed of counted) {
    const { status, verified } = placed.fact;
    if (status === 'objected') objected = true;
    else if (objected) {
      if (status !== 'given' || !verified) continue;
      objected = false;
    }
    kept.push(placed);
  }
  return kept;
}

function latest(placed: readonly Placed[]): Placed | undefined {
  return [...placed].sort(inFoldOrder).at(-1);
}

function maxOf(instants: readonly Instant[]): Instant | undefined {
  return instants.reduce<Instant | undefined>((best, at) => (best === undefined || at > best ? at : best), undefined);
}
