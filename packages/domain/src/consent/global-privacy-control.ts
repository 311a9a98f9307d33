import { ANY_VENDOR } from './consent-fact.ts';
import type { SubmittedDecision } from './consent-submission.ts';
import type { PurposeId } from './purpose.ts';

/** The notice a signal is recorded under: no text was shown, the browser's standing signal is the word. */
export const GLOBAL_PRIVACY_CONTROL_NOTICE = { id: 'global-privacy-control', version: '1' } as const;

const CLOSED_BY_SIGNAL = ['advertising', 'partner_sharing'] as PurposeId[];

/**
 * Whether a request's `Sec-GPC` header carries the signal: exactly `1`, nothing else. A header sent twice is an array
 * or `1, 1`, and is none. Source: W3C Global Privacy Control, R39.
 */
export function isGlobalPrivacyControl(header: unknown): boolean {
  return header === '1';
}

/** What the signal says for the device that sends it, at its receipt (S7). Its absence is no fact and gives nothing. */
export function globalPrivacyControlDecisions(): readonly (SubmittedDecision & { readonly status: 'refused' })[] {
  return CLOSED_BY_SIGNAL.map((purpose) => ({ purpose, vendor: ANY_VENDOR, status: 'refused' }));
}
