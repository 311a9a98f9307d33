import { DAY_MS, type Instant } from '@filrouge/domain/base';
import {
  type DeviceLink,
  isKnownLink,
  type LinkFact,
  linkKey,
  type NodeId,
  type Presence,
  pairKey,
  presenceKey,
  unitePresences,
} from '@filrouge/domain/identity';

/** Facts held in memory per kind; beyond it the oldest give way, and are merely written once more. */
const FACTS_MAX = 300_000;

/**
 * The identity facts that are in the store already, as far as memory goes: the next event of a signed-in customer tells
 * nothing new and must cost nothing. Forgetting is harmless, because writing a known fact again changes nothing.
 */
export class KnownFacts {
  readonly #nodes = new Set<NodeId>();
  readonly #links = new Map<string, LinkFact>();
  readonly #deviceLinks = new Map<string, DeviceLink>();
  readonly #presences = new Map<string, Presence>();
  /** The last day on which a node is known to have acted. */
  readonly #acts = new Map<NodeId, number>();

  /** The nodes of these that the store may not know. */
  newNodes<T extends { readonly id: NodeId }>(nodes: readonly T[]): readonly T[] {
    return nodes.filter(({ id }) => !this.#nodes.has(id));
  }

  newLinks(links: readonly LinkFact[]): readonly LinkFact[] {
    return links.filter((link) => !isKnownLink(this.#links.get(linkKey(link)), link));
  }

  newDeviceLinks(links: readonly DeviceLink[]): readonly DeviceLink[] {
    return links.filter((link) => {
      const known = this.#deviceLinks.get(pairKey(link.a.id, link.b.id));
      return known === undefined || link.t < known.t || (link.t === known.t && link.messageId < known.messageId);
    });
  }

  newPresences(presences: readonly Presence[]): readonly Presence[] {
    return presences.filter((presence) => {
      const known = this.#presences.get(presenceKey(presence));
      return known === undefined || !isSame(unitePresences(known, presence), known);
    });
  }

  /** The acts of these that fall on a later day than any that is known of their node. */
  newActs(acts: ReadonlyMap<NodeId, Instant>): ReadonlyMap<NodeId, Instant> {
    return new Map([...acts].filter(([node, t]) => dayOf(t) > (this.#acts.get(node) ?? Number.NEGATIVE_INFINITY)));
  }

  /** Takes in what a committed range wrote. */
  remember(written: {
    readonly nodes: readonly NodeId[];
    readonly links: readonly LinkFact[];
    readonly deviceLinks: readonly DeviceLink[];
    readonly presences: readonly Presence[];
    readonly acts: ReadonlyMap<NodeId, Instant>;
  }): void {
    for (const node of written.nodes) this.#nodes.add(node);
    for (const link of written.links) this.#links.set(linkKey(link), link);
    for (const link of written.deviceLinks) this.#deviceLinks.set(pairKey(link.a.id, link.b.id), link);
    for (const presence of written.presences) {
      const key = presenceKey(presence);
      const known = this.#presences.get(key);
      this.#presences.set(key, known === undefined ? presence : unitePresences(known, presence));
    }
    for (const [node, t] of written.acts) this.#acts.set(node, dayOf(t));
    for (const known of this.#all()) trim(known);
  }

  clear(): void {
    for (const known of this.#all()) known.clear();
  }

  #all(): readonly (Set<string> | Map<string, unknown>)[] {
    return [this.#nodes, this.#links, this.#deviceLinks, this.#presences, this.#acts];
  }
}

function dayOf(t: Instant): number {
  return Math.floor(t / DAY_MS);
}

function trim(known: Set<string> | Map<string, unknown>): void {
  for (const oldest of known.keys()) {
    if (known.size <= FACTS_MAX) return;
    known.delete(oldest);
  }
}

function isSame(a: Presence, b: Presence): boolean {
  return a.first === b.first && a.last === b.last && a.verified === b.verified && a.kiosk === b.kiosk;
}
