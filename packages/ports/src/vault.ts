import type { Brand, Result } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { Namespace, NodeId } from '@filrouge/domain/identity';

/** Names one data key. A whole number from 1 to 2^53 - 1 that the vault gives out once and never again, not even after a restore. */
export type KeyId = Brand<number, 'KeyId'>;

/** In the place of a key id where none can be read. */
export const NO_KEY = 0 as KeyId;

/** The keyed hash of (brand, source, messageId), written as a UUID: what `seen` ids and withheld headers keep (S2, S16). */
export type MessageKey = Brand<string, 'MessageKey'>;

/** Reads a key id out of a row: a number, or the decimal text that drivers give for a bigint; undefined when it is neither. */
export function parseKeyId(id: unknown): KeyId | undefined {
  const number = typeof id === 'string' && /^[1-9][0-9]{0,15}$/.test(id) ? Number(id) : id;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 1 ? (number as KeyId) : undefined;
}

/**
 * Which data key a claim has (S14). This row is all that PostgreSQL keeps of a key: the key itself is derived from the
 * key directory, so that no copy of a row, of the write-ahead log or of a data backup can bring a destroyed key back.
 * Primary key `id`, unique (brand, claim).
 */
export type DataKeyRow = {
  readonly id: KeyId;
  readonly brand: BrandId;
  /** The node of the claim's identifier; where a device's spans have keys of their own, a node made of both. */
  readonly claim: NodeId;
};

/** The claim of items that name nobody, such as a till receipt without a card: one key per brand. */
export const NOBODY_CLAIM = '00000000000000000000000000000000' as NodeId;

/** `erased`: the key was destroyed, as intended. `damaged`: these bytes are not what the vault sealed for this place. */
export type Unopened = 'erased' | 'damaged';

/**
 * One item of a journal row, in the order in which it was sealed. The plaintext is the caller's to keep. `no-key`: the
 * key folder cannot give the key that it names. Either the name was damaged, or the folder lacks a key: whether there is
 * such a key only the table of keys can tell. A damaged name may be no key id at all (`parseKeyId`).
 */
export type OpenedItem = {
  readonly item: number;
  readonly key: KeyId;
  readonly plaintext: Result<Buffer, Unopened | 'no-key'>;
};

/** Seals the items of one group commit into one run of bytes, each bound to (key id, journal position, item) (S14). */
export interface BatchSealer {
  /**
   * Appends an item; answers its ordinal within the batch, counted from 0. `erased` when the key was destroyed since it
   * was looked up: nothing was appended, and the item meets the tombstone of its claim.
   */
  add(key: KeyId, plaintext: string | Uint8Array): number | 'erased';
  /** The body of the journal row. The sealer is spent afterwards. */
  finish(): Buffer;
}

/**
 * Everything that keeps personal data behind keys (decision 4): hashes to look up by, keys per brand and claim, sealing
 * and opening. It holds no table: key rows come in by `remember` and go out as ids to store.
 *
 * Inside one group commit the door does, in this order:
 *   1. `keyOf(brand, claim)` for each item; the claims it does not know are read from PostgreSQL in one query and given
 *      to `remember`; a claim that has no row gets `newKey()`, once per claim;
 *   2. `sealBatch(position)`, `add` for each item, `finish`;
 *   3. one transaction with the journal row and the rows of the new keys;
 *   4. after the commit, `remember(newRows)`. After a rollback there is nothing to undo: unused ids are lost.
 *
 * All calls but `destroy` are synchronous. Missing key files are a fault of the installation and throw `VaultFault`.
 */
export interface Vault {
  /** The node of an identifier: 32 lower-case hexadecimal digits, unrelated between brands and between namespaces (S13). */
  lookup(brand: BrandId, namespace: Namespace, value: string): NodeId;
  /** The key under which a message is deduplicated (S16), unrelated between brands and between sources. */
  messageKey(brand: BrandId, source: SourceId, messageId: string): MessageKey;

  /** The claim's key, if its row was remembered and not pushed out since; undefined says "ask PostgreSQL", not "has none". */
  keyOf(brand: BrandId, claim: NodeId): KeyId | undefined;
  /** Takes in rows that PostgreSQL holds: read from it, or just committed. */
  remember(rows: readonly DataKeyRow[]): void;
  /** A fresh key, already durable: what is sealed with it can be opened after a crash. */
  newKey(): KeyId;

  /** Starts the body of the journal row at this position. */
  sealBatch(position: number): BatchSealer;
  /** The items of the journal row at this position. Throws `DamagedFraming` after the last one that can be told from the rest. */
  openBatch(position: number, sealed: Uint8Array): Iterable<OpenedItem>;

  /**
   * Seals one value outside the journal: a profile field, a consent's subject, a quarantined item. `associated` says
   * which place it belongs to (table, column, primary key), so that a value moved elsewhere does not open.
   * Throws `VaultFault` when the key was destroyed: whoever seals a record holds the appender's lock, and erasure too.
   */
  sealRecord(key: KeyId, associated: string, plaintext: string | Uint8Array): Buffer;
  openRecord(associated: string, sealed: Uint8Array): Result<Buffer, Unopened>;

  /**
   * Destroys keys for good (erasure, retention): when the promise resolves, neither this directory nor any copy of the
   * database can open what they sealed. Repeating it is harmless. Write the tombstone first, so that the door has
   * stopped using the keys; delete the rows afterwards.
   */
  destroy(keys: readonly KeyId[]): Promise<void>;
  /** Another process destroyed these keys: drop them from memory. */
  forget(keys: readonly KeyId[]): void;
}

/** Where one item of a journal row ends and the next begins cannot be read: what follows is lost, what came before is not. */
export class DamagedFraming extends Error {
  override readonly name = 'DamagedFraming';
}

/** The installation's keys cannot be used as they are; the message says what to do and contains no key. */
export class VaultFault extends Error {
  override readonly name = 'VaultFault';
}
