import { isLoginNamespace, type Namespace } from './identifier.ts';
import type { Separation } from './identity-fact.ts';
import type { IdentityLimits } from './identity-limits.ts';
import type { Node, NodeId } from './node.ts';

/** Why two clusters may not become one. */
export type JoinRefusal = 'separated' | 'two-logins' | `limit:${Namespace}` | 'cap:identifiers' | 'cap:merges';

type Root = {
  readonly nodes: Node[];
  readonly perNamespace: Map<Namespace, number>;
  logins: number;
  merges: number;
  /** Far ends of standing separations of its nodes. */
  readonly apartFrom: Set<NodeId>;
};

/** Disjoint sets of identifiers that know the limits of S13. Inside one call only: it never leaves this folder. */
export class ClusterForest {
  readonly #parent = new Map<NodeId, NodeId>();
  readonly #roots = new Map<NodeId, Root>();
  readonly #limits: IdentityLimits;
  readonly #apart = new Map<NodeId, NodeId[]>();

  constructor(limits: IdentityLimits, separations: readonly Separation[]) {
    this.#limits = limits;
    for (const { a, b } of separations) {
      pushTo(this.#apart, a.id, b.id);
      pushTo(this.#apart, b.id, a.id);
    }
  }

  add(node: Node): void {
    if (this.#parent.has(node.id)) return;
    this.#parent.set(node.id, node.id);
    this.#roots.set(node.id, {
      nodes: [node],
      perNamespace: new Map([[node.namespace, 1]]),
      logins: isLoginNamespace(node.namespace) ? 1 : 0,
      merges: 0,
      apartFrom: new Set(this.#apart.get(node.id)),
    });
  }

  same(a: NodeId, b: NodeId): boolean {
    return this.#find(a) === this.#find(b);
  }

  /** The clusters' nodes, in no particular order. */
  clusters(): readonly (readonly Node[])[] {
    return [...this.#roots.values()].map((root) => root.nodes);
  }

  /** Joins the clusters of two nodes, or says why not. They must be two clusters. */
  join(a: Node, b: Node): JoinRefusal | undefined {
    const idA = this.#find(a.id);
    const idB = this.#find(b.id);
    const rootA = this.#roots.get(idA);
    const rootB = this.#roots.get(idB);
    if (rootA === undefined || rootB === undefined || rootA === rootB) return undefined;
    const refusal = this.#refusal(a, b, rootA, rootB);
    if (refusal !== undefined) return refusal;
    if (rootA.nodes.length >= rootB.nodes.length) this.#absorb(idA, rootA, idB, rootB);
    else this.#absorb(idB, rootB, idA, rootA);
    return undefined;
  }

  #refusal(a: Node, b: Node, rootA: Root, rootB: Root): JoinRefusal | undefined {
    for (const far of rootA.apartFrom) if (this.#parent.has(far) && this.#rootOf(far) === rootB) return 'separated';
    const loginsLinked = isLoginNamespace(a.namespace) && isLoginNamespace(b.namespace);
    if (!loginsLinked && rootA.logins > 0 && rootB.logins > 0) return 'two-logins';
    for (const [namespace, count] of rootB.perNamespace) {
      const limit = this.#limits.perPerson[namespace];
      if (limit !== undefined && count + (rootA.perNamespace.get(namespace) ?? 0) > limit) return `limit:${namespace}`;
    }
    if (rootA.nodes.length + rootB.nodes.length > this.#limits.identifiersMax) return 'cap:identifiers';
    if (mergesAfter(rootA, rootB) > this.#limits.mergesMax) return 'cap:merges';
    return undefined;
  }

  #absorb(keptId: NodeId, kept: Root, goneId: NodeId, gone: Root): void {
    kept.merges = mergesAfter(kept, gone);
    kept.logins += gone.logins;
    for (const node of gone.nodes) kept.nodes.push(node);
    for (const [namespace, count] of gone.perNamespace) {
      kept.perNamespace.set(namespace, count + (kept.perNamespace.get(namespace) ?? 0));
    }
    for (const far of gone.apartFrom) kept.apartFrom.add(far);
    this.#parent.set(goneId, keptId);
    this.#roots.delete(goneId);
  }

  #rootOf(node: NodeId): Root | undefined {
    return this.#roots.get(this.#find(node));
  }

  #find(node: NodeId): NodeId {
    let at = node;
    for (let up = this.#parent.get(at); up !== undefined && up !== at; up = this.#parent.get(at)) {
      const above = this.#parent.get(up);
      if (above !== undefined) this.#parent.set(at, above);
      at = up;
    }
    return at;
  }
}

/** Taking a new identifier into a cluster is no merge; making one person of two clusters is. */
function mergesAfter(x: Root, y: Root): number {
  return x.merges + y.merges + (x.nodes.length > 1 && y.nodes.length > 1 ? 1 : 0);
}

function pushTo(map: Map<NodeId, NodeId[]>, key: NodeId, value: NodeId): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
