import type { ConsentFact } from '@filrouge/domain/consent';
import type { NodeId } from '@filrouge/domain/identity';
import type { ConsentRecord, Subject } from '@filrouge/ports';
import { type KnownSubject, knownSubject } from '../consents/known-subject.ts';

/** Subjects kept in memory; the least recently used give way. A quarter of 1 KB where nothing was decided. */
const SUBJECTS_MAX = 200_000;

/**
 * What the door remembers of the subjects it has met. A subject is dropped as soon as anything it rests on moves; node
 * ids are keyed by brand already, so they never meet across brands.
 */
export class SubjectBook {
  readonly #known = new Map<NodeId, KnownSubject>();
  /** Who rests on a node beside itself: mostly nobody, else mostly one. */
  readonly #dependents = new Map<NodeId, NodeId | Set<NodeId>>();
  readonly #subjectsMax: number;

  constructor(subjectsMax: number = SUBJECTS_MAX) {
    this.#subjectsMax = subjectsMax;
  }

  /** Looking counts as no use: a group asks for each of its subjects several times, and `missing` marked them. */
  get(node: NodeId): KnownSubject | undefined {
    return this.#known.get(node);
  }

  /** The nodes of these that must be loaded. Those that are known count as used: what is loaded must not push them out. */
  missing(nodes: Iterable<NodeId>): readonly NodeId[] {
    const missing: NodeId[] = [];
    for (const node of new Set(nodes)) {
      const known = this.#known.get(node);
      if (known === undefined) missing.push(node);
      else {
        this.#known.delete(node);
        this.#known.set(node, known);
      }
    }
    return missing;
  }

  put(subjects: readonly Subject[]): void {
    for (const subject of subjects) {
      this.#forget(subject.node);
      const kept = slim(subject);
      this.#known.set(kept.node, knownSubject(kept));
      for (const other of kept.dependsOn) this.#rest(kept.node, other);
    }
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#subjectsMax) break;
      this.#forget(oldest);
    }
  }

  /** Drops every subject that rests on one of these nodes. */
  drop(nodes: readonly NodeId[] | 'everything'): void {
    if (nodes === 'everything') {
      this.#known.clear();
      this.#dependents.clear();
      return;
    }
    for (const node of nodes) {
      const dependents = this.#dependents.get(node) ?? [];
      for (const dependent of typeof dependents === 'string' ? [dependents] : [...dependents]) this.#forget(dependent);
      this.#forget(node);
    }
  }

  /**
   * What was recorded just now. Who rests on it beside itself is dropped. Of whom nothing else moved takes it in: the next
   * decision about somebody does not read again all those before it, and whoever says no without end stops nobody (G18).
   */
  learn(records: readonly ConsentRecord[]): void {
    const told = factsByNode(records);
    const grown = [...told].flatMap(([node, facts]) => this.#withFacts(node, facts, told) ?? []);
    this.drop([...told.keys()]);
    this.put(grown);
  }

  /** The facts of a node stand in what is known of itself, and in what is known of those it is joined to. */
  #withFacts(
    node: NodeId,
    facts: readonly ConsentFact[],
    told: ReadonlyMap<NodeId, readonly ConsentFact[]>,
  ): Subject | undefined {
    const subject = this.#known.get(node)?.subject;
    // What an erasure leaves out of the facts is the engine's to say (S14).
    if (subject === undefined || subject.tombstone !== undefined) return undefined;
    if (subject.dependsOn.some((other) => told.has(other))) return undefined;
    return { ...subject, self: [...subject.self, ...facts], own: [...subject.own, ...facts] };
  }

  #forget(node: NodeId): void {
    const known = this.#known.get(node);
    if (known === undefined) return;
    this.#known.delete(node);
    for (const other of known.subject.dependsOn) {
      const dependents = this.#dependents.get(other);
      if (dependents === node) this.#dependents.delete(other);
      else if (typeof dependents === 'object') {
        dependents.delete(node);
        if (dependents.size === 0) this.#dependents.delete(other);
      }
    }
  }

  #rest(node: NodeId, other: NodeId): void {
    const dependents = this.#dependents.get(other);
    if (dependents === undefined) this.#dependents.set(other, node);
    else if (typeof dependents === 'object') dependents.add(node);
    else if (dependents !== node) this.#dependents.set(other, new Set([dependents, node]));
  }
}

/** Lists that hold nothing are one and the same, and that a subject rests on itself goes without saying. */
function slim(subject: Subject): Subject {
  return {
    ...subject,
    self: sparing(subject.self),
    own: sparing(subject.own),
    neighbours: sparing(subject.neighbours),
    devices: sparing(subject.devices),
    members: sparing(subject.members),
    provenOn: sparing(subject.provenOn),
    separations: sparing(subject.separations),
    dependsOn: sparing(subject.dependsOn.filter((other) => other !== subject.node)),
  };
}

/** Each fact once for each node that it names, with the better of two standings. */
function factsByNode(records: readonly ConsentRecord[]): ReadonlyMap<NodeId, readonly ConsentFact[]> {
  const told = new Map<NodeId, ConsentFact[]>();
  for (const { recordId, decisions, nodes } of records) {
    for (const [node, standings] of Map.groupBy(nodes, (one) => one.node)) {
      const standing = standings.some((one) => one.standing === 'own') ? 'own' : 'named';
      const facts = decisions.map(({ basis: _, ...decision }): ConsentFact => ({ ...decision, recordId, standing }));
      const before = told.get(node);
      if (before === undefined) told.set(node, facts);
      else before.push(...facts);
    }
  }
  return told;
}

const NOTHING: readonly never[] = [];

function sparing<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? NOTHING : list;
}
