import { earlier, type Instant } from '../base/instant.ts';
import type { ConsentFact } from './consent-fact.ts';
import { placedAt } from './order-time.ts';
import type { LinkedDevice, PersonFacts } from './subject-state.ts';

/** A device on which a person was seen, with everything that was decided on it by anybody. */
export type DeviceStay = {
  /** Whether the link is verified (S11). */
  readonly verified: boolean;
  /** When the person was first seen there: through a proof, where there is one. */
  readonly linkedAt: Instant;
  /** When whoever had been there before that was gone; absent = nobody had been. */
  readonly since?: Instant;
  readonly facts: readonly StayFact[];
};

/** `signedIn`: whether the person was signed in on the device at the fact's instant (`placedAt`). */
export type StayFact = { readonly fact: ConsentFact; readonly signedIn: boolean };

/** What decides on a person, before it is told apart by purpose. */
type Around = Pick<PersonFacts, 'own' | 'neighbours' | 'devices'>;

/**
 * What a person's devices say for it (S8, S11). What was decided on one while the person was signed in there through a
 * verified link is the person's own word; through a mere statement it stands beyond an unverified link, where only a no
 * counts. What was decided before the person came is lent. A browser's standing signal stays the device's.
 */
export function withStays(around: Pick<Around, 'own' | 'neighbours'>, allStays: readonly DeviceStay[]): Around {
  const stays = allStays.map(withoutSignals);
  const own = [...around.own, ...stays.flatMap(provenOf)];
  const beyond = stays.map((stay) => notYetOwn(statedOf(stay), own)).filter((facts) => facts.length > 0);
  // One that lends nothing decides nothing, and there may be thousands of them.
  const devices = stays.map(lentBy).filter(({ facts }) => facts.length > 0);
  return { own, neighbours: [...around.neighbours, ...beyond], devices };
}

function withoutSignals(stay: DeviceStay): DeviceStay {
  return { ...stay, facts: stay.facts.filter(({ fact }) => fact.signal !== true) };
}

function provenOf({ verified, linkedAt, facts }: DeviceStay): readonly ConsentFact[] {
  if (!verified) return [];
  return signedIn(facts).filter((fact) => placedAt(fact) >= linkedAt);
}

/** Where some of it is not proven, all that was decided while signed in: a later yes there must take the no back. */
function statedOf(stay: DeviceStay): readonly ConsentFact[] {
  const facts = signedIn(stay.facts);
  return facts.length === provenOf(stay).length ? [] : facts;
}

function signedIn(facts: readonly StayFact[]): readonly ConsentFact[] {
  return facts.flatMap((one) => (one.signedIn ? [one.fact] : []));
}

/** A decision that names the person beside the device is no other side's: about each purpose, only where one is. */
function notYetOwn(facts: readonly ConsentFact[], own: readonly ConsentFact[]): readonly ConsentFact[] {
  const positions = new Set(own.map(({ position }) => position));
  const matters = new Set(facts.filter(({ position }) => !positions.has(position)).map(subjectMatter));
  return facts.filter((fact) => matters.has(subjectMatter(fact)));
}

function subjectMatter({ purpose, vendor }: ConsentFact): string {
  return `${purpose} ${vendor}`;
}

function lentBy({ verified, linkedAt, since, facts }: DeviceStay): LinkedDevice {
  const lent = facts.flatMap(({ fact }) => {
    const at = earlier(fact.indicatedAt, fact.receivedAt);
    return at < linkedAt && (since === undefined || since < at) ? [fact] : [];
  });
  return { verified, linkedAt, facts: lent };
}
