import { DAY_MS } from '@filrouge/domain/base';
import { isDeviceNamespace, NO_THREAD, type NodeId, type Thread, threadOf } from '@filrouge/domain/identity';
import type { JournalEntry, KeptCount, KeyId, QuarantineEntry, Vault } from '@filrouge/ports';
import { decodeJournaledItem, type JournaledItem } from '../journaled-item.ts';

/** An item read back from the journal. */
export type OpenedJournalItem = {
  readonly item: JournaledItem;
  readonly position: number;
  readonly ordinal: number;
  readonly key: KeyId;
  /** Keyed hash of (brand, source, messageId) as a UUID: the event's id in every engine. */
  readonly eventId: string;
  /** Thread of its strongest identifier; `0` for a receipt that names nobody. */
  readonly thread: Thread;
  readonly claim: NodeId | undefined;
  /** Thread of its terminal. */
  readonly device: Thread;
};

export type OpenedRange = {
  readonly items: readonly OpenedJournalItem[];
  /** What could not be read: kept apart with its reason, never dropped. */
  readonly poison: readonly (QuarantineEntry & { readonly receivedAt: JournalEntry['receivedAt'] })[];
  /** All items of the range, those included whose key was destroyed. */
  readonly total: number;
};

/** Opens the items of some journal rows, one by one: a damaged one costs no other. */
export function openEntries(vault: Vault, entries: readonly JournalEntry[]): OpenedRange {
  const items: OpenedJournalItem[] = [];
  const poison: OpenedRange['poison'][number][] = [];
  let total = 0;
  for (const entry of entries) {
    total += entry.items;
    for (const { item: ordinal, key, plaintext } of vault.openBatch(entry.position, entry.body)) {
      if (!plaintext.ok) {
        if (plaintext.refusal === 'damaged') poison.push(poisoned(entry, ordinal, key, 'damaged', Buffer.alloc(0)));
        continue;
      }
      try {
        items.push(openedItem(vault, decodeJournaledItem(plaintext.value), entry.position, ordinal, key));
      } catch {
        const id = poisonId(entry.position, ordinal);
        const sealed = vault.sealRecord(key, `quarantine/${id}`, plaintext.value);
        poison.push(poisoned(entry, ordinal, key, 'unreadable', sealed));
      }
    }
  }
  return { items, poison, total };
}

export function openedItem(
  vault: Vault,
  item: JournaledItem,
  position: number,
  ordinal: number,
  key: KeyId,
): OpenedJournalItem {
  const claim = item.identifiers[0]?.node;
  const device = item.identifiers.find(({ namespace }) => isDeviceNamespace(namespace))?.node;
  return {
    item,
    position,
    ordinal,
    key,
    eventId: vault.messageKey(item.brand, item.source, item.messageId),
    claim,
    thread: claim === undefined ? NO_THREAD : threadOf(claim),
    device: device === undefined ? NO_THREAD : threadOf(device),
  };
}

/** A place in the journal as a UUID, so that a second reading of it names the same entry. */
export function poisonId(position: number, ordinal: number): string {
  const place = position.toString(16).padStart(16, '0') + ordinal.toString(16).padStart(16, '0');
  return place.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function poisoned(
  entry: JournalEntry,
  ordinal: number,
  key: KeyId,
  reason: string,
  sealed: Buffer,
): OpenedRange['poison'][number] {
  return {
    id: poisonId(entry.position, ordinal),
    brand: '' as QuarantineEntry['brand'],
    source: '' as QuarantineEntry['source'],
    name: '',
    reason,
    key,
    sealed,
    receivedAt: entry.receivedAt,
  };
}

/** How many items of each day and source were kept, of those that were not counted before. */
export function keptCounts(items: readonly OpenedJournalItem[], counted: number): readonly KeptCount[] {
  const counts = new Map<string, KeptCount>();
  for (const { item, position } of items) {
    if (position <= counted) continue;
    const day = new Date(Math.floor(item.r / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
    const key = `${item.brand}\n${item.source}\n${day}`;
    const before = counts.get(key);
    counts.set(key, {
      brand: item.brand,
      source: item.source,
      day,
      count: (before?.count ?? 0) + 1,
      bots: (before?.bots ?? 0) + (item.marks.includes('bot') ? 1 : 0),
    });
  }
  return [...counts.values()];
}
