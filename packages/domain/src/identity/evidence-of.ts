import type { Instant } from '../base/instant.ts';
import type { SourceId, SourceKind } from '../deployment/source.ts';
import type { ItemKind } from '../event/item-kind.ts';
import { isDeviceNamespace, isLoginNamespace, isPersonNamespace } from './identifier.ts';
import type { DeviceLink, Evidence, IdentityFacts, LinkFact, SightingFact } from './identity-fact.ts';
import type { Node, NodeId } from './node.ts';

/** A proof that came with an item: which of its identifiers it covers. */
export type Proof = {
  readonly by: Extract<Evidence, 'double-opt-in' | 'signed-token' | 'oidc' | 'staff-check' | 'card-scan'>;
  readonly covers: readonly NodeId[];
};

/** What identity needs to know of one kept item. */
export type ItemEvidence = {
  /** Strongest first (S13), without repetition. */
  readonly nodes: readonly Node[];
  readonly session?: 'login' | 'logout';
  /** Of an alias: the identifier that the others continue. */
  readonly previous?: Node;
  readonly sourceKind: SourceKind;
  readonly source?: SourceId;
  readonly kiosk: boolean;
  readonly kind: ItemKind;
  readonly verifiedBy?: Proof;
  readonly t: Instant;
  readonly messageId: string;
};

/** What an item says about who is who; separations come from staff alone. */
export type ItemFacts = Omit<IdentityFacts, 'separations'>;

type Ground = { readonly evidence: Evidence; readonly verified: boolean };

/**
 * The facts of one kept item (S11): its strongest identifier of person type linked to each other one, every device in
 * it seen with that person, the devices linked to each other, and a logout. A payment card says nothing.
 */
export function evidenceOf(item: ItemEvidence): ItemFacts {
  const previous = item.previous;
  const persons = item.nodes.filter((node) => isPersonNamespace(node.namespace));
  const devices = item.nodes.filter((node) => isDeviceNamespace(node.namespace));
  if (previous !== undefined && isPersonNamespace(previous.namespace)) persons.push(previous);
  if (previous !== undefined && isDeviceNamespace(previous.namespace)) devices.push(previous);
  const [strongest, ...others] = distinct(persons);
  const terminals = distinct(devices);
  return {
    links: strongest === undefined ? [] : others.map((other) => linkOf(item, strongest, other)),
    sightings: strongest === undefined ? [] : terminals.map((device) => sightingOf(item, device, strongest)),
    logouts: item.session === 'logout' ? terminals.map((device) => ({ device, ...originOf(item) })) : [],
    deviceLinks: item.kiosk ? [] : deviceLinksOf(item, terminals),
  };
}

function linkOf(item: ItemEvidence, a: Node, b: Node): LinkFact {
  return { a, b, ...groundOf(item, a, b), sourceKind: item.sourceKind, ...originOf(item) };
}

/**
 * Whether an item proves that two identifiers are one person's, and how. A proof must cover both. A server key proves
 * what it says of a logged-in user; a guest's checkout, even from the server, is what somebody typed. A till proves
 * what it reads, user id and card; an e-mail or a number keyed in beside them is hearsay: a slip of the finger or a
 * relative's address would show one customer's life to another. It becomes verified by the customer file, by a double
 * opt-in click or by a login. On a kiosk the visitor types alone, so even a customer row is hearsay there.
 */
function groundOf(item: ItemEvidence, a: Node, b: Node): Ground {
  const proof = item.verifiedBy;
  if (proof?.covers.includes(a.id) && proof.covers.includes(b.id)) return { evidence: proof.by, verified: true };
  const ground = groundOfSource(item, a, b);
  const alias = item.previous !== undefined && (item.previous.id === a.id || item.previous.id === b.id);
  return alias ? { evidence: 'alias', verified: ground.verified } : ground;
}

function groundOfSource(item: ItemEvidence, a: Node, b: Node): Ground {
  const user = a.namespace === 'user_id' || b.namespace === 'user_id';
  const logins = isLoginNamespace(a.namespace) && isLoginNamespace(b.namespace);
  switch (item.sourceKind) {
    case 'web':
    case 'app':
      return { evidence: user ? 'identify' : 'form', verified: false };
    case 'server':
      if (item.kind === 'customer' && !item.kiosk) return { evidence: 'customer-record', verified: true };
      if (user) return { evidence: item.session === 'login' ? 'login' : 'server', verified: true };
      return { evidence: 'form', verified: false };
    case 'store':
      if (item.kind === 'customer' && !item.kiosk) return { evidence: 'customer-record', verified: true };
      return logins ? { evidence: 'card-scan', verified: true } : { evidence: 'till', verified: false };
  }
}

function sightingOf(item: ItemEvidence, device: Node, person: Node): SightingFact {
  const secret = item.sourceKind === 'server' || item.sourceKind === 'store';
  const verified =
    item.verifiedBy?.covers.includes(person.id) === true || (secret && isLoginNamespace(person.namespace));
  return { device, person, verified, kiosk: item.kiosk, ...originOf(item) };
}

/** The first device identifier is the terminal's main name; the others are tied to it. */
function deviceLinksOf(item: ItemEvidence, [main, ...others]: readonly Node[]): readonly DeviceLink[] {
  return main === undefined ? [] : others.map((other) => ({ a: main, b: other, ...originOf(item) }));
}

function distinct(nodes: readonly Node[]): readonly Node[] {
  return nodes.filter((node, at) => nodes.findIndex((other) => other.id === node.id) === at);
}

function originOf(item: ItemEvidence): { readonly t: Instant; readonly messageId: string; readonly source?: SourceId } {
  const origin = { t: item.t, messageId: item.messageId };
  return item.source === undefined ? origin : { ...origin, source: item.source };
}
