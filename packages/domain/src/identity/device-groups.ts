import { comparePairs, pairKey } from './canonical-order.ts';
import { ClusterForest } from './cluster-forest.ts';
import { isDeviceNamespace } from './identifier.ts';
import type { DeviceLink, LogoutFact } from './identity-fact.ts';
import { IDENTITY_LIMITS, type IdentityLimits } from './identity-limits.ts';
import type { Node, NodeId } from './node.ts';
import { compareNodes, compareText } from './node-order.ts';
import type { Presence } from './presence.ts';

/** What is known of devices. */
export type DeviceFacts = {
  readonly links: readonly DeviceLink[];
  readonly presences: readonly Presence[];
  readonly logouts: readonly LogoutFact[];
};

/** The names of one terminal, and all that happened on it. */
export type DeviceGroup = {
  /** Its strongest name's node; not a stable id. */
  readonly key: NodeId;
  /** Strongest first. */
  readonly devices: readonly Node[];
  readonly presences: readonly Presence[];
  readonly logouts: readonly LogoutFact[];
  /** A kiosk by declaration of its source. */
  readonly kiosk: boolean;
  /** A value seen with too many persons: treated as a kiosk, and its links to other names are void (S13). */
  readonly blocked: boolean;
};

/**
 * Device values at which too many distinct persons were seen. Persons are counted by their identifiers as given, an
 * e-mail like a login: a tablet that collects newsletter sign-ups is as shared as one where people sign in.
 */
export function blockedDevices(presences: Iterable<Presence>, personsMax: number): ReadonlySet<NodeId> {
  const seen = new Map<NodeId, Set<NodeId>>();
  for (const { device, person } of presences) {
    const persons = seen.get(device.id);
    if (persons === undefined) seen.set(device.id, new Set([person.id]));
    else persons.add(person.id);
  }
  return new Set([...seen].filter(([, persons]) => persons.size > personsMax).map(([device]) => device));
}

/**
 * Terminals out of a set of facts: device identifiers seen together in an item, in canonical order up to the cap, are
 * one terminal. Any order and any repetition give the same groups. `blocked` adds values known to be blocked already.
 */
export function deviceGroups(
  facts: DeviceFacts,
  limits: IdentityLimits = IDENTITY_LIMITS,
  blocked: ReadonlySet<NodeId> = new Set(),
): readonly DeviceGroup[] {
  const voided = new Set([...blocked, ...blockedDevices(facts.presences, limits.loginsPerValueMax)]);
  const forest = new ClusterForest({ ...limits, perPerson: {}, mergesMax: Number.POSITIVE_INFINITY }, []);
  for (const node of everyDevice(facts)) if (isDeviceNamespace(node.namespace)) forest.add(node);
  for (const { a, b } of firstDeviceLinks(facts.links)) {
    if (voided.has(a.id) || voided.has(b.id)) continue;
    if (isDeviceNamespace(a.namespace) && isDeviceNamespace(b.namespace)) forest.join(a, b);
  }
  const presences = byDevice(facts.presences);
  const logouts = byDevice(facts.logouts);
  return forest
    .clusters()
    .map((nodes) => groupOf([...nodes].sort(compareNodes), presences, logouts, voided))
    .sort((x, y) => compareText(x.key, y.key));
}

/** What a store needs to keep of device links: the first of each pair, in canonical order. */
export function firstDeviceLinks(links: Iterable<DeviceLink>): readonly DeviceLink[] {
  const first = new Map<string, DeviceLink>();
  for (const link of links) {
    if (link.a.id === link.b.id) continue;
    const key = pairKey(link.a.id, link.b.id);
    const known = first.get(key);
    if (known === undefined || comparePairs(link, known) < 0) first.set(key, link);
  }
  return [...first.values()].sort(comparePairs);
}

function groupOf(
  devices: readonly Node[],
  presences: ReadonlyMap<NodeId, readonly Presence[]>,
  logouts: ReadonlyMap<NodeId, readonly LogoutFact[]>,
  voided: ReadonlySet<NodeId>,
): DeviceGroup {
  const seen = devices.flatMap((device) => presences.get(device.id) ?? []);
  return {
    key: (devices[0] as Node).id,
    devices,
    presences: seen,
    logouts: devices.flatMap((device) => logouts.get(device.id) ?? []),
    kiosk: seen.some((presence) => presence.kiosk),
    blocked: devices.some((device) => voided.has(device.id)),
  };
}

function everyDevice({ links, presences, logouts }: DeviceFacts): readonly Node[] {
  return [
    ...links.flatMap((link) => [link.a, link.b]),
    ...presences.map((presence) => presence.device),
    ...logouts.map((logout) => logout.device),
  ];
}

function byDevice<T extends { readonly device: Node }>(facts: readonly T[]): ReadonlyMap<NodeId, readonly T[]> {
  const found = new Map<NodeId, T[]>();
  for (const fact of facts) {
    const known = found.get(fact.device.id);
    if (known === undefined) found.set(fact.device.id, [fact]);
    else known.push(fact);
  }
  return found;
}
