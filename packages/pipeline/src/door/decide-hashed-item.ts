import type { Instant } from '@filrouge/domain/base';
import { decideItem, isErasedAt, lifted, narrowedPurposes, type Purpose } from '@filrouge/domain/consent';
import type { Deployment } from '@filrouge/domain/deployment';
import { type CorrectedTimes, correctTimes, type ItemKind, type Mark } from '@filrouge/domain/event';
import { isPersonNamespace, type NodeId } from '@filrouge/domain/identity';
import type { SeenAnswer } from '@filrouge/ports';
import type { HashedIdentifier, HashedItem } from './hashed-item.ts';
import type { Claim } from './key-ring.ts';
import type { Lifts } from './lifts.ts';
import { servedAtDoor } from './served-at-door.ts';
import { statesAtDoor } from './states-at-door.ts';
import type { SubjectBook } from './subject-book.ts';
import { firstReceiptOf, type ItemOutcome } from './submission.ts';
import { type Words, withoutErased } from './without-erased.ts';

/** An item with the door's verdict; `claim` is present exactly where something is kept. */
export type DecidedItem = {
  readonly hashed: HashedItem;
  readonly outcome: ItemOutcome;
  /** What it may say: all it said, but for what an erasure takes out. */
  readonly words: Words;
  /** The identifier that an alias continues, where it is somebody's. */
  readonly previous: HashedIdentifier | undefined;
  /** Identifiers that are somebody's: neither blocked nor erased. */
  readonly identifiers: readonly HashedIdentifier[];
  readonly t: Instant;
  readonly c: Instant;
  readonly terminal: boolean;
  readonly purposes: bigint;
  readonly marks: readonly Mark[];
  readonly claim: Claim | undefined;
};

export function decideHashedItem(
  deployment: Deployment,
  book: SubjectBook,
  hashed: HashedItem,
  answer: SeenAnswer,
  lifts: Lifts = NO_LIFTS,
): DecidedItem {
  const { item, submission, source } = hashed;
  const { imported } = submission;
  const r = firstReceiptOf(submission);
  const times = correctTimes({ ...item.times, r, imported });
  const { decided, erased } = undecided(book, hashed, times, lifts);
  const { identifiers, terminal } = decided;
  if (identifiers.length === 0 && !isReceipt(item.kind)) {
    return withheld(decided, { kind: 'withheld', reason: erased ? 'erased' : 'unknown' });
  }
  const served = servedAtDoor(deployment, source, item.kind);
  // The stamp of a source that does not declare what its categories mean is a claim, and a claim only narrows.
  const open = source.stamps === undefined ? narrowedPurposes(served, item.stamp) : served;
  if (open.length === 0 && served.length > 0) return withheld(decided, { kind: 'withheld', reason: 'refused' });
  const asked = { t: times.t, r, imported, terminal };
  const reference = referenceOf(hashed, identifiers);
  const verdict = decideItem(
    reference === undefined ? asked : { ...asked, reference },
    open,
    statesAtDoor(book, hashed, identifiers, times.t),
  );
  if (verdict.kind === 'withheld') return withheld(decided, verdict);
  // Whoever lets an entry out of quarantine has judged the ground on which it was put there (S2).
  const released = submission.releases !== undefined;
  const quarantine = released ? undefined : answer === 'other-body' ? 'message-id-reused' : times.quarantine;
  if (quarantine !== undefined) decided.outcome = { kind: 'quarantined', reason: quarantine };
  decided.purposes = bitsOf(verdict.purposes);
  decided.claim = claimFor(book, hashed, identifiers);
  return decided;
}

const NO_LIFTS: Lifts = new Map();
const PENDING: ItemOutcome = { kind: 'pending' };

/** Filled in step by step, because copies of it would be most of what a verdict leaves to the garbage collector. */
type Undecided = { -readonly [key in keyof DecidedItem]: DecidedItem[key] };

function withheld(decided: Undecided, outcome: ItemOutcome): DecidedItem {
  decided.outcome = outcome;
  return decided;
}

