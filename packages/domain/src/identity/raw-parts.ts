import type { Node, NodeId } from './node.ts';

/** Nodes met while loading, and which of them hang together: so that one endless part does not hold up the others. */
export class RawParts {
  readonly #nodes = new Map<NodeId, Node>();
  readonly #parent = new Map<NodeId, NodeId>();
  readonly #size = new Map<NodeId, number>();
  readonly #tooLarge = new Set<NodeId>();
  readonly #nodesMax: number;

  constructor(nodesMax: number) {
    this.#nodesMax = nodesMax;
  }

  /** Takes nodes in, each as a part of its own, and answers those that were not met before. */
  meet(nodes: readonly Node[]): readonly Node[] {
    return nodes.filter((node) => {
      if (this.#nodes.has(node.id)) return false;
      this.#nodes.set(node.id, node);
      this.#parent.set(node.id, node.id);
      this.#size.set(node.id, 1);
      return true;
    });
  }

  connect(a: Node, b: Node): void {
    const [x, y] = [this.#find(a.id), this.#find(b.id)];
    if (x === y) return;
    const [small, large] = this.#sizeOf(x) < this.#sizeOf(y) ? [x, y] : [y, x];
    const size = this.#sizeOf(x) + this.#sizeOf(y);
    this.#parent.set(small, large);
    this.#size.set(large, size);
    if (size > this.#nodesMax || this.#tooLarge.has(small)) this.#tooLarge.add(large);
  }

  giveUp(node: Node): void {
    this.#tooLarge.add(this.#find(node.id));
  }

  isTooLarge(node: Node): boolean {
    return this.#tooLarge.has(this.#find(node.id));
  }

  nodes(): readonly Node[] {
    return [...this.#nodes.values()];
  }

  #sizeOf(root: NodeId): number {
    return this.#size.get(root) ?? 1;
  }

  #find(node: NodeId): NodeId {
    let at = node;
    for (let up = this.#parent.get(at); up !== undefined && up !== at; up = this.#parent.get(at)) at = up;
    return at;
  }
}
