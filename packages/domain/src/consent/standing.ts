import { type Instant, later } from '../base/instant.ts';
import {
  type ConsentState,
  type ConsentStatus,
  type GivenState,
  isClosed,
  statusAt,
  UNKNOWN,
} from './consent-state.ts';
import type { Purpose } from './purpose.ts';
import type { PurposeStates } from './purpose-states.ts';

/** Which statuses a use accepts (S10). An aggregate may count what was given and has run out; every other use may not. */
export type Use = 'aggregate' | 'individual';

/** What allows a use: the ledger entry, or the legal basis that stands in its place. */
export type Allowance =
  | { readonly by: 'consent'; readonly recordId: string; readonly position: number; readonly runSince: Instant }
  | { readonly by: 'contract' | 'legitimate-interest' | 'legal-obligation' };

export type Standing =
  | { readonly ok: true; readonly allowance: Allowance }
  | { readonly ok: false; readonly status: Exclude<ConsentStatus, 'given'> };

/**
 * Whether the states of one subject allow a purpose at `now` (S8, S9, S10), the run of consent it rests on included.
 * `terminal`: the item came from a browser or an app; a till, server or call item stands on the person part alone.
 * The collection instant is compared by the caller: S9 with the event time, S10 with c.
 */
export function standingOn(
  purpose: Purpose,
  states: PurposeStates,
  at: { readonly now: Instant; readonly terminal: boolean; readonly use: Use },
): Standing {
  if (purpose.basis === 'contract' || purpose.basis === 'legal-obligation') {
    return { ok: true, allowance: { by: purpose.basis } };
  }
  if (purpose.basis === 'legitimate-interest') return unlessObjected(states);
  if (!at.terminal) return onPart(purpose.scope.person ? states.person : states.device, at);
  return onTerminal(purpose, states, at);
}

function unlessObjected(states: PurposeStates): Standing {
  const objected = [states.device, states.person, states.onDevice].some(
    (state) =>
      state !== undefined && (state.kind === 'objected' || (state.kind === 'requested' && state.over === 'objected')),
  );
  return objected ? { ok: false, status: 'objected' } : { ok: true, allowance: { by: 'legitimate-interest' } };
}

function onTerminal(
  purpose: Purpose,
  states: PurposeStates,
  at: { readonly now: Instant; readonly use: Use },
): Standing {
  const { scope } = purpose;
  const deciding = onPart(scope.device ? states.device : states.person, at);
  if (!deciding.ok || !scope.person) return deciding;
  for (const state of [states.person, states.onDevice]) {
    if (state !== undefined && isClosed(state)) return { ok: false, status: closedStatus(state) };
  }
  return scope.device ? afterNegativeOf(states.person, deciding) : deciding;
}

/** With two parts the run is the device's, or the person's where that is later and follows a negative (S10). */
function afterNegativeOf(person: ConsentState | undefined, deciding: Standing & { ok: true }): Standing {
  if (deciding.allowance.by !== 'consent' || person?.kind !== 'given' || !person.followsNegative) return deciding;
  const runSince = later(deciding.allowance.runSince, person.runSince);
  return { ok: true, allowance: { ...deciding.allowance, runSince } };
}

function onPart(state: ConsentState = UNKNOWN, at: { readonly now: Instant; readonly use: Use }): Standing {
  const status = statusAt(state, at.now);
  if (status === 'given') return { ok: true, allowance: allowanceOf(state as GivenState) };
  if (status === 'expired' && at.use === 'aggregate') return { ok: true, allowance: allowanceOf(state as GivenState) };
  return { ok: false, status };
}

function allowanceOf(state: GivenState): Allowance {
  return { by: 'consent', recordId: state.recordId, position: state.position, runSince: state.runSince };
}

function closedStatus(state: ConsentState): Exclude<ConsentStatus, 'given' | 'expired' | 'unknown'> {
  if (state.kind === 'requested') return state.over === 'unknown' ? 'requested' : state.over;
  return state.kind === 'given' || state.kind === 'unknown' ? 'refused' : state.kind;
}
