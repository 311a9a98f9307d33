import { DAY_MS, HOUR_MS, MINUTE_MS } from '@filrouge/domain/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIds } from './create-ids.ts';
import { type ClockJump, createSteadyClock, DOUBT_MS, type MachineClocks, STEP_MS_MAX } from './steady-clock.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const YEAR_2038 = Date.UTC(2038, 0, 19, 3, 14, 8);

/** A machine whose clocks are moved by hand. */
function aMachine() {
  let [steady, wall, slept] = [5_000, NOON, 0];
  const clocks: MachineClocks = {
    wall: () => wall,
    steady: () => steady,
    awakeOrAsleep: () => steady + slept,
  };
  return {
    clocks,
    pass(ms: number) {
      steady += ms;
      wall += ms;
    },
    jump(ms: number) {
      wall += ms;
    },
    sleep(ms: number) {
      wall += ms;
      slept += ms;
    },
    get wall() {
      return wall;
    },
    set wall(ms: number) {
      wall = ms;
    },
  };
}

function aClock() {
  const machine = aMachine();
  const jumps: ClockJump[] = [];
  const clock = createSteadyClock((jump) => jumps.push(jump), machine.clocks);
  return { machine, jumps, ...clock };
}

test('what passes is told, and a clock that is set right by less than a minute is believed at once', () => {
  const { machine, jumps, now } = aClock();
  expect(now()).toBe(NOON);
  machine.pass(90 * MINUTE_MS);
  expect(now()).toBe(NOON + 90 * MINUTE_MS);
  machine.jump(-40_000);
  expect(now()).toBe(machine.wall);
  machine.jump(STEP_MS_MAX);
  expect(now()).toBe(machine.wall);
  expect(jumps).toEqual([]);
});

test.each([
  ['two hours ahead', 2 * HOUR_MS],
  ['two hours back', -2 * HOUR_MS],
  ['a day ahead', DAY_MS],
  ['a day back', -DAY_MS],
  ['in 2038', YEAR_2038 - NOON],
  ['in 1970', -NOON],
])('a clock that is %s for a moment changes nothing', (_where, byMs) => {
  const { machine, jumps, now, stoodForMs } = aClock();
  machine.pass(10 * MINUTE_MS);
  machine.jump(byMs);
  for (let n = 1; n < 5; n += 1) {
    expect(now()).toBe(NOON + (9 + n) * MINUTE_MS);
    machine.pass(MINUTE_MS);
  }
  expect(stoodForMs(), 'while it is in doubt').toBe(0);
  machine.jump(-byMs);
  expect(now()).toBe(NOON + 14 * MINUTE_MS);
  expect(stoodForMs()).toBe(14 * MINUTE_MS);
  expect(jumps).toEqual([
    { kind: 'doubted', byMs },
    { kind: 'returned', byMs },
  ]);
});

test('one that stands by its jump is believed after five minutes, and another jump is doubted anew', () => {
  const { machine, jumps, now, stoodForMs } = aClock();
  machine.jump(DAY_MS);
  expect(now()).toBe(NOON);
  machine.pass(DOUBT_MS - 1);
  expect(now()).toBe(NOON + DOUBT_MS - 1);
  machine.jump(HOUR_MS);
  expect(now()).toBe(NOON + DOUBT_MS - 1);
  machine.pass(DOUBT_MS - 1);
  expect(now()).toBe(NOON + 2 * DOUBT_MS - 2);
  machine.pass(1);
  expect(now()).toBe(machine.wall);
  expect(stoodForMs()).toBe(0);
  machine.pass(MINUTE_MS);
  expect([now(), stoodForMs()]).toEqual([machine.wall, MINUTE_MS]);
  expect(jumps.map(({ kind }) => kind)).toEqual(['doubted', 'doubted', 'believed']);
});

test('a machine that wakes up tells the new time at once, however long it slept', () => {
  const { machine, jumps, now } = aClock();
  for (const ms of [2 * HOUR_MS, 3 * DAY_MS]) {
    machine.pass(HOUR_MS);
    machine.sleep(ms);
    expect(now()).toBe(machine.wall);
  }
  expect(jumps).toEqual([]);
  machine.jump(HOUR_MS);
  machine.sleep(DAY_MS);
  expect(now(), 'what it slept is believed, what it jumped is not').toBe(machine.wall - HOUR_MS);
});

test('ids increase and are never given twice, whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: YEAR_2038 }), { maxLength: 60 }), (instants) => {
      const told = instants.values();
      const newId = createIds(() => (told.next().value ?? NOON) as never);
      const ids = instants.map(() => newId());
      expect(ids).toEqual([...new Set(ids)].sort());
    }),
  );
});

test('this machine’s own clock goes on', () => {
  const { now, stoodForMs } = createSteadyClock();
  expect(Math.abs(now() - Date.now())).toBeLessThan(1_000);
  expect(stoodForMs()).toBeLessThan(60_000);
});
