import type { LinkFact } from './identity-fact.ts';
import type { Node, NodeId } from './node.ts';
import type { PersonCluster, Persons } from './resolve-persons.ts';

/** An identifier on the far side of an unverified link: it lends its negatives of consent (S8) and nothing else. */
export type UnverifiedNeighbour = { readonly node: Node; readonly link: LinkFact };

/** The identifiers tied to a person by unverified links alone, blocked ones left out; in canonical order of the links. */
export function unverifiedNeighbours(persons: Persons, person: PersonCluster): readonly UnverifiedNeighbour[] {
  const own = new Set(person.nodes.map((node) => node.id));
  return persons.refused.flatMap(({ link, reason }) => {
    if (reason !== 'unverified' || own.has(link.a.id) === own.has(link.b.id)) return [];
    const node = own.has(link.a.id) ? link.b : link.a;
    return persons.blocked.has(node.id) ? [] : [{ node, link }];
  });
}

/**
 * On whom an identifier that has only unverified links is shown: the one person who claims it; undefined where none or
 * several do, or where a proof ties it to anyone.
 * @param links every link of the identifier, whoever said it
 * @param personOf the key of a node's person; undefined for what is nobody's
 */
export function shownOn(
  identifier: Node,
  links: readonly LinkFact[],
  personOf: (node: Node) => NodeId | undefined,
): NodeId | undefined {
  const own = personOf(identifier);
  if (own === undefined) return undefined;
  const claimants = new Set<NodeId>();
  for (const link of links) {
    if (link.a.id === link.b.id || (link.a.id !== identifier.id && link.b.id !== identifier.id)) continue;
    if (link.verified) return undefined;
    const claimant = personOf(link.a.id === identifier.id ? link.b : link.a);
    if (claimant !== undefined && claimant !== own) claimants.add(claimant);
  }
  const [only, ...more] = claimants;
  return more.length === 0 ? only : undefined;
}
