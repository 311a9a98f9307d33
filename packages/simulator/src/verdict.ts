import { DAY_MS, MINUTE_MS } from '@filrouge/domain/base';
import type { Decision } from './decision.ts';

/**
 * What the door ought to do with an item, written a second time from semantics.md (S5 to S9) and not from the product's
 * code. `depends`: on a refusing or silent terminal a person is logged in who gave `profiling` in the account; whether
 * that keeps the item turns on how S8 reads "a person's given never opens a device", which a simulation cannot decide.
 */
export type Verdict = 'kept' | 'depends' | WithheldReason;
export type WithheldReason = 'consent-later' | 'expired' | 'requested' | 'withdrawn' | 'refused' | 'unknown';

/** Nearest to yes first (S9). */
const NEAREST: readonly (Standing | 'consent-later')[] = [
  'consent-later',
  'expired',
  'requested',
  'withdrawn',
  'refused',
  'unknown',
];
const GRACE_MS = 30 * MINUTE_MS;
const DEVICE_TTL_MS = 182 * DAY_MS;
const PUBLIC_BACKDATE_MS_MAX = 7 * DAY_MS;

type Standing = 'given' | 'expired' | 'requested' | 'withdrawn' | 'refused' | 'unknown';
type PurposeState = { readonly standing: Standing; readonly runSince: number };
export type Receiving = {
  /** `lived`: everything reaches the product when it reached the retailer. `backfill`: all at one instant, consents first, by trusted keys. */
  readonly mode: 'lived' | 'backfill';
  /** The receipt of the item in question. */
  readonly receivedAt: number;
};

type Dated = { readonly at: number; readonly status: 'given' | 'refused' | 'withdrawn' };

/** The state of one purpose as the door knows it when it receives the item. */
export function stateOf(
  decisions: readonly Decision[],
  purpose: string,
  part: 'device' | 'person',
  receiving: Receiving,
): PurposeState {
  const dated: Dated[] = [];
  let requested = false;
  for (const decision of decisions) {
    const status = decision.statuses[purpose];
    if (status === undefined || !isKnown(decision, receiving)) continue;
    if (contradicted(decision, status, purpose, decisions, receiving)) continue;
    const at = orderTime(decision, status, receiving);
    if (at === undefined) requested = true;
    else dated.push({ at, status });
  }
  dated.sort((a, b) => a.at - b.at || Number(a.status !== 'given') - Number(b.status !== 'given'));
  const last = dated.at(-1);
  if (last === undefined) return { standing: requested ? 'requested' : 'unknown', runSince: 0 };
  if (last.status !== 'given') return { standing: requested ? 'requested' : last.status, runSince: 0 };
  const expired = part === 'device' && receiving.receivedAt >= last.at + DEVICE_TTL_MS;
  return { standing: expired ? 'expired' : 'given', runSince: runSinceOf(dated) };
}

/** The first given after the last negative. */
function runSinceOf(dated: readonly Dated[]): number {
  let at = dated.length - 1;
  while (at > 0 && (dated[at - 1] as Dated).status === 'given') at--;
  return (dated[at] as Dated).at;
}

function isKnown(decision: Decision, receiving: Receiving): boolean {
  return receiving.mode === 'backfill' || decision.arrivedAt <= receiving.receivedAt;
}

/** A higher number of the same device that says the opposite (S5). */
function contradicted(
  decision: Decision,
  status: string,
  purpose: string,
  decisions: readonly Decision[],
  receiving: Receiving,
): boolean {
  const { sequence } = decision;
  if (sequence === undefined) return false;
  return decisions.some((other) => {
    const its = other.statuses[purpose];
    if (its === undefined || (other.sequence ?? 0) <= sequence || !isKnown(other, receiving)) return false;
    return (its === 'given') !== (status === 'given');
  });
}

/** S6; undefined: an unsigned key dates a given back further than it may. */
function orderTime(decision: Decision, status: string, receiving: Receiving): number | undefined {
  const { indicatedAt, arrivedAt, role } = decision;
  if (receiving.mode === 'backfill') return Math.min(indicatedAt, receiving.receivedAt);
  if (role === 'server' || role === 'care' || role === 'mail') return Math.min(indicatedAt, arrivedAt);
  if (status !== 'given') return arrivedAt;
  return indicatedAt < arrivedAt - PUBLIC_BACKDATE_MS_MAX ? undefined : Math.min(indicatedAt, arrivedAt);
}

export type Asked = {
  /** Decisions of the terminal, and of the person whose identifier the item carries. */
  readonly device?: readonly Decision[];
  readonly person?: readonly Decision[];
  readonly receiving: Receiving;
};

/** Purposes of a page or a track that have a device part. */
const TERMINAL_PURPOSES = ['audience_measurement', 'personalisation', 'advertising', 'store_measurement'] as const;
/** Of an identify call by the server: the person's parts. */
const PERSON_PURPOSES = ['personalisation', 'profiling', 'advertising', 'store_measurement'] as const;

/** How the door judges the items of one request, for items of time t: states are folded once. */
export function judgeTerminal(asked: Asked): (t: number) => Verdict {
  const { device = [], person = [], receiving } = asked;
  const states = TERMINAL_PURPOSES.map((purpose) => stateOf(device, purpose, 'device', receiving));
  const profiling = stateOf(person, 'profiling', 'person', receiving);
  return (t) => {
    const standings = states.map((state) => lateness(state, t));
    if (standings.includes('given')) return 'kept';
    const personal = lateness(profiling, t);
    return personal === 'given' ? 'depends' : nearest([...standings, personal]);
  };
}

/** An item whose purposes ask the person alone: identify by the server, or the opening of a mail. */
export function judgePerson(asked: Asked, purposes: readonly string[] = PERSON_PURPOSES): (t: number) => Verdict {
  const states = purposes.map((purpose) => stateOf(asked.person ?? [], purpose, 'person', asked.receiving));
  return (t) => {
    const standings = states.map((state) => lateness(state, t));
    return standings.includes('given') ? 'kept' : nearest(standings);
  };
}

function lateness(state: PurposeState, t: number): Standing | 'consent-later' {
  return state.standing === 'given' && t < state.runSince - GRACE_MS ? 'consent-later' : state.standing;
}

function nearest(standings: readonly (Standing | 'consent-later')[]): WithheldReason {
  return NEAREST.find((reason) => standings.includes(reason)) as WithheldReason;
}
