import { earlier, HOUR_MS, type Instant, later } from '../base/instant.ts';
import type { SightingFact } from './identity-fact.ts';
import type { Node } from './node.ts';

/**
 * A person at a device in one hour: the first and the last sighting. What a store keeps of sightings: a customer's
 * hundred page views in an hour are one row, and because first and last are a minimum and a maximum, the order in
 * which sightings arrive leaves no trace.
 */
export type Presence = {
  readonly device: Node;
  readonly person: Node;
  readonly first: Instant;
  readonly last: Instant;
  /** Some sighting of it was proven (S11). */
  readonly verified: boolean;
  /** Some sighting of it came from a kiosk. */
  readonly kiosk: boolean;
};

/** The hour an instant falls into, in whole hours since 1970-01-01T00:00:00Z. */
export function hourOf(t: Instant): number {
  return Math.floor(t / HOUR_MS);
}

/** The key under which presences are united. */
export function presenceKey(presence: Presence): string {
  return `${presence.device.id}${presence.person.id}${hourOf(presence.first)}`;
}

/** A sighting as the presence it alone makes. */
export function presenceOf(sighting: SightingFact): Presence {
  const { device, person, verified, kiosk, t } = sighting;
  return { device, person, verified, kiosk, first: t, last: t };
}

/** Two presences of one key as one. Commutative, associative, idempotent. */
export function unitePresences(x: Presence, y: Presence): Presence {
  return {
    device: x.device,
    person: x.person,
    first: earlier(x.first, y.first),
    last: later(x.last, y.last),
    verified: x.verified || y.verified,
    kiosk: x.kiosk || y.kiosk,
  };
}

/** Sightings, and presences known before, as one presence per device, person and hour. */
export function presencesOf(sightings: Iterable<SightingFact>, known: Iterable<Presence> = []): readonly Presence[] {
  const united = new Map<string, Presence>();
  const take = (presence: Presence): void => {
    const key = presenceKey(presence);
    const before = united.get(key);
    united.set(key, before === undefined ? presence : unitePresences(before, presence));
  };
  for (const presence of known) take(presence);
  for (const sighting of sightings) take(presenceOf(sighting));
  return [...united.values()];
}
