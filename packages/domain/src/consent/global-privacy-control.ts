import { type Identifier, isDeviceNamespace } from '../identity/identifier.ts';
import { ANY_VENDOR } from './consent-fact.ts';
import type { ConsentSubmission, SubmittedDecision } from './consent-submission.ts';
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

export function isUnderGlobalPrivacyControl({ notice }: Pick<ConsentSubmission, 'notice'>): boolean {
  const { id, version } = GLOBAL_PRIVACY_CONTROL_NOTICE;
  return notice.id === id && notice.version === version;
}

/**
 * Whom a submission is about. A browser's standing signal speaks for its terminal alone (S7), whoever else it names;
 * where it names no terminal, it is the word of whom it names.
 */
export function subjectOfSubmission(submission: Pick<ConsentSubmission, 'notice' | 'subject'>): readonly Identifier[] {
  if (!isUnderGlobalPrivacyControl(submission)) return submission.subject;
  const terminals = submission.subject.filter(({ namespace }) => isDeviceNamespace(namespace));
  return terminals.length === 0 ? submission.subject : terminals;
}

/** What the signal says for the device that sends it, at its receipt (S7). Its absence is no fact and gives nothing. */
export function globalPrivacyControlDecisions(): readonly (SubmittedDecision & { readonly status: 'refused' })[] {
  return CLOSED_BY_SIGNAL.map((purpose) => ({ purpose, vendor: ANY_VENDOR, status: 'refused' }));
}
