import type { BrandId, Source, SourceId } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import { type Identifier, isDeviceNamespace, isPersonNamespace, type NodeId } from '@filrouge/domain/identity';
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
  readonly seen: SeenKey;
  /** Where its outcome goes. */
  readonly submissionAt: number;
  readonly itemAt: number;
};

/** Keyed apart from every source's messages: no source may bear this name, because names begin with a letter or digit. */
const BODY_SPACE = '/body' as SourceId;

export function hashItem(vault: Vault, submission: Submission, submissionAt: number, itemAt: number): HashedItem {
  const item = submission.items[itemAt] as IncomingItem;
  const { source } = submission;
  const hash = (identifier: Identifier): HashedIdentifier => ({
    ...identifier,
    node: vault.lookup(source.brand, identifier.namespace, identifier.value),
  });
  return {
    item,
    submission,
    source,
    brand: source.brand,
    identifiers: item.identifiers.map(hash),
    previous: item.previous === undefined ? undefined : hash(item.previous),
    seen: {
      day: dayOf(item.times.occurredAt),
      id: vault.messageKey(source.brand, source.id, item.messageId),
      // Keyed too: the plain hash of a short body that was withheld would confirm a guess of it (S2).
      body: vault.messageKey(source.brand, BODY_SPACE, item.bodyHash).replaceAll('-', ''),
    },
    submissionAt,
    itemAt,
  };
}

/** The day of the raw client time (S16), so that retries of one item meet; the store knows which days it keeps. */
function dayOf(occurredAt: number | undefined): string | undefined {
  return occurredAt === undefined ? undefined : new Date(occurredAt).toISOString().slice(0, 10);
}

export function personOf(identifiers: readonly HashedIdentifier[]): HashedIdentifier | undefined {
  return identifiers.find((identifier) => isPersonNamespace(identifier.namespace));
}

export function deviceOf(identifiers: readonly HashedIdentifier[]): HashedIdentifier | undefined {
  return identifiers.find((identifier) => isDeviceNamespace(identifier.namespace));
}
