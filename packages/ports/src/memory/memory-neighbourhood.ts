import { earlier, type Instant, later } from '@filrouge/domain/base';
import { type ConsentFact, type DeviceStay, isForgotten, placedAt, withStays } from '@filrouge/domain/consent';
import {
  END,
  type LogoutFact,
  type NodeId,
  type Presence,
  type Separation,
  standingSeparations,
} from '@filrouge/domain/identity';
import type { Subject } from '../append-store.ts';
import { type Encounter, encountersOf } from '../encounter.ts';
import type { Standing } from '../reading-store.ts';
import { type MemoryView, ONE, type StoredNode } from './memory-database.ts';

type Far = { readonly node: NodeId; readonly verified: boolean };

/** All that it is read off. */
const READ = ['node', 'link', 'separation', 'presence', 'logout', 'fact', 'factNode', 'voidFact', 'tombstone'] as const;

/** The last one that was built: a transaction asks again and again of the same rows. */
let latest: { readonly stamps: readonly number[]; readonly neighbourhood: MemoryNeighbourhood } | undefined;

export function neighbourhoodIn(view: MemoryView): MemoryNeighbourhood {
  const known = latest;
  if (known !== undefined && READ.every((name, at) => view[name].stamp === known.stamps[at]))
    return known.neighbourhood;
  const neighbourhood = new MemoryNeighbourhood(view);
  latest = { stamps: READ.map((name) => view[name].stamp), neighbourhood };
  return neighbourhood;
}

/** What S8 looks at, read straight off the facts: slow, and short enough to be checked against the rule by eye. */
class MemoryNeighbourhood {
  readonly #view: MemoryView;
  readonly #members: ReadonlyMap<NodeId | undefined, readonly NodeId[]>;
  /** Far ends of links. */
  readonly #linked = new Map<NodeId, Far[]>();
  readonly #apart: readonly Pick<Separation, 'a' | 'b'>[];
  readonly #atDevice: ReadonlyMap<NodeId, readonly Encounter[]>;
  readonly #ofPerson: ReadonlyMap<NodeId, readonly Encounter[]>;
  readonly #hours: ReadonlyMap<NodeId, readonly Presence[]>;
  readonly #logouts: ReadonlyMap<NodeId, readonly LogoutFact[]>;
  readonly #facts = new Map<NodeId, ConsentFact[]>();
  readonly #subjects = new Map<NodeId, Subject>();

