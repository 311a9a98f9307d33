import type { Instant } from '../base/instant.ts';
import type { LogoutFact } from './identity-fact.ts';
import type { Node } from './node.ts';
import type { Presence } from './presence.ts';

/** A person on a device's timeline: persons are compared by this, so that a user id and a card of one person agree. */
export type PersonKey = string;

/** An instant at which something is known of a device. */
export type Moment = {
  readonly t: Instant;
  readonly sighted: Set<PersonKey>;
  /** Hours of presence that begin, and that end, here: between the two, their person may have been there at any time. */
  readonly opens: PersonKey[];
  readonly closes: PersonKey[];
  logout: boolean;
};

/** What is known of a device, in the order of time. Presences of nobody (a blocked value) say nothing. */
export function momentsOf(
  presences: readonly Presence[],
  logouts: readonly LogoutFact[],
  personOf: (node: Node) => PersonKey | undefined,
): readonly Moment[] {
  const moments = new Map<Instant, Moment>();
  const at = (t: Instant): Moment => {
    const known = moments.get(t);
    if (known !== undefined) return known;
    const fresh: Moment = { t, sighted: new Set(), opens: [], closes: [], logout: false };
    moments.set(t, fresh);
    return fresh;
  };
  for (const { person, first, last } of presences) {
    const key = personOf(person);
    if (key === undefined) continue;
    at(first).sighted.add(key);
    at(last).sighted.add(key);
    if (first === last) continue;
    at(first).opens.push(key);
    at(last).closes.push(key);
  }
  for (const { t } of logouts) at(t).logout = true;
  return [...moments.values()].sort((x, y) => x.t - y.t);
}

/** The person sighted at a moment; undefined where there is none, or where two are and nobody can tell. */
export function soleOf(moment: Moment | undefined): PersonKey | undefined {
  if (moment?.sighted.size !== 1) return undefined;
  const [only] = moment.sighted;
  return only;
}

/** For each moment the distance to the nearest sighting of another person than its sole one. Unit: ms. */
export function distanceToOther(moments: readonly Moment[]): readonly number[] {
  const before = oneWay(moments);
  const after = oneWay([...moments].reverse()).reverse();
  return moments.map((_, at) =>
    Math.min(before[at] ?? Number.POSITIVE_INFINITY, after[at] ?? Number.POSITIVE_INFINITY),
  );
}

/** Keeps the latest sighting and the latest one of somebody else than that: one of the two is the nearest other. */
function oneWay(moments: readonly Moment[]): number[] {
  let latest: { person: PersonKey; t: Instant } | undefined;
  let other: { person: PersonKey; t: Instant } | undefined;
  return moments.map((moment) => {
    for (const person of moment.sighted) {
      if (latest !== undefined && latest.person !== person) other = latest;
      latest = { person, t: moment.t };
    }
    const nearest = latest?.person === soleOf(moment) ? other : latest;
    return nearest === undefined ? Number.POSITIVE_INFINITY : Math.abs(nearest.t - moment.t);
  });
}
