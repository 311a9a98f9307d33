import { isLoginNamespace, isPersonNamespace } from './identifier.ts';
import type { LinkFact } from './identity-fact.ts';
import { isTrusted } from './identity-fact.ts';
import type { Node, NodeId } from './node.ts';
import { compareText } from './node-order.ts';

/** Whose word made a value nobody's: `secret-keys` stays so whatever public keys say; `public-keys` yields to a proof. */
export type BlockedBy = 'secret-keys' | 'public-keys';

type Seen = { readonly trusted: Set<NodeId>; readonly all: Set<NodeId>; proven: boolean };

/**
 * Values seen with too many distinct logins to be anyone's (S13): a till's fixed e-mail, a shop's telephone, the card
 * that staff swipe for customers who have none. Verified and unverified links count alike, except that the word of a
 * public key counts only while no proof holds the value: otherwise six forged `identify` calls from any browser would
 * take a customer's verified address away. A card counts user ids, other values count user ids and cards; a user id
 * is never blocked.
 */
export function blockedValues(links: Iterable<LinkFact>, loginsMax: number): ReadonlyMap<NodeId, BlockedBy> {
  const seen = new Map<NodeId, Seen>();
  for (const link of links) {
    if (link.a.id === link.b.id) continue;
    note(seen, link.a, link.b, link);
    note(seen, link.b, link.a, link);
  }
  const blocked: [NodeId, BlockedBy][] = [];
  for (const [value, { trusted, all, proven }] of seen) {
    if (trusted.size > loginsMax) blocked.push([value, 'secret-keys']);
    else if (!proven && all.size > loginsMax) blocked.push([value, 'public-keys']);
  }
  return new Map(blocked.sort(([x], [y]) => compareText(x, y)));
}

function note(seen: Map<NodeId, Seen>, value: Node, other: Node, link: LinkFact): void {
  if (value.namespace === 'user_id') return;
  if (!isPersonNamespace(value.namespace) || !isPersonNamespace(other.namespace)) return;
  let known = seen.get(value.id);
  if (known === undefined) {
    known = { trusted: new Set(), all: new Set(), proven: false };
    seen.set(value.id, known);
  }
  if (link.verified) known.proven = true;
  if (!countsAgainst(value, other)) return;
  known.all.add(other.id);
  if (isTrusted(link)) known.trusted.add(other.id);
}

function countsAgainst(value: Node, login: Node): boolean {
  return value.namespace === 'loyalty_card' ? login.namespace === 'user_id' : isLoginNamespace(login.namespace);
}
