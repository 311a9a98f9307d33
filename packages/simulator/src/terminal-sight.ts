import { DAY_MS, MINUTE_MS } from '@filrouge/domain/base';
import type { Terminal } from './shopper.ts';
import { stateOf } from './verdict.ts';
import type { World } from './world.ts';

const GRACE_MS = 30 * MINUTE_MS;
/** How far before a first login what was done on a terminal is its person's (S13). */
const BACK_MS = 30 * DAY_MS;

/**
 * Whether a report can join what somebody did on a terminal with what they bought in store: the terminal agreed to store
 * measurement, as a backfill knows it, and its person logged in before or soon after. A shared terminal is left out.
 */
export function sightOf(world: World, terminal: Terminal, logins: readonly number[]): (at: number) => boolean {
  const receiving = { mode: 'backfill', receivedAt: world.until } as const;
  const { standing, runSince } = stateOf(terminal.decisions, 'store_measurement', 'device', receiving);
  if (standing !== 'given') return () => false;
  return (at) => at >= runSince - GRACE_MS && logins.some((login) => login - BACK_MS <= at);
}