/** The item as it may be kept, before its purposes are looked at; `erased`: whether an erasure took something of it. */
function undecided(
  book: SubjectBook,
  hashed: HashedItem,
  times: CorrectedTimes,
  lifts: Lifts,
): { readonly decided: Undecided; readonly erased: boolean } {
  const { item, previous, source } = hashed;
  const named = previous === undefined ? hashed.identifiers : [...hashed.identifiers, previous];
  const { left: somebody, erased, marks } = withoutNobody(book, named, times.t, lifts);
  const left = previous === undefined ? somebody : somebody.filter((identifier) => identifier !== previous);
  const decided: Undecided = {
    hashed,
    outcome: PENDING,
    words: erased.length === 0 ? item : withoutErased(item, erased, left.length === 0),
    previous: previous !== undefined && somebody.includes(previous) ? previous : undefined,
    identifiers: left,
    t: times.t,
    c: times.c,
    terminal: source.kind === 'web' || source.kind === 'app' || item.onTerminal === true,
    purposes: 0n,
    marks:
      times.marks.length + marks.length === 0 ? item.marks : [...new Set([...item.marks, ...times.marks, ...marks])],
    claim: undefined,
  };
  return { decided, erased: erased.length > 0 };
}

function isReceipt(kind: ItemKind): boolean {
  return kind === 'ticket' || kind === 'order';
}

function referenceOf({ item }: HashedItem, left: readonly HashedIdentifier[]): string | undefined {
  if (item.receipt !== undefined) return item.receipt.number;
  if (item.kind !== 'customer') return undefined;
  return left.find(({ namespace }) => namespace === 'user_id' || namespace === 'loyalty_card')?.node;
}

/** The bits written last: nearly all items of a moment may serve the same. */
let latest = { low: 0, high: 0, bits: 0n };

function bitsOf(purposes: readonly Purpose[]): bigint {
  let low = 0;
  let high = 0;
  for (const { bit } of purposes) {
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit - 32);
  }
  if (low !== latest.low || high !== latest.high) {
    latest = { low, high, bits: (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) };
  }
  return latest.bits;
}

type Somebody = {
  readonly left: readonly HashedIdentifier[];
  readonly erased: readonly HashedIdentifier[];
  readonly marks: readonly Mark[];
};
const NOBODY_ERASED: readonly HashedIdentifier[] = [];
const NO_MARKS: readonly Mark[] = [];

/** Drops identifiers that were found to be nobody's, and those of an erased person (S14, example 14). */
function withoutNobody(
  book: SubjectBook,
  identifiers: readonly HashedIdentifier[],
  t: Instant,
  lifts: Lifts,
): Somebody {
  if (!identifiers.some(({ node }) => isTouched(book, node))) {
    return { left: identifiers, erased: NOBODY_ERASED, marks: NO_MARKS };
  }
  const marks: Mark[] = [];
  const erased: HashedIdentifier[] = [];
  const left = identifiers.filter((identifier) => {
    const { node } = identifier;
    const subject = book.get(node)?.subject;
    if (subject?.blocked === true) {
      marks.push('blocked-identifier');
      return false;
    }
    const lift = lifts.get(node);
    const before = subject?.tombstone;
    const tombstone = before !== undefined && lift !== undefined ? lifted(before, lift.liftedAt) : before;
    if (isErasedAt(tombstone, t)) {
      marks.push('erased');
      erased.push(identifier);
      return false;
    }
    return true;
  });
  return { left, erased, marks };
}

/** Whether an identifier was blocked or erased, at whatever time. */
function isTouched(book: SubjectBook, node: NodeId): boolean {
  const subject = book.get(node)?.subject;
  return subject !== undefined && (subject.blocked || subject.tombstone !== undefined);
}

/** The claim whose key seals the item: its strongest identifier, a device's by the span it is in (S13, S14). */
function claimFor(book: SubjectBook, hashed: HashedItem, left: readonly HashedIdentifier[]): Claim {
  const strongest = left[0];
  if (strongest === undefined) return { brand: hashed.brand, kind: 'nobody' };
  if (isPersonNamespace(strongest.namespace)) return { brand: hashed.brand, kind: 'node', node: strongest.node };
  const span = book.get(strongest.node as NodeId)?.subject.spans ?? 0;
  return { brand: hashed.brand, kind: 'span', identifier: strongest, span };
}
