import { type Instant, later } from '../base/instant.ts';

/** How a subject stands on one purpose; `until` is compared with the clock only when the state is used. */
export type ConsentState =
  | { readonly kind: 'unknown' }
  | {
      /** A given that is not proven yet (double opt-in open, clock not credible); it opens nothing. */
      readonly kind: 'requested';
      readonly since: Instant;
      /** What the person had said before it: a negative stays a negative. */
      readonly over: 'unknown' | 'refused' | 'withdrawn' | 'objected';
      readonly position: number;
    }
  | ClosedState
  | GivenState;

/** A decision against, which is the last word. */
export type ClosedState = {
  readonly kind: 'refused' | 'withdrawn' | 'objected';
  readonly since: Instant;
  readonly position: number;
};

export type GivenState = {
  readonly kind: 'given';
  /** o of the last given. */
  readonly since: Instant;
  /** run_since: o of the first given after the last negative (S7). */
  readonly runSince: Instant;
  /** Whether a negative precedes the run: then what was collected before it stays closed (S8, S10). */
  readonly followsNegative: boolean;
  /** Exclusive end; absent where the part has no time to live. */
  readonly until?: Instant;
  /** The ledger entry that allows. */
  readonly position: number;
  readonly recordId: string;
};

export const UNKNOWN: { readonly kind: 'unknown' } = { kind: 'unknown' };

/** The seven words shown to people and written to answers (S7). */
export type ConsentStatus = 'given' | 'refused' | 'withdrawn' | 'objected' | 'requested' | 'expired' | 'unknown';

/** The status at an instant: a given whose time to live has passed is `expired`. */
export function statusAt(state: ConsentState, now: Instant): ConsentStatus {
  if (state.kind === 'given' && state.until !== undefined && state.until <= now) return 'expired';
  return state.kind;
}

/** True when the person's last word was a no, even if an unproven yes follows it. */
export function isClosed(state: ConsentState): boolean {
  switch (state.kind) {
    case 'refused':
    case 'withdrawn':
    case 'objected':
      return true;
    case 'requested':
      return state.over !== 'unknown';
    case 'given':
    case 'unknown':
      return false;
  }
}

/** True when the last word was an objection (GDPR 21): only a verified yes lifts it (S7). */
export function isObjected(state: ConsentState): boolean {
  return state.kind === 'objected' || (state.kind === 'requested' && state.over === 'objected');
}

/**
 * A given beside another state that may close it: where that one is a yes after a no, the run starts with the later of
 * the two, so that what was collected before the no stays closed (S8, S10).
 */
export function afterNegativeOf(given: GivenState, other: ConsentState): GivenState {
  if (other.kind !== 'given' || !other.followsNegative) return given;
  return { ...given, runSince: later(given.runSince, other.runSince), followsNegative: true };
}
