import { type Instant, isJsonObject, type Result } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import type { IdentityProof, Proof } from '@filrouge/domain/identity';
import type { QuarantineItem, Unopened, Vault } from '@filrouge/ports';
import type { Submission } from '../door/submission.ts';
import { decodeJournaledItem, type JournaledItem } from '../journaled-item.ts';

/** Why an entry cannot be read: its key was destroyed, its bytes do not open, or they are no item. */
export type Unreadable = Unopened | 'unreadable';

/** The item that a quarantined entry holds. */
export function openQuarantined(vault: Vault, entry: QuarantineItem): Result<JournaledItem, Unreadable> {
  const opened = vault.openRecord(`quarantine/${entry.id}`, entry.sealed);
  if (!opened.ok) return opened;
  try {
    const item = decodeJournaledItem(opened.value);
    const whole = isJsonObject(item.properties) && isJsonObject(item.traits) && Array.isArray(item.identifiers);
    return whole ? { ok: true, value: item } : { ok: false, refusal: 'unreadable' };
  } catch {
    return { ok: false, refusal: 'unreadable' };
  }
}

/** A journaled item as it stood before the door, to be decided on anew. Its own time is already corrected: t. */
export function incomingFrom(stored: JournaledItem): IncomingItem {
  const { kind, name, messageId, t, identifiers, previous, session, traits, properties, context, receipt, stamp } =
    stored;
  const { verifiedBy } = stored;
  return {
    kind,
    name,
    messageId,
    times: { occurredAt: t },
    identifiers: identifiers.map(({ namespace, value }) => ({ namespace, value })),
    ...(previous === undefined ? {} : { previous: { namespace: previous.namespace, value: previous.value } }),
    ...(session === undefined ? {} : { session }),
    traits,
    properties,
    context,
    ...(receipt === undefined ? {} : { receipt }),
    ...(stamp === undefined ? {} : { stamp }),
    ...(stored.terminal ? { onTerminal: true } : {}),
    ...(verifiedBy === undefined ? {} : { proof: proofFrom(verifiedBy, identifiers) }),
    marks: stored.marks,
    // What leaves quarantine is not deduplicated again.
    bodyHash: '0'.repeat(32),
  };
}

function proofFrom({ by, covers }: Proof, identifiers: JournaledItem['identifiers']): IdentityProof {
  const covered = identifiers.filter(({ node }) => covers.includes(node));
  return { by, covers: covered.map(({ namespace, value }) => ({ namespace, value })) };
}

/**
 * The submission that brings a quarantined entry through the door again: same receipt, new verdict. An entry that was
 * held because its messageId had another body gets an id of its own, or the two would be one event.
 */
export function releaseOf(
  entry: QuarantineItem,
  item: IncomingItem,
  circumstances: {
    readonly source: Source;
    readonly imported: boolean;
    /** The run of the import that had brought it. */
    readonly run?: number;
    readonly now: Instant;
  },
): Submission {
  const reused = entry.reason === 'message-id-reused';
  const messageId = reused ? `${item.messageId}~${entry.id}` : item.messageId;
  return {
    source: circumstances.source,
    items: [{ ...item, messageId }],
    consents: [],
    receivedAt: circumstances.now,
    firstReceivedAt: entry.receivedAt,
    imported: circumstances.imported,
    globalPrivacyControl: false,
    refused: new Map(),
    releases: [entry.id],
    ...(circumstances.run === undefined ? {} : { import: { number: circumstances.run } }),
  };
}
