import { type Instant, instant, MINUTE_MS } from '../../base/instant.ts';
import type { DeviceTimeline } from '../device-timeline.ts';
import { evidenceOf, type ItemEvidence } from '../evidence-of.ts';
import { NAMESPACES, type Namespace } from '../identifier.ts';
import type { IdentityFacts, LinkFact, SeparationFact } from '../identity-fact.ts';
import { type Node, type NodeId, threadOf } from '../node.ts';
import { compareNodes } from '../node-order.ts';
import type { PersonNumber } from '../person-id.ts';
import { type ResolvedIdentity, resolveIdentity } from '../resolve-identity.ts';
import type { Persons } from '../resolve-persons.ts';
import { type FirstSeen, indexThreadMap, personAt } from '../thread-map.ts';

/** A stand-in for the vault's keyed hash: FNV-1a over four lanes. Equal names give equal nodes, others do not. */
export function nodeOf(namespace: Namespace, name: string, salt = ''): Node {
  const lanes = [0, 1, 2, 3].map((lane) => {
    let hash = 0x811c9dc5 ^ Math.imul(lane + 1, 0x9e3779b1);
    for (const char of `${lane}${salt}${namespace}:${name}`) {
      hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
      hash ^= hash >>> 15;
    }
    return (Math.imul(hash ^ (hash >>> 13), 0x85ebca6b) >>> 0).toString(16).padStart(8, '0');
  });
  return { namespace, id: lanes.join('') as NodeId };
}

/** `user_id:u1` -> its node. */
export function n(text: string, salt = ''): Node {
  const made = MADE.get(salt + text);
  if (made !== undefined) return made;
  const [namespace, name] = text.split(':');
  const known = NAMESPACES.find((each) => each === namespace);
  if (known === undefined || name === undefined) throw new Error(`not an example identifier: ${text}`);
  const node = nodeOf(known, name, salt);
  MADE.set(salt + text, node);
  return node;
}

const MADE = new Map<string, Node>();

/** Minutes after a fixed noon. */
export function minute(minutes: number): Instant {
  return instant(Date.UTC(2026, 4, 1, 10) + minutes * MINUTE_MS);
}

type Said = Partial<Omit<ItemEvidence, 'nodes' | 't' | 'previous'>> & { readonly previous?: string };

/** An item of a server key that says these identifiers, strongest first, at this minute. */
export function item(at: number, identifiers: readonly string[], said: Said = {}): ItemEvidence {
  const { previous, ...rest } = said;
  return {
    nodes: identifiers.map((each) => n(each)).sort(compareNodes),
    sourceKind: 'server',
    kiosk: false,
    kind: 'track',
    messageId: `m${String(at).padStart(6, '0')} ${identifiers.join(' ')}`,
    t: minute(at),
    ...(previous === undefined ? {} : { previous: n(previous) }),
    ...rest,
  };
}

export function separation(at: number, a: string, b: string, stands = true): SeparationFact {
  return { a: n(a), b: n(b), stands, t: minute(at), id: `s${at}`, by: 'dpo' };
}

export function link(at: number, a: string, b: string, said: Partial<LinkFact> = {}): LinkFact {
  const origin = { t: minute(at), messageId: `m${at}` };
  return { a: n(a), b: n(b), verified: true, evidence: 'server', sourceKind: 'server', ...origin, ...said };
}

export function factsOf(items: readonly ItemEvidence[], separations: readonly SeparationFact[] = []): IdentityFacts {
  const each = items.map(evidenceOf);
  return {
    links: each.flatMap((facts) => facts.links),
    deviceLinks: each.flatMap((facts) => facts.deviceLinks),
    sightings: each.flatMap((facts) => facts.sightings),
    logouts: each.flatMap((facts) => facts.logouts),
    separations,
  };
}

/** Positions as a journal gives them that receives the items in this order. */
export function firstSeenIn(items: readonly ItemEvidence[]): FirstSeen {
  const positions = new Map<NodeId, number>();
  for (const [position, { nodes, previous }] of items.entries()) {
    for (const node of previous === undefined ? nodes : [...nodes, previous]) {
      if (!positions.has(node.id)) positions.set(node.id, position);
    }
  }
  return positions;
}

/** An identity with a way to ask it. */
export function resolved(items: readonly ItemEvidence[], separations: readonly SeparationFact[] = []): Example {
  return new Example(resolveIdentity(factsOf(items, separations), firstSeenIn(items)));
}

export class Example {
  readonly identity: ResolvedIdentity;
  readonly #index: ReturnType<typeof indexThreadMap>;

  constructor(identity: ResolvedIdentity) {
    this.identity = identity;
    this.#index = indexThreadMap(identity.threads);
  }

  /** The person of a row that carries this identifier's thread and happened at this minute. */
  personAt(identifier: string, at: number): PersonNumber {
    return personAt(this.#index, threadOf(n(identifier).id), minute(at));
  }
}

/** A partition as sets of ids, in one order: what "the same persons" means (S13). */
export function partitionOf(persons: Persons): readonly string[] {
  return persons.clusters.map((cluster) => cluster.nodes.map((node) => node.id).join(' ')).sort();
}

/** Timelines without the group's own lists, which keep the order in which facts came. */
export function spansOf(timelines: readonly DeviceTimeline[]): readonly unknown[] {
  return timelines.map(({ group, spans }) => ({ devices: group.devices, blocked: group.blocked, spans }));
}
