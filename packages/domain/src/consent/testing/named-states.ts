import { DAY_MS, type Instant } from '../../base/instant.ts';
import type { ConsentState, GivenState } from '../consent-state.ts';
import { at } from './fact-builder.ts';

/** The instant at which the named states are looked at. */
export const NOW = at('2026-11-21');

const since = (NOW - 100 * DAY_MS) as Instant;

const GIVEN: GivenState & { readonly until: Instant } = {
  kind: 'given',
  since,
  runSince: since,
  followsNegative: false,
  until: (NOW + 1) as Instant,
  position: 7,
  recordId: 'record-7',
};

/** One state of each kind that the rules tell apart; a table over its names is total. */
export const STATES = {
  unknown: { kind: 'unknown' },
  requested: { kind: 'requested', since, over: 'unknown', position: 1 },
  'requested after a refusal': { kind: 'requested', since, over: 'refused', position: 2 },
  'requested after a withdrawal': { kind: 'requested', since, over: 'withdrawn', position: 3 },
  'requested after an objection': { kind: 'requested', since, over: 'objected', position: 4 },
  given: GIVEN,
  expired: { ...GIVEN, until: NOW },
  refused: { kind: 'refused', since, position: 8 },
  withdrawn: { kind: 'withdrawn', since, position: 9 },
  objected: { kind: 'objected', since, position: 10 },
} as const satisfies Record<string, ConsentState>;
export type StateName = keyof typeof STATES;
export const STATE_NAMES = Object.keys(STATES) as readonly StateName[];
