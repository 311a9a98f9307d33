import { type DeviceGroup, deviceGroups } from './device-groups.ts';
import { type DeviceTimeline, timelineOf } from './device-timeline.ts';
import type { IdentityFacts } from './identity-fact.ts';
import { IDENTITY_LIMITS, type IdentityLimits } from './identity-limits.ts';
import type { Node, NodeId } from './node.ts';
import { presencesOf } from './presence.ts';
import { type Persons, resolvePersons } from './resolve-persons.ts';
import { type FirstSeen, type ThreadMapEntry, threadMap } from './thread-map.ts';

/** Who is who, and whose each device was when: all that a set of facts says. */
export type ResolvedIdentity = {
  readonly persons: Persons;
  readonly groups: readonly DeviceGroup[];
  readonly timelines: readonly DeviceTimeline[];
  readonly threads: readonly ThreadMapEntry[];
};

/** Everything at once: what a rebuild does, and what the projector's increments must agree with. */
export function resolveIdentity(
  facts: IdentityFacts,
  firstSeen: FirstSeen,
  limits: IdentityLimits = IDENTITY_LIMITS,
): ResolvedIdentity {
  const persons = resolvePersons(facts, limits);
  const presences = presencesOf(facts.sightings);
  const groups = deviceGroups({ links: facts.deviceLinks, presences, logouts: facts.logouts }, limits);
  const personOf = personKeyIn(persons);
  const timelines = groups.map((group) => timelineOf(group, personOf, limits));
  return { persons, groups, timelines, threads: threadMap(persons, timelines, firstSeen) };
}

/** The key of a node's person; a node that no link names is a person by itself, a blocked one is nobody's. */
export function personKeyIn(persons: Persons): (node: Node) => NodeId | undefined {
  return (node) => (persons.blocked.has(node.id) ? undefined : (persons.byNode.get(node.id)?.key ?? node.id));
}
