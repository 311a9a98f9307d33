import { earlier, type Instant } from '@filrouge/domain/base';
import { isRegisteringConsent, isRegistration } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import { correctTimes } from '@filrouge/domain/event';
import { isCovered, type NodeId } from '@filrouge/domain/identity';
import type { ConsentRecord, TombstoneLift } from '@filrouge/ports';
import type { HashedItem } from './hashed-item.ts';
import type { SubjectBook } from './subject-book.ts';
import { firstReceiptOf } from './submission.ts';

/** Tombstones that the registrations of a group lift, each from the first of them on. */
export type Lifts = ReadonlyMap<NodeId, TombstoneLift>;

/**
 * A new registration through a verified channel lifts the tombstones of its identifiers from its own time on (S14): a
 * signing up, or a yes that somebody gave anew. Both are looked for before the items are decided on: what came with them
 * must not depend on the batch.
 */
export function liftsOf(book: SubjectBook, items: readonly HashedItem[], records: readonly ConsentRecord[]): Lifts {
  const lifts = new Map<NodeId, TombstoneLift>();
  const lift = (brand: BrandId, node: NodeId, liftedAt: Instant): void => {
    const known = lifts.get(node);
    if (known === undefined || liftedAt < known.liftedAt) lifts.set(node, { brand, node, liftedAt });
  };
  for (const { item, source, submission, brand, identifiers } of items) {
    for (const identifier of identifiers) {
      const { node } = identifier;
      const tombstone = closedBy(book, node);
      if (tombstone === undefined) continue;
      const { kind, name, times } = item;
      const { imported } = submission;
      const { t } = correctTimes({ ...times, r: firstReceiptOf(submission), imported });
      const proven = isCovered(item.proof, identifier);
      if (isRegistration({ kind, name, t, imported, sourceKind: source.kind, proven }, tombstone)) lift(brand, node, t);
    }
  }
  for (const { brand, nodes, decisions } of records) {
    for (const { node, standing } of nodes) {
      const tombstone = closedBy(book, node);
      if (tombstone === undefined) continue;
      for (const decision of decisions) {
        if (!isRegisteringConsent({ ...decision, standing }, tombstone)) continue;
        lift(brand, node, earlier(decision.indicatedAt, decision.receivedAt));
      }
    }
  }
  return lifts;
}

/** The tombstone of an identifier that is nobody's until now. */
function closedBy(book: SubjectBook, node: NodeId): { readonly erasedAt: Instant } | undefined {
  const tombstone = book.get(node)?.subject.tombstone;
  return tombstone?.liftedAt === undefined ? tombstone : undefined;
}
