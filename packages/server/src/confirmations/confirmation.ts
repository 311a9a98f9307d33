import { DAY_MS, type Instant, instant } from '@filrouge/domain/base';
import { type ConsentFact, isNegative, type SubmittedDecision } from '@filrouge/domain/consent';
import type { SourceId } from '@filrouge/domain/deployment';
import type { ConfirmationRequest } from '@filrouge/wire';

/** How long a link in a message holds: somebody is on a journey, nobody answers after a week. */
export const CONFIRMATION_LIFE_MS: number = 7 * DAY_MS;

/** A yes that waits for the click of the person whose address it names. */
export type Confirmation = ConfirmationRequest & {
  /** The id that its record will bear. */
  readonly id: string;
  /** The source that asked for it. */
  readonly source: SourceId;
  readonly issuedAt: Instant;
};

export function endOf({ issuedAt }: Pick<Confirmation, 'issuedAt'>): Instant {
  return instant(issuedAt + CONFIRMATION_LIFE_MS);
}

/** How a confirmation stands: what of it may still be given, and whether it was given before. */
export type ConfirmationStanding = {
  readonly left: readonly SubmittedDecision[];
  readonly recorded: boolean;
};

/** What the ledger knows of the identifiers of a confirmation. */
export type KnownOfSubject = {
  readonly facts: readonly ConsentFact[];
  readonly erasedAt: readonly Instant[];
};

/**
 * Holds a confirmation against what was said since it was made. A no, or an erasure, from then on takes its purpose out:
 * the click of an old message is no later word than the no, whether it is the first click or another one. A no to one
 * vendor counts against a yes to all of them, which would cover that vendor too.
 */
export function standingOf(confirmation: Confirmation, { facts, erasedAt }: KnownOfSubject): ConfirmationStanding {
  const { id, issuedAt, decisions } = confirmation;
  const noes = facts.filter(({ status, receivedAt }) => isNegative(status) && receivedAt >= issuedAt);
  const isErased = erasedAt.some((at) => at >= issuedAt);
  const isRefused = ({ purpose, vendor }: SubmittedDecision): boolean =>
    noes.some((no) => no.purpose === purpose && (vendor === '*' || no.vendor === '*' || no.vendor === vendor));
  return {
    left: isErased ? [] : decisions.filter((decision) => !isRefused(decision)),
    recorded: facts.some(({ recordId }) => recordId === id),
  };
}
