import type { Instant } from '../base/instant.ts';
import type { SourceId, SourceKind } from '../deployment/source.ts';
import type { Node, NodeId } from './node.ts';

/**
 * On what ground an item ties two identifiers together (S11).
 * Proofs: `login` a server's own sign-in, `server` a logged-in fact from a server key, `customer-record` a row of the
 * retailer's customer file, `card-scan` a card read at a till, `staff-check` seen by staff, `double-opt-in` a
 * confirmed click, `signed-token` a signed identity token, `oidc` OpenID Connect.
 * Mere statements: `identify` said by a browser or an app, `form` typed by someone, `till` keyed in at a till.
 * `alias` is either, as its link's `verified` says.
 */
export type Evidence =
  | 'login'
  | 'server'
  | 'customer-record'
  | 'card-scan'
  | 'staff-check'
  | 'double-opt-in'
  | 'signed-token'
  | 'oidc'
  | 'identify'
  | 'form'
  | 'till'
  | 'alias';

/** Where a fact comes from. Canonical order is (t, messageId): facts are a set, and arrival never counts. */
type Origin = {
  /** Event time (S4). */
  readonly t: Instant;
  readonly messageId: string;
  readonly source?: SourceId;
};

/** Two identifiers of person type in one item. */
export type LinkFact = Origin & {
  readonly a: Node;
  readonly b: Node;
  /** S11. Only a verified link joins persons. */
  readonly verified: boolean;
  readonly evidence: Evidence;
  /** Whose word it is: `web` and `app` keys are public, `server` and `store` ones are secrets. */
  readonly sourceKind: SourceKind;
};

/** A person shown at a device: an item that carries both. It begins or continues a stay of that person there. */
export type SightingFact = Origin & {
  readonly device: Node;
  /** The item's strongest identifier of person type. */
  readonly person: Node;
  /** Whether who it was is proven (S11), or a public key's word. */
  readonly verified: boolean;
  readonly kiosk: boolean;
};

/** The person leaves the device. */
export type LogoutFact = Origin & { readonly device: Node };

/** Two device identifiers in one item: names of one terminal. */
export type DeviceLink = Origin & { readonly a: Node; readonly b: Node };

/** Staff say that two identifiers are not one person (`stands`), or take that back. The latest by (t, id) decides. */
export type SeparationFact = {
  readonly a: Node;
  readonly b: Node;
  readonly stands: boolean;
  readonly t: Instant;
  readonly id: string;
  /** The member of staff, by account id. */
  readonly by: string;
};

/** What of a separation decides on its pair: whatever is known of the two ends. */
export type Separation = Pick<SeparationFact, 'stands' | 't' | 'id'> & {
  readonly a: { readonly id: NodeId };
  readonly b: { readonly id: NodeId };
};

/** What kept items say about who is who: sets, in any order and with any repetition. */
export type IdentityFacts = {
  readonly links: readonly LinkFact[];
  readonly deviceLinks: readonly DeviceLink[];
  readonly sightings: readonly SightingFact[];
  readonly logouts: readonly LogoutFact[];
  readonly separations: readonly SeparationFact[];
};

/** Facts said by a secret key, or proven: a stranger with the public key of a web page cannot make them. */
export function isTrusted(link: LinkFact): boolean {
  return link.verified || link.sourceKind === 'server' || link.sourceKind === 'store';
}
