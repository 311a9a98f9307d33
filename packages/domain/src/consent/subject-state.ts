import { earlier, type Instant } from '../base/instant.ts';
import type { ConsentFact } from './consent-fact.ts';
import { afterNegativeOf, type ConsentState, type GivenState, isClosed, isObjected } from './consent-state.ts';
import { foldConsent, type Lifetime } from './fold-consent.ts';
import { isProven, orderTime } from './order-time.ts';

/** A device on which a person was seen. */
export type LinkedDevice = {
  /**
   * What was decided on it before that person signed in. What was decided there while signed in belongs to
   * `PersonFacts.own` or, where the link is not verified, to `neighbours` (see `withStays`); what was decided in another
   * person's or nobody's span belongs to none of them.
   */
  readonly facts: readonly ConsentFact[];
  /** Whether the link is verified (S11). */
  readonly verified: boolean;
  /** When the person was first seen on it through that link; absent = not known, and before all that are. */
  readonly linkedAt?: Instant;
};

/** What the person part of a purpose is decided from (S8). All facts are of one brand, purpose and vendor. */
export type PersonFacts = {
  /** Of all identifiers joined by verified links, and of devices while the person was signed in through one. */
  readonly own: readonly ConsentFact[];
  /** One list for each group of identifiers on the other side of an unverified link. */
  readonly neighbours: readonly (readonly ConsentFact[])[];
  /** Devices on which the person was seen. */
  readonly devices: readonly LinkedDevice[];
  readonly lastActAt?: Instant;
};

/** Beyond a link only the noes of the other side are read, and those have no end. */
const BEYOND: Lifetime = { part: 'person' };

/** The device part: facts of that device and of no other (S8). */
export function deviceState(facts: readonly ConsentFact[]): ConsentState {
  return foldConsent(facts, { part: 'device' });
}

/**
 * The person part (S8). Across an unverified link only negatives count, and no given outweighs them. What was decided
 * on a device before the login becomes the person's only where the person had decided nothing; a yes so inherited
 * needs a verified link, a no does not.
 */
export function personState(facts: PersonFacts): ConsentState {
  const lifetime: Lifetime = {
    part: 'person',
    ...(facts.lastActAt === undefined ? {} : { lastActAt: facts.lastActAt }),
  };
  const own = foldConsent([...facts.own, ...inherited(facts)], lifetime);
  const beyond = facts.neighbours.map((neighbour) => foldConsent(neighbour, BEYOND));
  if (!isDecision(own)) {
    const unverified = facts.devices.filter((device) => !device.verified);
    beyond.push(...unverified.map((device) => foldConsent(device.facts, BEYOND)));
  }
  return restrictedBy(own, beyond);
}

/**
 * The person part as an anonymous device stands on it: its own facts, closed by any no of a person seen on it (S8:
 * negatives cross every link).
 */
export function anonymousState(
  own: readonly ConsentFact[],
  persons: readonly (readonly ConsentFact[])[],
): ConsentState {
  return personState({ own, neighbours: persons, devices: [] });
}

/** A request that nobody confirmed is no decision. */
function isDecision(state: ConsentState): boolean {
  return state.kind === 'given' || isClosed(state);
}

/** The facts of the one device whose decision became the person's: the first linked one, if the person had none then. */
function inherited(facts: PersonFacts): readonly ConsentFact[] {
  const decidedAt = firstDecisionAt(facts.own);
  const heirs = facts.devices
    .filter((device) => device.verified && (decidedAt === undefined || (device.linkedAt ?? decidedAt) < decidedAt))
    .map((device) => ({ device, state: foldConsent(device.facts, BEYOND) }))
    .filter((heir) => isDecision(heir.state));
  heirs.sort((a, b) => linkOrder(a.device) - linkOrder(b.device) || byRestriction(a.state, b.state));
  return heirs[0]?.device.facts ?? [];
}

function linkOrder(device: LinkedDevice): number {
  return device.linkedAt ?? Number.MIN_SAFE_INTEGER;
}

function firstDecisionAt(facts: readonly ConsentFact[]): Instant | undefined {
  return facts.reduce<Instant | undefined>((first, fact) => {
    const at = orderTime(fact);
    if (at === 'requested' || !isProven(fact)) return first;
    return first === undefined ? at : earlier(first, at);
  }, undefined);
}

/** How far a state is from a yes: an objection is farther than any other no. */
function restriction(state: ConsentState): number {
  if (isObjected(state)) return 2;
  return isClosed(state) ? 1 : 0;
}

/** Farthest from a yes first, then the latest: the order in which the lists come is without effect. */
function byRestriction(a: ConsentState, b: ConsentState): number {
  if (restriction(a) !== restriction(b)) return restriction(b) - restriction(a);
  if (a.kind === 'unknown' || b.kind === 'unknown') return 0;
  return b.since - a.since || b.position - a.position;
}

/**
 * A state as it stands under the noes from beyond unverified links. Where the other side said no and then yes for
 * itself, the run restarts: what was collected before that no stays closed.
 */
export function restrictedBy(own: ConsentState, beyond: readonly ConsentState[]): ConsentState {
  const [hardest] = [...beyond].sort(byRestriction);
  if (hardest !== undefined && restriction(hardest) > restriction(own)) return hardest;
  if (own.kind !== 'given') return own;
  return beyond.reduce<GivenState>((state, other) => afterNegativeOf(state, other), own);
}
