import { type ClockJump, DOUBT_MS } from './steady-clock.ts';

const SAID: Readonly<Record<ClockJump['kind'], string>> = {
  doubted: `the clock of this machine jumped: it is not followed before it has stood by it for ${DOUBT_MS / 60_000} minutes`,
  returned: 'the clock of this machine is back where it was',
  believed: 'the clock of this machine stood by its jump: it is followed from now on',
};

/** The operator hears of every jump of the clock, and of what became of it. */
export function tellClockJump(
  log: { readonly warn: (figures: object, said: string) => void },
  { kind, byMs }: ClockJump,
): void {
  log.warn({ byMs }, SAID[kind]);
}
