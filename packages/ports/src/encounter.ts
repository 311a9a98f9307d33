import { earlier, type Instant, later } from '@filrouge/domain/base';
import type { NodeId, Presence } from '@filrouge/domain/identity';

/** All hours of a person at a device as one: what the scope of a purpose (S8) asks of sightings. */
export type Encounter = {
  readonly device: NodeId;
  readonly person: NodeId;
  readonly first: Instant;
  readonly last: Instant;
  /** First sighting in an hour with a proof (S11). */
  readonly verified: Instant | undefined;
  readonly kiosk: boolean;
};

/** An hour of a person at a device, named by their nodes. */
export type SightedHour = Omit<Presence, 'device' | 'person'> & {
  readonly device: { readonly id: NodeId };
  readonly person: { readonly id: NodeId };
};

/** One encounter for each pair; of each hour there must be one presence, all its sightings united. */
export function encountersOf(presences: Iterable<SightedHour>): readonly Encounter[] {
  const united = new Map<string, Encounter>();
  for (const { device, person, first, last, verified, kiosk } of presences) {
    const one = { device: device.id, person: person.id, first, last, verified: verified ? first : undefined, kiosk };
    const before = united.get(pairOf(one));
    united.set(pairOf(one), before === undefined ? one : uniteEncounters(before, one));
  }
  return [...united.values()];
}

/** Two encounters of one pair as one. Commutative, associative, idempotent. */
export function uniteEncounters(x: Encounter, y: Encounter): Encounter {
  return {
    device: x.device,
    person: x.person,
    first: earlier(x.first, y.first),
    last: later(x.last, y.last),
    verified: earliest(x.verified, y.verified),
    kiosk: x.kiosk || y.kiosk,
  };
}

/**
 * Around which nodes consent may move when these encounters join the known ones of the same devices: where a pair is
 * new, begins earlier, is proven earlier or turns out to be at a kiosk, and where someone stayed until later than
 * thought before another person came. The usual next page view of a customer touches nothing.
 */
export function touchedByEncounters(known: readonly Encounter[], met: readonly Encounter[]): ReadonlySet<NodeId> {
  const touched = new Set<NodeId>();
  const before = new Map(known.map((one) => [pairOf(one), one]));
  const after = new Map(before);
  for (const one of met) {
    const old = after.get(pairOf(one));
    after.set(pairOf(one), old === undefined ? one : uniteEncounters(old, one));
  }
  const atDevice = Map.groupBy(after.values(), ({ device }) => device);
  for (const [pair, now] of after) {
    const old = before.get(pair);
    if (old === undefined || old.first !== now.first || old.verified !== now.verified || old.kiosk !== now.kiosk) {
      touched.add(now.device).add(now.person);
    } else if (old.last !== now.last && atDevice.get(now.device)?.some((other) => cameAfter(other, now, old.last))) {
      touched.add(now.device);
    }
  }
  return touched;
}

function cameAfter(other: Encounter, than: Encounter, until: Instant): boolean {
  return other.person !== than.person && later(other.first, other.verified ?? other.first) > until;
}

function earliest(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return earlier(a, b);
}

function pairOf({ device, person }: Encounter): string {
  return `${device}${person}`;
}
