import { NAMESPACES } from './identifier.ts';
import type { Node } from './node.ts';

const RANK = new Map<string, number>(NAMESPACES.map((namespace, rank) => [namespace, rank]));

/**
 * Strongest kind first (S13), then by hash. The kind comes first so that renaming every identifier, which changes all
 * hashes, leaves the order of one item's links as it was (an item has one identifier of a kind, but for an alias).
 */
export function compareNodes(x: Node, y: Node): number {
  return rankOf(x) - rankOf(y) || compareText(x.id, y.id);
}

/** The strongest of some nodes; undefined of none. */
export function strongestOf(nodes: Iterable<Node>): Node | undefined {
  let best: Node | undefined;
  for (const node of nodes) if (best === undefined || compareNodes(node, best) < 0) best = node;
  return best;
}

/** By code unit: the same on every machine, which a locale is not. */
export function compareText(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}

function rankOf(node: Node): number {
  return RANK.get(node.namespace) ?? NAMESPACES.length;
}
