import type { Instant } from '../base/instant.ts';
import {
  afterNegativeOf,
  type ConsentState,
  type ConsentStatus,
  type GivenState,
  isClosed,
  isObjected,
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

/** When, on what and for what a standing is asked. */
type Asked = { readonly now: Instant; readonly terminal: boolean; readonly use: Use };

/** The part that must be given, and those that close it with a no (S8). */
type Parts = { readonly deciding: ConsentState; readonly closing: readonly ConsentState[] };

/**
 * Whether the states of one subject allow a purpose at `now` (S8, S9, S10), the run of consent it rests on included.
 * `terminal`: the item came from a browser or an app; a till, server or call item stands on the person part alone.
 * The collection instant is compared by the caller: S9 with the event time, S10 with c.
 */
export function standingOn(purpose: Purpose, states: PurposeStates, asked: Asked): Standing {
  const parts = partsOf(purpose, states, asked.terminal);
  switch (purpose.basis) {
    case 'legal-obligation':
      return WITHOUT_CONSENT[purpose.basis];
    case 'contract':
    case 'legitimate-interest':
      return isObjected(parts.deciding) || parts.closing.some(isObjected)
        ? { ok: false, status: 'objected' }
        : WITHOUT_CONSENT[purpose.basis];
    case 'consent':
      return byConsent(parts, asked);
  }
}

/** What stands on a legal basis stands the same way for everybody. */
const WITHOUT_CONSENT: Readonly<Record<'contract' | 'legitimate-interest' | 'legal-obligation', Standing>> = {
  contract: { ok: true, allowance: { by: 'contract' } },
  'legitimate-interest': { ok: true, allowance: { by: 'legitimate-interest' } },
  'legal-obligation': { ok: true, allowance: { by: 'legal-obligation' } },
};

const NOTHING_CLOSING: readonly ConsentState[] = [];

function partsOf({ scope }: Purpose, states: PurposeStates, terminal: boolean): Parts {
  const { device = UNKNOWN, person = UNKNOWN, onDevice = UNKNOWN } = states;
  if (!scope.person) return { deciding: device, closing: NOTHING_CLOSING };
  if (!terminal) return { deciding: person, closing: NOTHING_CLOSING };
  return scope.device ? { deciding: device, closing: [person, onDevice] } : { deciding: person, closing: [onDevice] };
}

function byConsent(parts: Parts, asked: Asked): Standing {
  const status = statusAt(parts.deciding, asked.now);
  if (parts.deciding.kind !== 'given') return { ok: false, status: parts.deciding.kind };
  if (status !== 'given' && asked.use !== 'aggregate') return { ok: false, status: 'expired' };
  for (const state of parts.closing) {
    if (isClosed(state)) return { ok: false, status: lastNo(state) };
  }
  return { ok: true, allowance: allowanceOf(parts.closing.reduce<GivenState>(afterNegativeOf, parts.deciding)) };
}

function allowanceOf(state: GivenState): Allowance {
  return { by: 'consent', recordId: state.recordId, position: state.position, runSince: state.runSince };
}

/** The no that a closed state stands for, an unproven yes after it left aside. */
function lastNo(state: ConsentState): Exclude<ConsentStatus, 'given'> {
  if (state.kind === 'requested') return state.over;
  return state.kind === 'given' ? 'expired' : state.kind;
}
