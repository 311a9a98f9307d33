import type { Instant } from '../base/instant.ts';
import type { PurposeId } from './purpose.ts';

/** What a person can do about a purpose (S5). Closing or ignoring a banner is none of these. */
export const FACT_STATUSES = ['given', 'refused', 'withdrawn', 'objected'] as const;
export type FactStatus = (typeof FACT_STATUSES)[number];

/** Where the decision was expressed; provenance, never part of a fact's key (S5). */
export const CONSENT_CHANNELS = [
  'web',
  'app',
  'tv',
  'store',
  'phone',
  'paper',
  'field',
  'partner',
  'email',
  'sms',
  'chat',
  'social',
] as const;
export type ConsentChannel = (typeof CONSENT_CHANNELS)[number];

/** A fact about all vendors of a purpose. */
export const ANY_VENDOR = '*';

/**
 * One decision as the ledger keeps it for one identifier of its subject (S5). The set of facts is all there is: state
 * is a fold over it, so arrival order and repetition cannot change the answer.
 */
export type ConsentFact = {
  /** Ledger position, gapless, from 1. */
  readonly position: number;
  readonly recordId: string;
  readonly purpose: PurposeId;
  /** `*` or a vendor's id. */
  readonly vendor: string;
  readonly status: FactStatus;
  /** i: when the person decided, by the clock of who recorded it. */
  readonly indicatedAt: Instant;
  /** r: when the platform received it. */
  readonly receivedAt: Instant;
  /** Trusted: server key, API token, signed queue, import with proof. An unsigned store key counts as an app key (S6). */
  readonly clock: 'trusted' | 'untrusted';
  /** The deciding device's own numbering, where it keeps one. */
  readonly sequence?: { readonly device: string; readonly number: number };
  /**
   * `own`: the sender may speak for this identifier. `named`: it merely named it (a web key and an e-mail address), so
   * a given stays requested until confirmed, while a negative counts.
   */
  readonly standing: 'own' | 'named';
  /** Given through a channel that proves who spoke (S11): only such a given lifts an objection. */
  readonly verified: boolean;
  /** A browser's standing signal: it is about the terminal that sends it and nothing else, whoever is signed in (S7). */
  readonly signal?: true;
};

export function isNegative(status: FactStatus): boolean {
  return status !== 'given';
}
