import {
  ANY_VENDOR,
  anonymousState,
  type ConsentFact,
  type ConsentState,
  deviceState,
  type PurposeId,
  personState,
} from '@filrouge/domain/consent';
import type { Subject } from '@filrouge/ports';

/** A subject with its folded states, each computed once until a fact or a link around it moves. */
export type KnownSubject = {
  readonly subject: Subject;
  /** The device part: facts of the node itself (S8). */
  readonly deviceState: (purpose: PurposeId) => ConsentState;
  /** The person part, for a node that names a person. */
  readonly personState: (purpose: PurposeId) => ConsentState;
  /** The person part, for a device on which nobody is signed in. */
  readonly anonymousState: (purpose: PurposeId) => ConsentState;
};

export function knownSubject(subject: Subject): KnownSubject {
  return {
    subject,
    deviceState: memo((purpose) => deviceState(about(subject.self, purpose))),
    personState: memo((purpose) =>
      personState({
        own: about(subject.own, purpose),
        neighbours: subject.neighbours.map((facts) => about(facts, purpose)),
        devices: subject.devices.map((device) => ({ ...device, facts: about(device.facts, purpose) })),
        ...(subject.lastActAt === undefined ? {} : { lastActAt: subject.lastActAt }),
      }),
    ),
    anonymousState: memo((purpose) =>
      anonymousState(
        about(subject.self, purpose),
        subject.neighbours.map((facts) => about(facts, purpose)),
      ),
    ),
  };
}

function about(facts: readonly ConsentFact[], purpose: PurposeId): readonly ConsentFact[] {
  return facts.filter((fact) => fact.purpose === purpose && fact.vendor === ANY_VENDOR);
}

function memo(compute: (purpose: PurposeId) => ConsentState): (purpose: PurposeId) => ConsentState {
  const known = new Map<PurposeId, ConsentState>();
  return (purpose) => {
    const before = known.get(purpose);
    if (before !== undefined) return before;
    const state = compute(purpose);
    known.set(purpose, state);
    return state;
  };
}
