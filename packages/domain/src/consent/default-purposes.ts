import type { LegalBasis, Purpose, PurposeId } from './purpose.ts';

type Row = readonly [id: string, basis: LegalBasis, parts: 'device' | 'person' | 'both'];

/**
 * The purposes of the default configuration, in the order of their bits; a retailer adds its own after them. Sources:
 * GDPR articles 6 and 7, ePrivacy 5(3), CPCE L34-5, C. conso L223-1, CNIL 2026-042, GPSR article 35 (consent.md).
 */
const ROWS: readonly Row[] = [
  ['order_fulfilment', 'contract', 'person'],
  ['security', 'legitimate-interest', 'both'],
  ['audience_measurement', 'consent', 'device'],
  ['personalisation', 'consent', 'both'],
  ['profiling', 'consent', 'person'],
  ['advertising', 'consent', 'both'],
  ['email_marketing', 'consent', 'person'],
  ['sms_marketing', 'consent', 'person'],
  ['push_marketing', 'consent', 'person'],
  ['phone_marketing', 'consent', 'person'],
  ['postal_marketing', 'legitimate-interest', 'person'],
  ['email_open_tracking', 'consent', 'person'],
  ['store_measurement', 'consent', 'both'],
  ['geolocation_approximate', 'consent', 'device'],
  ['geolocation_precise', 'consent', 'device'],
  ['partner_sharing', 'consent', 'person'],
  ['loyalty_programme', 'contract', 'person'],
  ['receipt_delivery', 'contract', 'person'],
  ['product_safety', 'legal-obligation', 'person'],
  ['customer_service', 'legitimate-interest', 'person'],
  ['legal_archive', 'legal-obligation', 'person'],
];

export const DEFAULT_PURPOSES: readonly Purpose[] = ROWS.map(([id, basis, parts], bit) => ({
  id: id as PurposeId,
  bit,
  basis,
  scope: { device: parts !== 'person', person: parts !== 'device' },
}));
