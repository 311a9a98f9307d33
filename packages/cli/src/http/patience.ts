import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from './poster.ts';

/** Pauses between attempts, in ms: a server that starts again is back before the last. */
const PAUSES_MS: readonly number[] = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** A server that nobody heard of yet is not waited for: a wrong address should be told at once. */
const ATTEMPTS_UNHEARD_MAX = 3;
const RETRY_AFTER_SECONDS_MAX = 60;

/** A request that is tried again: why, after how long, and how often still. */
export type Pause = {
  /** What the server answered; undefined where it did not. */
  readonly status: number | undefined;
  readonly fault: unknown;
  /** Tries so far, and all there will be. */
  readonly tries: number;
  readonly triesMax: number;
  readonly ms: number;
  /** About how long all pauses still take together, this one among them. */
  readonly msLeft: number;
};

export type PatienceOptions = {
  readonly signal: AbortSignal;
  /** Whether this server has answered before. */
  readonly heard: () => boolean;
  /** Waits that many ms, or until the signal. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Told before each pause. */
  readonly onPause?: (pause: Pause) => void;
  /** A number from 0 to 1: requests in flight must not come back all at once. */
  readonly chance?: () => number;
};

/**
 * Tries a request until the server takes or refuses it: again after 429, 5xx and faults of the network, after the time
 * that the server asked for, or growing pauses. Answers the last answer. Errors: the last fault of the network; that of
 * `signal`.
 */
export async function withPatience(attempt: () => Promise<Answer>, options: PatienceOptions): Promise<Answer> {
  const { signal, heard, chance = Math.random } = options;
  const pause = options.pause ?? ((ms, stop) => wait(ms, undefined, { signal: stop }));
  for (let tries = 1; ; tries += 1) {
    const outcome = await attempt().catch((fault: unknown) => ({ fault }));
    signal.throwIfAborted();
    if (!('fault' in outcome) && outcome.status !== 429 && outcome.status < 500) return outcome;
    const limit = 'fault' in outcome && !heard() ? ATTEMPTS_UNHEARD_MAX - 1 : PAUSES_MS.length;
    if (tries > limit) {
      if ('fault' in outcome) throw outcome.fault;
      return outcome;
    }
    const asked = 'fault' in outcome ? undefined : outcome.retryAfterSeconds;
    const own = (PAUSES_MS[tries - 1] ?? 0) * (0.75 + chance() / 2);
    const ms = asked === undefined ? own : Math.min(asked, RETRY_AFTER_SECONDS_MAX) * 1_000 * (1 + chance() / 10);
    options.onPause?.({
      ...('fault' in outcome
        ? { status: undefined, fault: outcome.fault }
        : { status: outcome.status, fault: undefined }),
      tries,
      triesMax: limit + 1,
      ms,
      msLeft: PAUSES_MS.slice(tries, limit).reduce((sum, each) => sum + each, ms),
    });
    await pause(ms, signal);
  }
}
