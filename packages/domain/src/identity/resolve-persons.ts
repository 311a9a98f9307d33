import { type BlockedBy, blockedValues } from './blocked-value.ts';
import { firstLinks } from './canonical-order.ts';
import { ClusterForest, type JoinRefusal } from './cluster-forest.ts';
import { isPersonNamespace } from './identifier.ts';
import type { LinkFact, Separation } from './identity-fact.ts';
import { IDENTITY_LIMITS, type IdentityLimits } from './identity-limits.ts';
import type { Node, NodeId } from './node.ts';
import { compareNodes } from './node-order.ts';
import { standingSeparations } from './separation.ts';

/** Identifiers that are one person. `key` is its strongest identifier's node: a name for this set, not a stable id. */
export type PersonCluster = { readonly key: NodeId; readonly nodes: readonly Node[] };

/** Why a link joins nothing: shown as it is by `/explain`. */
export type LinkRefusal = JoinRefusal | 'unverified' | 'blocked-value' | 'payment-card' | 'not-a-person';
export type RefusedLink = { readonly link: LinkFact; readonly reason: LinkRefusal };

/** A verified link inside a person: it `joined` two parts, or agreed with what others had joined. */
export type AppliedLink = { readonly link: LinkFact; readonly joined: boolean };

/** Who is who among identifiers of person type. Every node named in a fact is in one cluster, or blocked. */
export type Persons = {
  /** Sorted by key; nodes strongest first. */
  readonly clusters: readonly PersonCluster[];
  readonly byNode: ReadonlyMap<NodeId, PersonCluster>;
  /** Nobody's. */
  readonly blocked: ReadonlyMap<NodeId, BlockedBy>;
  /** In canonical order. */
  readonly applied: readonly AppliedLink[];
  /** Links between what are two persons in the end, in canonical order: of each pair and worth the first. */
  readonly refused: readonly RefusedLink[];
};

/** The facts from which persons are resolved. */
export type PersonFacts = { readonly links: readonly LinkFact[]; readonly separations: readonly Separation[] };

/**
 * Persons out of a set of facts (S13): links are taken in canonical order and join two clusters unless a rule forbids
 * it. The same set gives the same persons, in any order and with any repetition.
 */
export function resolvePersons(facts: PersonFacts, limits: IdentityLimits = IDENTITY_LIMITS): Persons {
  const blocked = blockedValues(facts.links, limits.loginsPerValueMax);
  return joinPersons({ ...facts, nodes: [], blocked }, limits);
}

/** The same over one part of the graph whose blocked values are known already. `nodes` appear even without a link. */
export function joinPersons(
  facts: PersonFacts & { readonly nodes: readonly Node[]; readonly blocked: ReadonlyMap<NodeId, BlockedBy> },
  limits: IdentityLimits,
): Persons {
  const { blocked } = facts;
  const links = firstLinks(facts.links.filter((link) => link.a.id !== link.b.id));
  const forest = new ClusterForest(limits, standingSeparations(facts.separations));
  for (const node of everyNode(facts.nodes, links)) {
    if (isPersonNamespace(node.namespace) && !blocked.has(node.id)) forest.add(node);
  }
  const joined = new Set<LinkFact>();
  const reasons = new Map<LinkFact, LinkRefusal>();
  for (const link of links) {
    const reason = staticRefusal(link, blocked);
    if (reason !== undefined) {
      reasons.set(link, reason);
      continue;
    }
    if (forest.same(link.a.id, link.b.id)) continue;
    const refusal = forest.join(link.a, link.b);
    if (refusal === undefined) joined.add(link);
    else reasons.set(link, refusal);
  }
  return report(forest, links, joined, reasons, blocked);
}

/** Refusals that rest on the link alone. */
function staticRefusal(link: LinkFact, blocked: ReadonlyMap<NodeId, BlockedBy>): LinkRefusal | undefined {
  if (link.a.namespace === 'payment_card' || link.b.namespace === 'payment_card') return 'payment-card';
  if (!isPersonNamespace(link.a.namespace) || !isPersonNamespace(link.b.namespace)) return 'not-a-person';
  if (!link.verified) return 'unverified';
  return blocked.has(link.a.id) || blocked.has(link.b.id) ? 'blocked-value' : undefined;
}

/** What was refused on the way and holds in the end, because others joined the same two, is no refusal. */
function report(
  forest: ClusterForest,
  links: readonly LinkFact[],
  joined: ReadonlySet<LinkFact>,
  reasons: ReadonlyMap<LinkFact, LinkRefusal>,
  blocked: ReadonlyMap<NodeId, BlockedBy>,
): Persons {
  const clusters = forest
    .clusters()
    .map((nodes) => clusterOf([...nodes].sort(compareNodes)))
    .sort((x, y) => (x.key < y.key ? -1 : 1));
  const byNode = new Map(clusters.flatMap((cluster) => cluster.nodes.map((node) => [node.id, cluster] as const)));
  const applied: AppliedLink[] = [];
  const refused: RefusedLink[] = [];
  for (const link of links) {
    const cluster = byNode.get(link.a.id);
    const together = cluster !== undefined && cluster === byNode.get(link.b.id);
    if (together && link.verified) applied.push({ link, joined: joined.has(link) });
    if (!together) refused.push({ link, reason: reasons.get(link) ?? 'unverified' });
  }
  return { clusters, byNode, blocked, applied, refused };
}

function clusterOf(nodes: readonly Node[]): PersonCluster {
  return { key: (nodes[0] as Node).id, nodes };
}

function everyNode(nodes: readonly Node[], links: readonly LinkFact[]): readonly Node[] {
  return [...nodes, ...links.flatMap((link) => [link.a, link.b])];
}
