import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
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
  /** Rows with items whose key was destroyed: kept and then purged, which changes no counter (S2). */
  readonly purged: readonly { readonly position: number; readonly receivedAt: Instant; readonly count: number }[];
  /** All items of the range. */
  readonly total: number;
};

/** Opens the items of some journal rows, one by one: a damaged one costs no other. */
export function openEntries(vault: Vault, entries: readonly JournalEntry[]): OpenedRange {
  const items: OpenedJournalItem[] = [];
  const poison: OpenedRange['poison'][number][] = [];
  const purged: OpenedRange['purged'][number][] = [];
  let total = 0;
  for (const entry of entries) {
    total += entry.items;
    let gone = 0;
    for (const { item: ordinal, key, plaintext } of vault.openBatch(entry.position, entry.body)) {
      if (!plaintext.ok) {
        if (plaintext.refusal === 'damaged') poison.push(poisoned(entry, ordinal, key, 'damaged', Buffer.alloc(0)));
        else gone += 1;
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
    if (gone > 0) purged.push({ position: entry.position, receivedAt: entry.receivedAt, count: gone });
  }
  return { items, poison, purged, total };
}

function openedItem(
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
function poisonId(position: number, ordinal: number): string {
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

/**
 * How many items of each day of receipt and source were kept, of those that were not counted before. Of a purged item nothing is
 * known but the day: it counts under no brand and no source.
 */
export function keptCounts({ items, purged }: OpenedRange, counted: number): readonly KeptCount[] {
  const counts = new Map<string, KeptCount>();
  const add = (receivedAt: Instant, of: Pick<KeptCount, 'brand' | 'source' | 'count' | 'bots'>): void => {
    const day = new Date(Math.floor(receivedAt / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
    const key = `${of.brand}\n${of.source}\n${day}`;
    const before = counts.get(key) ?? { ...of, day, count: 0, bots: 0 };
    counts.set(key, { ...before, count: before.count + of.count, bots: before.bots + of.bots });
  };
  for (const { item, position } of items) {
    if (position <= counted) continue;
    add(item.r, { brand: item.brand, source: item.source, count: 1, bots: item.marks.includes('bot') ? 1 : 0 });
  }
  for (const { position, receivedAt, count } of purged) {
    if (position > counted) add(receivedAt, { brand: '' as BrandId, source: '' as SourceId, count, bots: 0 });
  }
  return [...counts.values()];
}
