import {
  ANY_VENDOR,
  anonymousState,
  type ConsentFact,
  type ConsentState,
  deviceState,
  type PurposeId,
  personState,
  UNKNOWN,
} from '@filrouge/domain/consent';
import type { Subject } from '@filrouge/ports';

/** A subject with its folded states, each computed once until a fact or a link around it moves. */
export type KnownSubject = {
  readonly subject: Subject;
  /** The device part: facts of the node itself (S8). */
  deviceState(purpose: PurposeId): ConsentState;
  /** The person part, for a node that names a person. */
  personState(purpose: PurposeId): ConsentState;
  /** The person part, for a device on which nobody is signed in. */
  anonymousState(purpose: PurposeId): ConsentState;
};

export function knownSubject(subject: Subject): KnownSubject {
  return new Folded(subject);
}

/** A door holds a hundred thousand of these, of most of whom nothing was ever decided: those cost no map. */
class Folded implements KnownSubject {
  readonly subject: Subject;
  #device: States | undefined;
  #person: States | undefined;
  #anonymous: States | undefined;

  constructor(subject: Subject) {
    this.subject = subject;
  }

  deviceState(purpose: PurposeId): ConsentState {
    const { self } = this.subject;
    if (self.length === 0) return UNKNOWN;
    this.#device ??= new Map();
    return remembered(this.#device, purpose, () => deviceState(about(self, purpose)));
  }

  personState(purpose: PurposeId): ConsentState {
    const { own, neighbours, devices, lastActAt } = this.subject;
    if (own.length === 0 && neighbours.every(isEmpty) && devices.every(({ facts }) => isEmpty(facts))) return UNKNOWN;
    this.#person ??= new Map();
    return remembered(this.#person, purpose, () => {
      const lists = [own, ...neighbours, ...devices.map(({ facts }) => facts)];
      if (!lists.some((facts) => facts.some((fact) => isAbout(fact, purpose)))) return UNKNOWN;
      return personState({
        own: about(own, purpose),
        neighbours: neighbours.map((facts) => about(facts, purpose)),
        devices: devices.map((device) => ({ ...device, facts: about(device.facts, purpose) })),
        ...(lastActAt === undefined ? {} : { lastActAt }),
      });
    });
  }

  anonymousState(purpose: PurposeId): ConsentState {
    const { self, neighbours } = this.subject;
    if (self.length === 0 && neighbours.every(isEmpty)) return UNKNOWN;
    this.#anonymous ??= new Map();
    return remembered(this.#anonymous, purpose, () =>
      anonymousState(
        about(self, purpose),
        neighbours.map((facts) => about(facts, purpose)),
      ),
    );
  }
}

function isEmpty(facts: readonly ConsentFact[]): boolean {
  return facts.length === 0;
}

function about(facts: readonly ConsentFact[], purpose: PurposeId): readonly ConsentFact[] {
  return facts.filter((fact) => isAbout(fact, purpose));
}

function isAbout({ purpose, vendor }: ConsentFact, asked: PurposeId): boolean {
  return purpose === asked && vendor === ANY_VENDOR;
}

type States = Map<PurposeId, ConsentState>;

function remembered(states: States, purpose: PurposeId, compute: () => ConsentState): ConsentState {
  const before = states.get(purpose);
  if (before !== undefined) return before;
  const state = compute();
  states.set(purpose, state);
  return state;
}
