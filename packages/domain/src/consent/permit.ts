import type { Instant } from '../base/instant.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import type { Purpose, PurposeId } from './purpose.ts';
import type { PurposeStates } from './purpose-states.ts';
import type { Allowance, Use } from './standing.ts';
import { type StoredItem, type Usability, usable } from './usable.ts';

const permittedFor: unique symbol = Symbol('permitted for');

/**
 * A value that may be used for one purpose at one instant. Only `permit` makes one: whoever asks for `Permitted<T>`
 * cannot be handed a value on which nobody decided.
 */
export type Permitted<T> = {
  readonly [permittedFor]: PurposeId;
  readonly value: T;
  /** The consent record or the legal basis that allows it. */
  readonly allowedBy: Allowance;
  readonly at: Instant;
  /** Ledger position as of which the decision was taken. */
  readonly ledgerPosition: number;
};

export type Ask = {
  readonly purpose: Purpose;
  readonly use: Use;
  readonly now: Instant;
  readonly ledgerPosition: number;
};

/** Decides on one stored item at the moment of its use (S10); a refusal says why and is counted by the caller. */
export function permit<T>(
  value: T,
  item: StoredItem,
  states: PurposeStates,
  ask: Ask,
): Result<Permitted<T>, (Usability & { ok: false })['why']> {
  const usability = usable(item, ask.purpose, states, ask.use, ask.now);
  if (!usability.ok) return refuse(usability.why);
  return accept({
    [permittedFor]: ask.purpose.id,
    value,
    allowedBy: usability.allowance,
    at: ask.now,
    ledgerPosition: ask.ledgerPosition,
  });
}

/** The purpose a permitted value was minted for. */
export function purposeOf(permitted: Permitted<unknown>): PurposeId {
  return permitted[permittedFor];
}
