import type { StampMapping } from '../deployment/source.ts';
import type { ConsentStamp } from '../event/incoming-item.ts';
import { ANY_VENDOR } from './consent-fact.ts';
import { type ConsentState, isClosed } from './consent-state.ts';
import type { SubmittedDecision } from './consent-submission.ts';
import type { Purpose, PurposeId } from './purpose.ts';

type StampDecision = SubmittedDecision & { readonly status: 'given' | 'refused' };

/**
 * What a stamp decides on a source that declares what its categories mean (wire.md 4.5). A purpose reached by several
 * categories is given only if none of them is false. A category the mapping does not know, and one that the stamp does
 * not name, decide nothing.
 */
export function stampDecisions(
  stamp: ConsentStamp,
  mapping: Pick<StampMapping, 'categories'>,
): readonly StampDecision[] {
  const allowed = allowedPurposes(stamp, (category) => categoryPurposes(mapping, category));
  return [...allowed].map(([purpose, yes]) => ({ purpose, vendor: ANY_VENDOR, status: yes ? 'given' : 'refused' }));
}

/**
 * Whether a stamp's decision says something new. Stamps ride on every event: written each time they would fill the
 * ledger, and renew for ever a consent that nobody gave again, so an expired one stays expired until the person acts.
 */
export function isNews(decision: Pick<SubmittedDecision, 'status'>, state: ConsentState): boolean {
  return decision.status === 'given' ? state.kind !== 'given' : !isClosed(state);
}

/**
 * The served purposes that a stamp leaves open on a source without the declaration. There it is a claim, and a claim
 * only narrows: false closes, true and silence open nothing. Without a mapping a category closes the purpose whose id
 * it bears and no other. A purpose that does not rest on consent is not the claim's to close. Where nothing is left of
 * what was served, the reason is `refused`.
 */
export function narrowedPurposes<P extends Pick<Purpose, 'id' | 'basis'>>(
  served: readonly P[],
  stamp: ConsentStamp | undefined,
  mapping?: Pick<StampMapping, 'categories'>,
): readonly P[] {
  if (stamp === undefined) return served;
  const allowed = allowedPurposes(stamp, (category) =>
    mapping === undefined ? [category as PurposeId] : categoryPurposes(mapping, category),
  );
  return served.filter((purpose) => purpose.basis !== 'consent' || allowed.get(purpose.id) !== false);
}

/** An own key only: a category named `constructor` means nothing. */
function categoryPurposes(mapping: Pick<StampMapping, 'categories'>, category: string): readonly PurposeId[] {
  return Object.hasOwn(mapping.categories, category) ? (mapping.categories[category] ?? []) : [];
}

function allowedPurposes(
  stamp: ConsentStamp,
  purposesOf: (category: string) => readonly PurposeId[],
): ReadonlyMap<PurposeId, boolean> {
  const allowed = new Map<PurposeId, boolean>();
  for (const [category, yes] of Object.entries(stamp)) {
    for (const purpose of purposesOf(category)) {
      allowed.set(purpose, yes === true && allowed.get(purpose) !== false);
    }
  }
  return allowed;
}
