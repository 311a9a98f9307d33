import { DAY_MS, earlier, type Instant } from '../base/instant.ts';
import { type ConsentFact, isNegative } from './consent-fact.ts';

/** How far back an untrusted clock may date a given (S6). Unit: ms. */
export const UNTRUSTED_BACKDATING_MS_MAX = 7 * DAY_MS;

/**
 * The instant at which a fact takes its place in the fold (S6), or `requested` for a given that its sender's clock
 * cannot vouch for. A negative from an untrusted clock counts from its receipt, whatever it says of itself.
 */
export function orderTime(
  fact: Pick<ConsentFact, 'indicatedAt' | 'receivedAt' | 'clock' | 'status'>,
): Instant | 'requested' {
  const indicated = earlier(fact.indicatedAt, fact.receivedAt);
  if (fact.clock === 'trusted') return indicated;
  if (isNegative(fact.status)) return fact.receivedAt;
  return fact.receivedAt - indicated <= UNTRUSTED_BACKDATING_MS_MAX ? indicated : 'requested';
}

/** Where a fact stands in time, a requested one too: that one where it was received. */
export function placedAt(fact: Parameters<typeof orderTime>[0]): Instant {
  const order = orderTime(fact);
  return order === 'requested' ? fact.receivedAt : order;
}

/** Whether a fact decides: every no does, a yes only with a credible time and a sender who may speak for the subject. */
export function isProven(
  fact: Pick<ConsentFact, 'indicatedAt' | 'receivedAt' | 'clock' | 'status' | 'standing'>,
): boolean {
  return isNegative(fact.status) || (fact.standing === 'own' && orderTime(fact) !== 'requested');
}
