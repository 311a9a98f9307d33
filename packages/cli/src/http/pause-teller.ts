import { reasonOfNetwork } from '../api/api-failure.ts';
import { duration } from '../words/figures.ts';
import type { Pause } from './patience.ts';

/** Tells that a server is waited for, and that it answers again. */
export type PauseTeller = { readonly paused: (pause: Pause) => void; readonly answered: () => void };

/** Pauses that nobody needs to hear of, unless it is the first without any answer. */
const SHORT_MS = 1_000;

/**
 * One voice for all requests under way: that the server does not answer is told at once, then the longer pauses, once each
 * and not by every request that waits.
 */
export function createPauseTeller(url: string, say: (line: string) => void): PauseTeller {
  let told = 0;
  return {
    paused({ status, fault, tries, triesMax, ms, msLeft }) {
      const isFirst = told === 0 && status === undefined;
      if (tries <= told || (ms < SHORT_MS && !isFirst)) return;
      told = tries;
      const what = status === undefined ? silence(url, fault) : `${url} cannot take more just now (${status})`;
      const next = ms < SHORT_MS ? 'at once' : `in ${duration(ms)}`;
      say(`${what}: next try ${next}, ${tries + 1} of ${triesMax}; given up in ${duration(msLeft)}`);
    },
    answered() {
      if (told > 0) say(`${url} answers again`);
      told = 0;
    },
  };
}

function silence(url: string, fault: unknown): string {
  const why = reasonOfNetwork(fault);
  return `${url} does not answer${why === '' ? '' : ` (${why})`}`;
}
