import type { JointControllers, Notice } from '../deployment/deployment.ts';
import type { BrandId } from '../deployment/source.ts';
import type { Identifier, Namespace } from '../identity/identifier.ts';
import type { ConsentRefusal } from './consent-refusal.ts';
import type { ConsentSubmission } from './consent-submission.ts';

/** By what the brands of one group may recognise each other's person (S1): a device or a card is the brand's own. */
const SHARED_NAMESPACES: readonly Namespace[] = ['user_id', 'email'];

/** The other brands for which a record counts too, each once. */
export function otherBrands({ brand, brands = [] }: Pick<ConsentSubmission, 'brand' | 'brands'>): readonly BrandId[] {
  return [...new Set(brands)].filter((other) => other !== brand);
}

/** What of a subject another brand of the group may know. */
export function sharedSubject(subject: readonly Identifier[]): readonly Identifier[] {
  return subject.filter(({ namespace }) => SHARED_NAMESPACES.includes(namespace));
}

/**
 * A record counts for another brand only if both are in one declared group and the notice names that brand (S1), and if
 * it names somebody whom that brand can recognise.
 */
export function refusalOfBrands(
  submission: ConsentSubmission,
  known: { readonly jointControllers: readonly JointControllers[]; readonly notices: readonly Notice[] },
): ConsentRefusal | undefined {
  const { brand, brands = [], notice, subject } = submission;
  const others = otherBrands(submission);
  for (const other of others) {
    const pointer = `/brands/${brands.indexOf(other)}`;
    if (!known.jointControllers.some((group) => group.brands.includes(brand) && group.brands.includes(other))) {
      const message = `${brand} and ${other} are in no group of joint controllers: declare one under jointControllers, or record the decision for ${other} by itself.`;
      return { code: 'brand-not-joint', message, pointer };
    }
    const shown = known.notices.find(
      (one) => one.brand === brand && one.id === notice.id && one.version === notice.version,
    );
    if (shown?.brands?.includes(other) !== true) {
      const message = `The notice ${notice.id} in version ${notice.version} does not name ${other}, so nobody agreed to anything for it: show a version whose brands name it.`;
      return { code: 'brand-not-in-notice', message, pointer };
    }
  }
  if (others.length === 0 || sharedSubject(subject).length > 0) return undefined;
  return {
    code: 'no-shared-subject',
    message:
      'Another brand recognises a person by user id or e-mail address alone: name one of them, or leave "brands" out.',
    pointer: '/subject',
  };
}
