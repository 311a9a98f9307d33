import type { Brand } from '../base/brand.ts';

/** A stable name of why data is processed, e.g. `store_measurement` (consent.md, default configuration). */
export type PurposeId = Brand<string, 'PurposeId'>;

/** GDPR article 6(1) (a), (b), (f), (c). */
export const LEGAL_BASES = ['consent', 'contract', 'legitimate-interest', 'legal-obligation'] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** A device part is decided on a terminal, a person part on the person (S8). */
export type PurposeScope = { readonly device: boolean; readonly person: boolean };

export type Purpose = {
  readonly id: PurposeId;
  /** Place in the purposes bitmask of stored rows, 0 to 62; given once in the life of an installation (`allotBits`). */
  readonly bit: number;
  readonly basis: LegalBasis;
  readonly scope: PurposeScope;
};

/** A purpose's name: lower-case words joined by underscores, 64 characters at most. */
export function parsePurposeId(text: unknown): PurposeId | undefined {
  return typeof text === 'string' && /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(text) && text.length <= 64
    ? (text as PurposeId)
    : undefined;
}

/**
 * Whether a person may object to the purpose whatever its basis: contact by a channel, and the scores and advertisements
 * that serve it. Source: GDPR article 21(2), R31. A retailer's own contact purposes are named `<channel>_marketing`.
 */
export function isDirectMarketing(purpose: PurposeId): boolean {
  return purpose.endsWith('_marketing') || purpose === 'profiling' || purpose === 'advertising';
}
