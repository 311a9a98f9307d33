import type { Source } from '../deployment/source.ts';
import type { ItemKind } from '../event/item-kind.ts';
import type { PurposeId } from './purpose.ts';

const BROWSING = ['audience_measurement', 'personalisation', 'profiling', 'advertising', 'store_measurement'];
const RECEIPT = ['order_fulfilment', 'profiling', 'advertising', 'store_measurement'];

/** What each kind of item serves unless its source says otherwise (S12). */
export const SERVED_BY_DEFAULT: Readonly<Record<ItemKind, readonly PurposeId[]>> = {
  page: BROWSING as PurposeId[],
  screen: BROWSING as PurposeId[],
  track: BROWSING as PurposeId[],
  identify: BROWSING as PurposeId[],
  alias: BROWSING as PurposeId[],
  group: BROWSING as PurposeId[],
  order: RECEIPT as PurposeId[],
  ticket: RECEIPT as PurposeId[],
  'mail-open': ['email_open_tracking'] as PurposeId[],
  mail: [],
  call: ['customer_service', 'profiling'] as PurposeId[],
  customer: [
    'order_fulfilment',
    'loyalty_programme',
    'profiling',
    'advertising',
    'store_measurement',
    'email_marketing',
    'sms_marketing',
    'push_marketing',
    'phone_marketing',
    'postal_marketing',
  ] as PurposeId[],
  location: [],
};

/** `security` never serves a page view or a tracked event (S12), whatever a source declares; a screen is an app's page. */
const NEVER_FOR_SECURITY: readonly ItemKind[] = ['page', 'screen', 'track'];

/** The purposes an item of this kind from this source is collected for. */
export function servedPurposes(source: Pick<Source, 'serves'>, kind: ItemKind): readonly PurposeId[] {
  const declared = source.serves[kind] ?? SERVED_BY_DEFAULT[kind];
  return declared.filter((purpose) => mayServe(kind, purpose));
}

/** A location serves a purpose of geolocation only (S12); the source declares which, as the item does not say how precise it is. */
function mayServe(kind: ItemKind, purpose: PurposeId): boolean {
  if (kind === 'location') return purpose.startsWith('geolocation_');
  return purpose !== 'security' || !NEVER_FOR_SECURITY.includes(kind);
}
