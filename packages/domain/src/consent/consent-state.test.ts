import { expect, test } from 'vitest';
import type { Instant } from '../base/instant.ts';
import {
  afterNegativeOf,
  type ConsentStatus,
  type GivenState,
  isClosed,
  isObjected,
  statusAt,
} from './consent-state.ts';
import { NOW, STATES, type StateName } from './testing/named-states.ts';

/** Every state there is: its word now, whether it closes a part beside it, whether it is an objection (S7, S8). */
const expected: Record<StateName, readonly [ConsentStatus, closed: boolean, objected: boolean]> = {
  unknown: ['unknown', false, false],
  requested: ['requested', false, false],
  'requested after a refusal': ['requested', true, false],
  'requested after a withdrawal': ['requested', true, false],
  'requested after an objection': ['requested', true, true],
  given: ['given', false, false],
  expired: ['expired', false, false],
  refused: ['refused', true, false],
  withdrawn: ['withdrawn', true, false],
  objected: ['objected', true, true],
};

for (const [name, [status, closed, objected]] of Object.entries(expected)) {
  test(`${name}: ${status}, ${closed ? 'closes' : 'does not close'}${objected ? ', an objection' : ''}`, () => {
    const state = STATES[name as StateName];
    expect([statusAt(state, NOW), isClosed(state), isObjected(state)]).toEqual([status, closed, objected]);
  });
}

test('S7: the end of a given is excluded, and a given without an end has none', () => {
  const given = STATES.given as GivenState;
  const until = NOW;
  expect(statusAt({ ...given, until }, (NOW - 1) as Instant)).toBe('given');
  expect(statusAt({ ...given, until }, NOW)).toBe('expired');
  const { until: _, ...endless } = given;
  expect(statusAt(endless, NOW)).toBe('given');
});

test('S10: the run starts with the later of two, where the other follows a negative', () => {
  const given = { ...(STATES.given as GivenState), runSince: 50 as Instant, followsNegative: false };
  const other = (runSince: number, followsNegative: boolean) => ({
    ...given,
    runSince: runSince as Instant,
    followsNegative,
  });
  expect(afterNegativeOf(given, other(80, true))).toEqual({ ...given, runSince: 80, followsNegative: true });
  expect(afterNegativeOf(given, other(20, true))).toEqual({ ...given, runSince: 50, followsNegative: true });
  expect(afterNegativeOf(given, other(80, false))).toBe(given);
  expect(afterNegativeOf(given, STATES.refused)).toBe(given);
});
