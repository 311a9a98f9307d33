import { MINUTE_MS } from '@filrouge/domain/base';

/** Attempts within the window; beyond it one waits. An address may serve a whole office. */
export const ATTEMPTS_PER_ACCOUNT_MAX = 10;
export const ATTEMPTS_PER_ADDRESS_MAX = 50;
export const ATTEMPTS_WINDOW_MS = 15 * MINUTE_MS;
/** Names remembered at once; the oldest give way. */
const NAMES_MAX = 100_000;

type Tally = { count: number; readonly since: number };

/** Counts attempts to sign in, by account and by address, so that passwords cannot be tried out. */
export class Attempts {
  readonly #tallies = new Map<string, Tally>();

  /**
   * Takes one attempt; otherwise the whole seconds to wait. An attempt that was refused counts for nobody. `now` is told by
   * the clock that nobody sets.
   */
  take(account: string, address: string, now: number): { readonly waitSeconds: number } | undefined {
    const accountTally = this.#tallyOf(`account ${account}`, now);
    const addressTally = this.#tallyOf(`address ${address}`, now);
    const full = [
      ...(accountTally.count >= ATTEMPTS_PER_ACCOUNT_MAX ? [accountTally] : []),
      ...(addressTally.count >= ATTEMPTS_PER_ADDRESS_MAX ? [addressTally] : []),
    ];
    if (full.length > 0) {
      const until = Math.max(...full.map(({ since }) => since + ATTEMPTS_WINDOW_MS));
      return { waitSeconds: Math.max(1, Math.ceil((until - now) / 1_000)) };
    }
    accountTally.count += 1;
    addressTally.count += 1;
    return undefined;
  }

  /** Whoever knew the password was no guesser. */
  succeeded(account: string): void {
    this.#tallies.delete(`account ${account}`);
  }

  #tallyOf(name: string, now: number): Tally {
    const known = this.#tallies.get(name);
    if (known !== undefined && now - known.since < ATTEMPTS_WINDOW_MS) return known;
    const fresh = { count: 0, since: now };
    this.#tallies.delete(name);
    this.#tallies.set(name, fresh);
    for (const oldest of this.#tallies.keys()) {
      if (this.#tallies.size <= NAMES_MAX) break;
      this.#tallies.delete(oldest);
    }
    return fresh;
  }
}
