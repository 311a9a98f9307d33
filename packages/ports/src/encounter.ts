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

/** An hour of a person at a device that was written again. */
export type WrittenHour = {
  readonly now: SightedHour;
  /** What was known of that hour before. */
  readonly before: Pick<SightedHour, 'first' | 'last'> | undefined;
};

/** What was known of some devices before: whom they met, and their last logouts. */
export type KnownDevices = {
  readonly encounters: readonly Encounter[];
  readonly leftAt: ReadonlyMap<NodeId, Instant>;
};

/**
 * Around which nodes consent may move when these hours are written at known devices: where a pair is new, begins
 * earlier, is proven earlier or turns out to be at a kiosk, where someone stayed until later than thought before another
 * person came, and where another person or a logout lies between two sightings, because whose session a decision fell
 * into may be another now. The usual next page view of a customer touches nothing.
 */
export function touchedByHours(known: KnownDevices, written: readonly WrittenHour[]): ReadonlySet<NodeId> {
  const touched = new Set<NodeId>();
  const before = new Map(known.encounters.map((one) => [pairOf(one), one]));
  const after = new Map(before);
  for (const one of encountersOf(written.map(({ now }) => now))) {
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
  for (const one of written) {
    const device = one.now.device.id;
    const pair = before.get(pairOf({ device, person: one.now.person.id }));
    const from = pair === undefined ? undefined : unsureFrom(one, pair);
    if (from === undefined) continue;
    const isOther = (met: Encounter): boolean =>
      met.person !== one.now.person.id && met.first <= one.now.last && from <= met.last;
    const left = known.leftAt.get(device);
    if ((left !== undefined && from <= left) || atDevice.get(device)?.some(isOther)) touched.add(device);
  }
  return touched;
}

/** The sighting before what this hour newly shows, or an earlier one; undefined where it shows nothing new. */
function unsureFrom({ now, before }: WrittenHour, pair: Encounter): Instant | undefined {
  if (before !== undefined && now.first === before.first) return now.last === before.last ? undefined : before.last;
  return now.first > pair.last ? pair.last : pair.first;
}

function cameAfter(other: Encounter, than: Encounter, until: Instant): boolean {
  return other.person !== than.person && later(other.first, other.verified ?? other.first) > until;
}

function earliest(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return earlier(a, b);
}

function pairOf({ device, person }: Pick<Encounter, 'device' | 'person'>): string {
  return `${device}${person}`;
}
