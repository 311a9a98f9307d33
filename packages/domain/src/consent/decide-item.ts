import { type Instant, MINUTE_MS } from '../base/instant.ts';
import type { Purpose, PurposeId } from './purpose.ts';
import type { PurposeStates } from './purpose-states.ts';
import { type Standing, standingOn } from './standing.ts';
import { nearestReason, type WithheldReason } from './withheld-reason.ts';

/** A page's memory queue holds events from before the click on "accept" at most this long (S9). Unit: ms. */
export const MEMORY_QUEUE_MS_MAX = 30 * MINUTE_MS;

/** What the door knows of an item when it decides (S3, S9). */
export type DoorItem = {
  /** Event time after S4. */
  readonly t: Instant;
  /** First receipt. */
  readonly r: Instant;
  readonly imported: boolean;
  /** Came from a browser or an app. */
  readonly terminal: boolean;
  /** What a contract refers to: a receipt's number, a loyalty card, an account. */
  readonly reference?: string;
};

export type Verdict =
  | { readonly kind: 'kept'; readonly purposes: readonly Purpose[] }
  | { readonly kind: 'withheld'; readonly reason: WithheldReason };

/**
 * The door's verdict: for each served purpose whether it may be kept for it (S9). No purpose, no item. The verdict is
 * journaled and never taken again.
 */
export function decideItem(
  item: DoorItem,
  served: readonly Purpose[],
  statesOf: (purpose: PurposeId) => PurposeStates,
): Verdict {
  const purposes: Purpose[] = [];
  const reasons: WithheldReason[] = [];
  const asked = { now: item.r, terminal: item.terminal, use: 'individual' } as const;
  for (const purpose of served) {
    const reason = reasonAgainst(item, purpose, standingOn(purpose, statesOf(purpose.id), asked));
    if (reason === undefined) purposes.push(purpose);
    else reasons.push(reason);
  }
  return purposes.length > 0 ? { kind: 'kept', purposes } : { kind: 'withheld', reason: nearestReason(reasons) };
}

function reasonAgainst(item: DoorItem, purpose: Purpose, standing: Standing): WithheldReason | undefined {
  if (needsReference(purpose) && (item.reference === undefined || item.reference === '')) return 'unknown';
  if (!standing.ok) return standing.status;
  if (standing.allowance.by !== 'consent') return undefined;
  const { runSince } = standing.allowance;
  const from = item.imported ? runSince : runSince - MEMORY_QUEUE_MS_MAX;
  return item.t >= from ? undefined : 'consent-later';
}

/** A contract or a duty is towards somebody in particular: a sale, a card, an account. A page view is none of these. */
function needsReference(purpose: Purpose): boolean {
  return purpose.basis === 'contract' || purpose.basis === 'legal-obligation';
}
