import { DAY_MS } from '@filrouge/domain/base';
import type { BrandId, Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import {
  type Identifier,
  type IdentityProof,
  isCovered,
  isDeviceNamespace,
  isPersonNamespace,
  type Namespace,
  type NodeId,
  type Proof,
} from '@filrouge/domain/identity';
import type { SeenKey, Vault } from '@filrouge/ports';
import type { Submission } from './submission.ts';

export type HashedIdentifier = Identifier & { readonly node: NodeId };

/** An item on its way through the door: its identifiers hashed, its place in its submission remembered. */
export type HashedItem = {
  readonly item: IncomingItem;
  readonly submission: Submission;
  readonly source: Source;
  readonly brand: BrandId;
  readonly identifiers: readonly HashedIdentifier[];
  readonly previous: HashedIdentifier | undefined;
  /** What was proven of `identifiers`. */
  readonly verifiedBy: Proof | undefined;
  readonly seen: SeenKey;
  /** Its place in its submission. */
  readonly itemAt: number;
  /** The run of the import that brings it. */
  readonly run?: number;
};

/** A submission with its items hashed: what can be done as it arrives, while another group is being written. */
export type HashedSubmission = {
  readonly submission: Submission;
  readonly items: readonly HashedItem[];
  /** See `Submission.overheard`. */
  readonly overheard: readonly HashedItem[];
};

export function hashSubmission(vault: Vault, submission: Submission): HashedSubmission {
  const { overheard = [] } = submission;
  return {
    submission,
    items: submission.items.map((_, at) => hashItem(vault, submission, at)),
    overheard: overheard.map((_, at) => hashItem(vault, { ...submission, items: overheard }, at)),
  };
}

/** Bodies are keyed apart from every identifier: no namespace bears this name. */
const BODY_SPACE = '/body' as Namespace;

export function hashItem(vault: Vault, submission: Submission, itemAt: number): HashedItem {
  const item = submission.items[itemAt] as IncomingItem;
  const { source } = submission;
  const hash = (identifier: Identifier): HashedIdentifier => ({
    namespace: identifier.namespace,
    value: identifier.value,
    node: vault.lookup(source.brand, identifier.namespace, identifier.value),
  });
  const identifiers = item.identifiers.map(hash);
  return {
    item,
    submission,
    source,
    brand: source.brand,
    identifiers,
    previous: item.previous === undefined ? undefined : hash(item.previous),
    verifiedBy: item.proof === undefined ? undefined : hashedProof(item.proof, identifiers),
    seen: {
      day: dayOf(item.times.occurredAt),
      id: vault.messageKey(source.brand, source.id, item.messageId),
      // Keyed too: the plain hash of a short body that was withheld would confirm a guess of it (S2).
      body: vault.lookup(source.brand, BODY_SPACE, item.bodyHash),
    },
    itemAt,
  };
}

function hashedProof(proof: IdentityProof, identifiers: readonly HashedIdentifier[]): Proof {
  const covered = identifiers.filter((identifier) => isCovered(proof, identifier));
  return { by: proof.by, covers: covered.map(({ node }) => node) };
}

/** The day written last: nearly all items of a moment are of the same one. */
let latest = { number: Number.NaN, day: '' };

/** The day of the raw client time (S16), so that retries of one item meet; the store knows which days it keeps. */
function dayOf(occurredAt: number | undefined): string | undefined {
  if (occurredAt === undefined) return undefined;
  const number = Math.floor(occurredAt / DAY_MS);
  if (number !== latest.number) latest = { number, day: new Date(occurredAt).toISOString().slice(0, 10) };
  return latest.day;
}

export function personOf(identifiers: readonly HashedIdentifier[]): HashedIdentifier | undefined {
  return identifiers.find((identifier) => isPersonNamespace(identifier.namespace));
}

export function deviceOf(identifiers: readonly HashedIdentifier[]): HashedIdentifier | undefined {
  return identifiers.find((identifier) => isDeviceNamespace(identifier.namespace));
}
