import type { Instant } from '../base/instant.ts';
import { accept, type Result, refuse } from '../base/result.ts';
import type { Purpose, PurposeId } from './purpose.ts';
import type { PurposeStates } from './purpose-states.ts';
import type { Allowance, Use } from './standing.ts';
import { type StoredItem, type Usability, usable } from './usable.ts';

/** Known to this file only: what turns a decision into a value, and what reads its purpose back. */
let mintedFor: (permitted: Permitted<unknown>) => PurposeId;
let mint: <T>(purpose: PurposeId, value: T, decision: Decision) => Permitted<T>;

type Decision = { readonly allowedBy: Allowance; readonly at: Instant; readonly ledgerPosition: number };

/**
 * A value that may be used for one purpose at one instant. Only `permit` makes one: whoever asks for `Permitted<T>`
 * cannot be handed a value on which nobody decided. A class and not a shape, because a literal, a copy with another
 * value (`{ ...permitted, value }`) or a look-alike has not its private member and does not compile.
 */
class Permitted<T> {
  readonly #purpose: PurposeId;
  readonly value: T;
  /** The consent record or the legal basis that allows it. */
  readonly allowedBy: Allowance;
  readonly at: Instant;
  /** Ledger position as of which the decision was taken. */
  readonly ledgerPosition: number;

  private constructor(purpose: PurposeId, value: T, decision: Decision) {
    this.#purpose = purpose;
    this.value = value;
    this.allowedBy = decision.allowedBy;
    this.at = decision.at;
    this.ledgerPosition = decision.ledgerPosition;
    Object.freeze(this);
  }

  static {
    mint = (purpose, value, decision) => new Permitted(purpose, value, decision);
    mintedFor = (permitted) => permitted.#purpose;
  }
}

export type { Permitted };

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
  const { now: at, ledgerPosition } = ask;
  return accept(mint(ask.purpose.id, value, { allowedBy: usability.allowance, at, ledgerPosition }));
}

/** The purpose a permitted value was minted for. Throws a TypeError on an object that `permit` did not make. */
export function purposeOf(permitted: Permitted<unknown>): PurposeId {
  return mintedFor(permitted);
}
