import type { Instant } from '../base/instant.ts';
import type { LinkFact } from './identity-fact.ts';
import { isTrusted } from './identity-fact.ts';
import type { Node, NodeId } from './node.ts';
import { compareNodes, compareText } from './node-order.ts';

/** Anything that says two nodes belong together. */
type Pair = { readonly a: Node; readonly b: Node; readonly t: Instant; readonly messageId: string };

/** One key for a pair, whichever end is named first. */
export function pairKey(a: NodeId, b: NodeId): string {
  return a < b ? a + b : b + a;
}

/** (t, messageId), then the nodes, strongest first (S13): a total order over distinct pairs. */
export function comparePairs(x: Pair, y: Pair): number {
  return (
    x.t - y.t ||
    compareText(x.messageId, y.messageId) ||
    compareNodes(stronger(x), stronger(y)) ||
    compareNodes(weaker(x), weaker(y))
  );
}

/** How much a link is worth; facts of one pair and one worth say the same thing, so the first of them is enough. */
export type LinkWorth = 'verified' | 'stated' | 'claimed';

/** `verified` (S11), `stated` by a secret key, `claimed` through a public one. */
export function worthOf(link: LinkFact): LinkWorth {
  if (link.verified) return 'verified';
  return isTrusted(link) ? 'stated' : 'claimed';
}

/**
 * What a store needs to keep of links: of each pair and worth the first fact in canonical order. Commutative,
 * associative and idempotent; no result in this folder changes when facts are so compacted, because a join once
 * refused is refused for good: limits, separations and foreign logins of a cluster only grow as facts are taken.
 */
export function firstLinks(links: Iterable<LinkFact>): readonly LinkFact[] {
  const first = new Map<string, LinkFact>();
  for (const link of links) {
    const key = linkKey(link);
    const known = first.get(key);
    if (known === undefined || compareLinks(link, known) < 0) first.set(key, link);
  }
  return [...first.values()].sort(compareLinks);
}

/** The key under which a link is remembered: its pair and worth. */
export function linkKey(link: LinkFact): string {
  return pairKey(link.a.id, link.b.id) + worthOf(link);
}

/** Whether a fact tells a store nothing it does not know: the usual case, an identified customer's next event. */
export function isKnownLink(known: LinkFact | undefined, link: LinkFact): boolean {
  return known !== undefined && compareLinks(known, link) <= 0;
}

/** Canonical order; ties of one message and pair are broken by what is said, so that it is total over facts. */
export function compareLinks(x: LinkFact, y: LinkFact): number {
  return (
    comparePairs(x, y) ||
    Number(y.verified) - Number(x.verified) ||
    compareText(x.sourceKind, y.sourceKind) ||
    compareText(x.evidence, y.evidence) ||
    compareText(x.source ?? '', y.source ?? '')
  );
}

function stronger(pair: Pair): Node {
  return compareNodes(pair.a, pair.b) <= 0 ? pair.a : pair.b;
}

function weaker(pair: Pair): Node {
  return compareNodes(pair.a, pair.b) <= 0 ? pair.b : pair.a;
}
