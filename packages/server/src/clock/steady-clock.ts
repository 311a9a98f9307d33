import { uptime } from 'node:os';
import { type Instant, instant, MINUTE_MS, SECOND_MS } from '@filrouge/domain/base';

/** What the clocks of a machine say. Unit: ms. */
export type MachineClocks = {
  /** The time of day, which anybody may set. */
  readonly wall: () => number;
  /** What nobody sets: time since some instant. */
  readonly steady: () => number;
  /** The same with the time that the machine slept, as exactly as the system tells it. */
  readonly awakeOrAsleep: () => number;
};

/** A wall clock moved against the steady one. */
export type ClockJump = {
  readonly kind: 'doubted' | 'returned' | 'believed';
  /** How far, ahead or back (negative). Unit: ms. */
  readonly byMs: number;
};

/** Clocks are set right by less than this all the time: it is believed at once. Unit: ms. */
export const STEP_MS_MAX: number = MINUTE_MS;
/** A clock that jumped farther is believed when it has stood by it for so long. Unit: ms. */
export const DOUBT_MS: number = 5 * MINUTE_MS;

export type SteadyClock = {
  readonly now: () => Instant;
  /** For how long the time of day has gone on without a jump that was believed. Unit: ms. */
  readonly stoodForMs: () => number;
};

const MACHINE: MachineClocks = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  awakeOrAsleep: () => uptime() * SECOND_MS,
};

/**
 * The time of day for everything that is dated, with jumps of the machine's clock kept out: one by more than a minute is
 * not followed before the clock has stood by it for five, and until then time goes on from where it was. A clock that is in
 * 2038 for a moment so dates nothing, closes no consent as expired and forgets nothing. A machine that slept woke up: that is no jump.
 */
export function createSteadyClock(
  onJump: (jump: ClockJump) => void = () => undefined,
  { wall, steady, awakeOrAsleep }: MachineClocks = MACHINE,
): SteadyClock {
  /** What the wall clock is ahead of the steady one, as far as it is believed. */
  let offset = wall() - steady();
  let slept = awakeOrAsleep() - steady();
  let stoodSince = steady();
  let doubt: { readonly offset: number; readonly since: number } | undefined;

  /** The time that the machine slept since this was asked last. */
  const sleptSince = (at: number): number => {
    const before = slept;
    slept = awakeOrAsleep() - at;
    return slept - before;
  };
  const follow = (told: number, kind: ClockJump['kind']): void => {
    if (doubt !== undefined) onJump({ kind, byMs: Math.round(doubt.offset - offset) });
    doubt = undefined;
    offset = told;
  };

  const now = (): Instant => {
    const at = steady();
    const told = wall() - at;
    if (Math.abs(told - offset) <= STEP_MS_MAX) {
      follow(told, 'returned');
    } else if (doubt === undefined || Math.abs(told - doubt.offset) > STEP_MS_MAX) {
      const asleep = sleptSince(at);
      if (Math.abs(told - offset - asleep) <= STEP_MS_MAX) follow(told, 'returned');
      else {
        offset += asleep > STEP_MS_MAX ? asleep : 0;
        doubt = { offset: told, since: at };
        onJump({ kind: 'doubted', byMs: Math.round(told - offset) });
      }
    } else if (at - doubt.since >= DOUBT_MS) {
      follow(told, 'believed');
      stoodSince = at;
    }
    return instant(Math.floor(at + offset));
  };
  return {
    now,
    stoodForMs() {
      now();
      return doubt === undefined ? steady() - stoodSince : 0;
    },
  };
}