  constructor(view: MemoryView) {
    this.#view = view;
    const nodes = [...view.node.values()];
    this.#members = new Map(
      [...Map.groupBy(nodes, ({ component }) => component)].map(([key, rows]) => [key, rows.map((row) => row.node.id)]),
    );
    for (const { a, b, verified } of view.link.values()) {
      push(this.#linked, a.id, { node: b.id, verified });
      push(this.#linked, b.id, { node: a.id, verified });
    }
    this.#apart = standingSeparations(view.separation.values());
    const encounters = encountersOf(view.presence.values());
    this.#atDevice = Map.groupBy(encounters, ({ device }) => device);
    this.#ofPerson = Map.groupBy(encounters, ({ person }) => person);
    this.#hours = Map.groupBy(view.presence.values(), ({ device }) => device.id);
    this.#logouts = Map.groupBy(view.logout.values(), ({ device }) => device.id);
    for (const { node, position, own } of view.factNode.values()) {
      const fact = view.fact.get(String(position));
      if (view.voidFact.get(String(position)) !== undefined) continue;
      if (fact === undefined || isForgotten(fact, view.tombstone.get(node))) continue;
      const { record, ...rest } = fact;
      push(this.#facts, node, { ...rest, recordId: record.recordId, standing: own ? 'own' : 'named' });
    }
  }

  subject(node: NodeId): Subject {
    const known = this.#subjects.get(node);
    if (known !== undefined) return known;
    const subject = this.#read(node);
    this.#subjects.set(node, subject);
    return subject;
  }

  #read(node: NodeId): Subject {
    const row = this.#view.node.get(node);
    const component = this.#componentOf(node);
    const own = this.#membersOf(component);
    const around = this.#around(node, component);
    const neighbours = around.neighbours.map((key) => this.#membersOf(key));
    const keptApart = around.keptApart.map((key) => this.#membersOf(key));
    const stays = component === undefined ? [] : this.#staysOf(component);
    const lastActAt = this.#lastActOf(row);
    const tombstone = this.#view.tombstone.get(node);
    return {
      node,
      self: this.#factsOf([node]),
      ...withStays(
        {
          own: this.#factsOf(own.length > 0 ? own : [node]),
          neighbours: neighbours.map((nodes) => this.#factsOf(nodes)),
        },
        stays.flatMap(({ stay }) => stay ?? []),
      ),
      ...(lastActAt === undefined ? {} : { lastActAt }),
      ...(tombstone === undefined
        ? {}
        : {
            tombstone: {
              erasedAt: tombstone.erasedAt,
              ...(tombstone.liftedAt === undefined ? {} : { liftedAt: tombstone.liftedAt }),
            },
          }),
      members: own.flatMap((member) => this.#view.node.get(member)?.node ?? []),
      provenOn: stays.flatMap(({ device, stay }) => (stay?.verified === true ? [device] : [])).sort(),
      separations: this.#separationsOf([node, ...this.#membersOf(row?.component)]),
      blocked: row?.blocked !== undefined && row.blocked !== 'device',
      spans: (this.#atDevice.get(node)?.length ?? 0) + (this.#logouts.get(node)?.length ?? 0),
      dependsOn: [
        ...new Set([node, ...own, ...neighbours.flat(), ...keptApart.flat(), ...stays.map(({ device }) => device)]),
      ],
    };
  }

  /** Who met a node: across links, and at devices. */
  metBy(node: NodeId): readonly NodeId[] {
    return [
      ...(this.#linked.get(node) ?? []).map((far) => far.node),
      ...(this.#ofPerson.get(node) ?? []).map(({ device }) => device),
      ...(this.#atDevice.get(node) ?? []).map(({ person }) => person),
    ];
  }

  /** Encounters at a device; none at one that is nobody's. */
  encountersAt(device: NodeId): readonly Encounter[] {
    return this.#isBlocked(device) ? [] : (this.#atDevice.get(device) ?? []);
  }

  /** The last logout at a device. */
  leftAt(device: NodeId): Instant | undefined {
    const logouts = (this.#logouts.get(device) ?? []).map(({ t }) => t);
    return logouts.length === 0 ? undefined : logouts.reduce(later);
  }

  #isBlocked(node: NodeId): boolean {
    return this.#view.node.get(node)?.blocked !== undefined;
  }

  #componentOf(node: NodeId): NodeId | undefined {
    return this.#isBlocked(node) ? undefined : this.#view.node.get(node)?.component;
  }

  #membersOf(component: NodeId | undefined): readonly NodeId[] {
    return component === undefined ? [] : (this.#members.get(component) ?? []);
  }

  /**
   * The persons across links of a person that did not join them, or seen on a device. A verified link that a limit of
   * S13 refused says no less than an unverified one that the two may be one; staff who keep them apart say otherwise.
   */
  #around(
    node: NodeId,
    component: NodeId | undefined,
  ): { readonly neighbours: readonly NodeId[]; readonly keptApart: readonly NodeId[] } {
    const met: readonly Far[] =
      component === undefined
        ? this.#isKnown(node)
          ? this.encountersAt(node).map(({ person }) => ({ node: person, verified: false }))
          : []
        : this.#membersOf(component).flatMap((member) => this.#linked.get(member) ?? []);
    const neighbours = new Set<NodeId>();
    const keptApart = new Set<NodeId>();
    for (const far of met) {
      const theirs = this.#componentOf(far.node);
      if (theirs === undefined || theirs === component) continue;
      (far.verified && this.#areApart(component, theirs) ? keptApart : neighbours).add(theirs);
    }
    return { neighbours: [...neighbours], keptApart: [...keptApart].filter((one) => !neighbours.has(one)) };
  }

  #areApart(component: NodeId | undefined, other: NodeId): boolean {
    return this.#apart.some(({ a, b }) => {
      const ends = [this.#componentOf(a.id), this.#componentOf(b.id)];
      return ends.includes(component) && ends.includes(other);
    });
  }

  #isKnown(node: NodeId): boolean {
    return this.#view.node.get(node) !== undefined;
  }

  /** The devices a person was seen on; what happens on a kiosk is nobody's. */
  #staysOf(component: NodeId): readonly { readonly device: NodeId; readonly stay: DeviceStay | undefined }[] {
    const seen = this.#membersOf(component).flatMap((member) => this.#ofPerson.get(member) ?? []);
    const byDevice = Map.groupBy(
      seen.filter(({ device }) => this.#isKnown(device) && !this.#isBlocked(device)),
      ({ device }) => device,
    );
    return [...byDevice].map(([device, encounters]) => {
      const kiosk = this.encountersAt(device).some((encounter) => encounter.kiosk);
      return { device, stay: kiosk ? undefined : this.#stayAt(device, component, encounters) };
    });
  }

  #stayAt(device: NodeId, component: NodeId, encounters: readonly Encounter[]): DeviceStay {
    const proven = encounters.flatMap(({ verified }) => verified ?? []);
    const linkedAt = (proven.length > 0 ? proven : encounters.map(({ first }) => first)).reduce(earlier, END);
    const before: Instant[] = [];
    for (const { person, first, last } of this.encountersAt(device)) {
      const theirs = this.#componentOf(person);
      const isOther = theirs !== undefined && theirs !== component;
      if (isOther && first < linkedAt) before.push(earlier(last, linkedAt));
    }
    for (const { t } of this.#logouts.get(device) ?? []) if (t < linkedAt) before.push(t);
    const since = before.length === 0 ? undefined : before.reduce(later);
    const facts = this.#factsOf([device]).map((fact) => ({
      fact,
      signedIn: this.#isSignedIn(device, component, placedAt(fact)),
    }));
    return { verified: proven.length > 0, linkedAt, ...(since === undefined ? {} : { since }), facts };
  }

  /** Whether a person was the last to be seen at a device, with no other's hour running since and no logout (S13). */
  #isSignedIn(device: NodeId, component: NodeId, t: Instant): boolean {
    const hours = (this.#hours.get(device) ?? []).flatMap(({ person, first, last }) => {
      const theirs = this.#componentOf(person.id);
      return theirs === undefined || first > t ? [] : [{ isOwn: theirs === component, first, last }];
    });
    const seen = hours.flatMap(({ isOwn, first, last }) => (isOwn ? [last <= t ? last : first] : []));
    if (seen.length === 0) return false;
    const latest = seen.reduce(later);
    const isLeft = (this.#logouts.get(device) ?? []).some((logout) => latest <= logout.t && logout.t <= t);
    return !isLeft && !hours.some(({ isOwn, last }) => !isOwn && last >= latest);
  }

  #lastActOf(row: StoredNode | undefined): Instant | undefined {
    const acts = this.#membersOf(row?.component).flatMap((node) => this.#view.node.get(node)?.lastActAt ?? []);
    return acts.length === 0 ? undefined : acts.reduce(later);
  }

  #separationsOf(nodes: readonly NodeId[]): readonly Separation[] {
    const facts = [...this.#view.separation.values()].filter(
      ({ a, b }) => nodes.includes(a.id) || nodes.includes(b.id),
    );
    return standingSeparations(facts).map(({ a, b, stands, t, id }) => ({
      a: { id: a.id },
      b: { id: b.id },
      stands,
      t,
      id,
    }));
  }

  #factsOf(nodes: readonly NodeId[]): readonly ConsentFact[] {
    return nodes.flatMap((node) => this.#facts.get(node) ?? []);
  }
}

/** One answer for each node. */
export function subjectsIn(view: MemoryView, nodes: readonly NodeId[]): readonly Subject[] {
  const neighbourhood = neighbourhoodIn(view);
  return [...new Set(nodes)].map((node) => neighbourhood.subject(node));
}

/** The same, and where the ledger stands. */
export function standingIn(view: MemoryView, nodes: readonly NodeId[]): Standing {
  return { ledgerPosition: view.head.get(ONE)?.ledgerPosition ?? 0, subjects: subjectsIn(view, nodes) };
}

function push<V>(lists: Map<NodeId, V[]>, key: NodeId, value: V): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}
