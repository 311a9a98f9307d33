import { DAY_MS, earlier, HOUR_MS, type Instant, later } from '@filrouge/domain/base';
import {
  type DeviceLink,
  hourOf,
  type LinkFact,
  type LinkWorth,
  type NodeId,
  type Presence,
  worthOf,
} from '@filrouge/domain/identity';
import { type FactKey, FactTable } from './fact-table.ts';

/**
 * The identity facts that are in the store already, as far as memory goes: the next event of a signed-in customer tells
 * nothing new and must cost nothing. Forgetting is harmless, because writing a known fact again changes nothing. Node
 * ids are keyed hashes: what is told of two of them stands under a mixture of theirs, as rarely another's as an id is.
 */
export class KnownFacts {
  readonly #nodes = new FactTable();
  /** When a link was first said. */
  readonly #links = new FactTable();
  readonly #deviceLinks = new FactTable();
  readonly #presences = new FactTable();
  /** The last day on which a node is known to have acted. */
  readonly #acts = new FactTable();

  /** The nodes of these that the store may not know. */
  newNodes<T extends { readonly id: NodeId }>(nodes: readonly T[]): readonly T[] {
    return nodes.filter(({ id }) => this.#nodes.get(keyOf(id)) === undefined);
  }

  /** Of links said at one instant the store knows which comes first. */
  newLinks(links: readonly LinkFact[]): readonly LinkFact[] {
    return links.filter((link) => link.t <= (this.#links.get(keyOfLink(link)) ?? Number.POSITIVE_INFINITY));
  }

  newDeviceLinks(links: readonly DeviceLink[]): readonly DeviceLink[] {
    return links.filter(
      ({ a, b, t }) => t <= (this.#deviceLinks.get(keyOfPair(a.id, b.id)) ?? Number.POSITIVE_INFINITY),
    );
  }

  newPresences(presences: readonly Presence[]): readonly Presence[] {
    return presences.filter((presence) => {
      const known = this.#presences.get(keyOfPresence(presence));
      return known === undefined || united(known, presence) !== known;
    });
  }

  /** The acts of these that fall on a later day than any that is known of their node. */
  newActs(acts: ReadonlyMap<NodeId, Instant>): ReadonlyMap<NodeId, Instant> {
    const isNew = (node: NodeId, t: Instant): boolean =>
      dayOf(t) > (this.#acts.get(keyOf(node)) ?? Number.NEGATIVE_INFINITY);
    return new Map([...acts].filter(([node, t]) => isNew(node, t)));
  }

  /** Takes in what a committed range wrote. */
  remember(written: {
    readonly nodes: readonly NodeId[];
    readonly links: readonly LinkFact[];
    readonly deviceLinks: readonly DeviceLink[];
    readonly presences: readonly Presence[];
    readonly acts: ReadonlyMap<NodeId, Instant>;
  }): void {
    for (const node of written.nodes) this.#nodes.set(keyOf(node), 0);
    for (const link of written.links) this.#links.set(keyOfLink(link), link.t);
    for (const { a, b, t } of written.deviceLinks) this.#deviceLinks.set(keyOfPair(a.id, b.id), t);
    for (const presence of written.presences) {
      const key = keyOfPresence(presence);
      const known = this.#presences.get(key);
      this.#presences.set(key, known === undefined ? packed(presence) : united(known, presence));
    }
    for (const [node, t] of written.acts) this.#acts.set(keyOf(node), dayOf(t));
  }

  clear(): void {
    for (const known of [this.#nodes, this.#links, this.#deviceLinks, this.#presences, this.#acts]) known.clear();
  }
}

function dayOf(t: Instant): number {
  return Math.floor(t / DAY_MS);
}

function keyOf(id: NodeId): FactKey {
  return [wordAt(id, 0), wordAt(id, 8), wordAt(id, 16), wordAt(id, 24)];
}

/** Eight hexadecimal digits. */
function wordAt(id: NodeId, from: number): number {
  let word = 0;
  for (let at = from; at < from + 8; at += 1) {
    const digit = id.charCodeAt(at);
    word = (word << 4) | (digit < 58 ? digit - 48 : digit - 87);
  }
  return word;
}

/** One key for a pair, whichever end is named first, and for each `what` of it another. */
function keyOfPair(x: NodeId, y: NodeId, what = 0): FactKey {
  const [a, b] = x < y ? [keyOf(x), keyOf(y)] : [keyOf(y), keyOf(x)];
  const mixed = (at: 0 | 1 | 2 | 3): number =>
    (Math.imul(a[at], 0x9e3779b1) + Math.imul(what, 0x85ebca6b) + (b[at] ^ 0x55555555)) | 0;
  return [mixed(0), mixed(1), mixed(2), mixed(3)];
}

const WORTHS: Readonly<Record<LinkWorth, number>> = { verified: 0, stated: 1, claimed: 2 };

function keyOfLink(link: LinkFact): FactKey {
  return keyOfPair(link.a.id, link.b.id, WORTHS[worthOf(link)]);
}

/** A device and a person are never of one kind, so that which of them is named first says nothing. */
function keyOfPresence({ device, person, first }: Presence): FactKey {
  return keyOfPair(device.id, person.id, hourOf(first));
}

/** First and last of a presence lie within the hour that its key names: 22 bits each, and two that say yes or no. */
const MOMENTS = 2 ** 22;

type Stay = Omit<Presence, 'device' | 'person'>;

function packed({ first, last, verified, kiosk }: Stay): number {
  const hour = hourOf(first) * HOUR_MS;
  return ((first - hour) * MOMENTS + (last - hour)) * 4 + Number(verified) * 2 + Number(kiosk);
}

function unpacked(number: number, hour: number): Stay {
  const moments = Math.floor(number / 4);
  return {
    first: (hour + Math.floor(moments / MOMENTS)) as Instant,
    last: (hour + (moments % MOMENTS)) as Instant,
    verified: number % 4 >= 2,
    kiosk: number % 2 === 1,
  };
}

function united(known: number, stay: Stay): number {
  const before = unpacked(known, hourOf(stay.first) * HOUR_MS);
  return packed({
    first: earlier(before.first, stay.first),
    last: later(before.last, stay.last),
    verified: before.verified || stay.verified,
    kiosk: before.kiosk || stay.kiosk,
  });
}
