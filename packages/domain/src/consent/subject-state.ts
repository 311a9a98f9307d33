import type { Instant } from '../base/instant.ts';
import type { ConsentFact } from './consent-fact.ts';
import { type ConsentState, isClosed, UNKNOWN } from './consent-state.ts';
import { foldConsent } from './fold-consent.ts';

/** The facts of one device that is linked to a person, and whether the link is verified (S11). */
export type LinkedDevice = { readonly facts: readonly ConsentFact[]; readonly verified: boolean };

/** What the person part of a purpose is decided from (S8). All facts are of one purpose and vendor. */
export type PersonFacts = {
  /** Of all identifiers joined by verified links. */
  readonly own: readonly ConsentFact[];
  /** One list for each group of identifiers on the other side of an unverified link. */
  readonly neighbours: readonly (readonly ConsentFact[])[];
  /** Devices on which the person was seen. */
  readonly devices: readonly LinkedDevice[];
  readonly lastActAt?: Instant;
};

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
  const lifetime = {
    part: 'person',
    ...(facts.lastActAt === undefined ? {} : { lastActAt: facts.lastActAt }),
  } as const;
  const own = foldConsent(facts.own, lifetime);
  const state = own.kind === 'unknown' ? inherited(facts, lifetime) : own;
  if (isClosed(state)) return state;
  for (const neighbour of facts.neighbours) {
    const theirs = foldConsent(neighbour, { part: 'person' });
    if (isClosed(theirs)) return theirs;
  }
  return state;
}

function inherited(facts: PersonFacts, lifetime: Parameters<typeof foldConsent>[1]): ConsentState {
  const verified = facts.devices.filter((device) => device.verified).flatMap((device) => device.facts);
  for (const device of facts.devices) {
    if (device.verified) continue;
    const theirs = foldConsent(device.facts, { part: 'person' });
    if (isClosed(theirs)) return theirs;
  }
  return verified.length === 0 ? UNKNOWN : foldConsent(verified, lifetime);
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
