import type { Instant } from '../base/instant.ts';
import type { ConsentStatus } from './consent-state.ts';
import type { Purpose } from './purpose.ts';
import type { PurposeStates } from './purpose-states.ts';
import { type Allowance, standingOn, type Use } from './standing.ts';

/** A kept item as the predicate sees it. */
export type StoredItem = {
  /** The purposes allowed at collection, one bit each (S9). */
  readonly purposes: bigint;
  /** Collection instant: r when live, t when imported (S4). */
  readonly c: Instant;
  readonly terminal: boolean;
  readonly bot: boolean;
  /** Set when the item's subject is erased or its processing restricted (GDPR 18): then no basis opens it. */
  readonly closed?: 'erased' | 'restricted';
};

export type Usability =
  | { readonly ok: true; readonly allowance: Allowance }
  | {
      readonly ok: false;
      readonly why:
        | 'not-collected-for'
        | 'bot'
        | 'erased'
        | 'restricted'
        | 'before-consent'
        | Exclude<ConsentStatus, 'given'>;
    };

/**
 * The one predicate (S10) as a function: bit ∧ c ≥ run_since ∧ status ∈ ok(use) ∧ not erased ∧ not restricted ∧ not
 * bot. The SQL of the reports is generated from the same definition and compared with this function by a property test.
 */
export function usable(item: StoredItem, purpose: Purpose, states: PurposeStates, use: Use, now: Instant): Usability {
  if (((item.purposes >> BigInt(purpose.bit)) & 1n) === 0n) return { ok: false, why: 'not-collected-for' };
  if (item.closed !== undefined) return { ok: false, why: item.closed };
  if (item.bot) return { ok: false, why: 'bot' };
  const standing = standingOn(purpose, states, { now, terminal: item.terminal, use });
  if (!standing.ok) return { ok: false, why: standing.status };
  if (standing.allowance.by === 'consent' && item.c < standing.allowance.runSince) {
    return { ok: false, why: 'before-consent' };
  }
  return { ok: true, allowance: standing.allowance };
}
