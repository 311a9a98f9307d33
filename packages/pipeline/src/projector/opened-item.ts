import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import { isDeviceNamespace, NO_THREAD, type NodeId, type Thread, threadOf } from '@filrouge/domain/identity';
import {
  DamagedFraming,
  type JournalDamage,
  type JournalEntry,
  type KeptCount,
  type KeyId,
  NO_KEY,
  type OpenedItem,
  parseKeyId,
  type QuarantineEntry,
  type Vault,
} from '@filrouge/ports';
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

type Poison = QuarantineEntry & { readonly receivedAt: Instant };

type Purged = { readonly position: number; readonly receivedAt: Instant; readonly count: number };

export type OpenedRange = {
  readonly items: readonly OpenedJournalItem[];
  /** What could not be read: kept apart with its reason, never dropped. */
  readonly poison: readonly Poison[];
  /** Keys that items name and the key folder cannot give: damage, where there are no such keys. */
  readonly strangeKeys: ReadonlySet<KeyId>;
  /** Rows with items whose key was destroyed: kept and then purged, which changes no counter (S2). */
  readonly purged: readonly Purged[];
  /** All items of the range. */
  readonly total: number;
};

/** Opens the items of journal rows, one by one: a damaged one costs no other, a damaged row no other row. */
export class RangeOpener implements OpenedRange {
  readonly items: OpenedJournalItem[] = [];
  readonly poison: Poison[] = [];
  readonly strangeKeys = new Set<KeyId>();
  readonly purged: Purged[] = [];
  total = 0;
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Keeps nothing of the row's body. */
  open(entry: JournalEntry): void {
    const vault = this.#vault;
    this.total += entry.items;
    let gone = 0;
    for (const { item: ordinal, key, plaintext } of itemsOf(vault, entry)) {
      const lost = (reason: JournalDamage, sealed?: Buffer): unknown =>
        this.poison.push(poisoned(entry, ordinal, key, reason, sealed));
      if (plaintext.ok) {
        const item = readItem(vault, plaintext.value, { position: entry.position, ordinal, key });
        if (item !== undefined) this.items.push(item);
        else lost('unreadable', sealPoison(vault, key, poisonId(entry.position, ordinal), plaintext.value));
      } else if (plaintext.refusal === 'erased') gone += 1;
      else if (plaintext.refusal === 'no-key') {
        const named = parseKeyId(key);
        if (named !== undefined) this.strangeKeys.add(named);
        lost('damaged');
      } else lost(plaintext.refusal);
    }
    if (gone > 0) this.purged.push({ position: entry.position, receivedAt: entry.receivedAt, count: gone });
  }
}

type RowItem = Pick<OpenedItem, 'item' | 'key'> & {
  readonly plaintext: OpenedItem['plaintext'] | { readonly ok: false; readonly refusal: 'row-damaged' };
};

/** As many items as the row says it has, whatever its body says: each has one outcome (S2). */
function* itemsOf(vault: Vault, { position, body, items }: JournalEntry): Generator<RowItem> {
  let read = 0;
  try {
    for (const opened of vault.openBatch(position, body)) {
      if (read === items) break;
      read += 1;
      yield opened;
    }
  } catch (fault) {
    if (!(fault instanceof DamagedFraming)) throw fault;
  }
  for (; read < items; read += 1) yield { item: read, key: NO_KEY, plaintext: { ok: false, refusal: 'row-damaged' } };
}

/** Undefined for bytes that are no item. */
function readItem(
  vault: Vault,
  bytes: Buffer,
  at: Pick<OpenedJournalItem, 'position' | 'ordinal' | 'key'>,
): OpenedJournalItem | undefined {
  try {
    const item = decodeJournaledItem(bytes);
    const claim = item.identifiers[0]?.node;
    const device = item.identifiers.find(({ namespace }) => isDeviceNamespace(namespace))?.node;
    const thread = claim === undefined ? NO_THREAD : threadOf(claim);
    return {
      ...at,
      item,
      eventId: vault.messageKey(item.brand, item.source, item.messageId),
      claim,
      thread,
      device: device === undefined ? NO_THREAD : device === claim ? thread : threadOf(device),
    };
  } catch {
    return undefined;
  }
}

/** A place in the journal as a UUID, so that a second reading of it names the same entry. */
function poisonId(position: number, ordinal: number): string {
  const place = position.toString(16).padStart(16, '0') + ordinal.toString(16).padStart(16, '0');
  return place.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function sealPoison(vault: Vault, key: KeyId, id: string, bytes: Buffer): Buffer {
  return vault.sealRecord(key, `quarantine/${id}`, bytes);
}

function poisoned(
  entry: JournalEntry,
  ordinal: number,
  key: KeyId,
  reason: JournalDamage,
  sealed: Buffer = Buffer.alloc(0),
): Poison {
  return {
    id: poisonId(entry.position, ordinal),
    brand: '' as BrandId,
    source: '' as SourceId,
    name: '',
    reason,
    key: parseKeyId(key) ?? NO_KEY,
    sealed,
    receivedAt: entry.receivedAt,
  };
}

/** Where items that were counted once already would wait, had they been damaged then, by their place in quarantine. */
export function placesInQuarantine({ items }: OpenedRange, counted: number): ReadonlyMap<string, OpenedJournalItem> {
  const known = items.filter(({ position }) => position <= counted);
  return new Map(known.map((opened) => [poisonId(opened.position, opened.ordinal), opened]));
}

/**
 * How many items of each day of receipt and source were kept, of those that were not counted before or were `mended`.
 * Of a purged item nothing is known but the day: it counts under no brand and no source.
 */
export function keptCounts(
  { items, purged }: OpenedRange,
  counted: number,
  mended: ReadonlySet<OpenedJournalItem>,
): readonly KeptCount[] {
  const counts = new Map<string, { -readonly [Field in keyof KeptCount]: KeptCount[Field] }>();
  const add = (receivedAt: Instant, { brand, source, count, bots }: Omit<KeptCount, 'day'>): void => {
    const date = Math.floor(receivedAt / DAY_MS);
    const key = `${brand}\n${source}\n${date}`;
    const known = counts.get(key);
    if (known !== undefined) {
      known.count += count;
      known.bots += bots;
    } else {
      const day = new Date(date * DAY_MS).toISOString().slice(0, 10);
      counts.set(key, { brand, source, day, count, bots });
    }
  };
  for (const opened of items) {
    const { item, position } = opened;
    if (position <= counted && !mended.has(opened)) continue;
    add(item.r, { brand: item.brand, source: item.source, count: 1, bots: item.marks.includes('bot') ? 1 : 0 });
  }
  for (const { position, receivedAt, count } of purged) {
    if (position > counted) add(receivedAt, { brand: '' as BrandId, source: '' as SourceId, count, bots: 0 });
  }
  return [...counts.values()];
}
