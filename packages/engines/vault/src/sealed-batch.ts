import { accept, refuse } from '@filrouge/domain/base';
import { type BatchSealer, DamagedFraming, type KeyId, type OpenedItem, VaultFault } from '@filrouge/ports';
import sodium from 'sodium-native';
import { NONCE_BYTES } from './nonces.ts';
import type { OpenKeys } from './open-keys.ts';

/**
 * The body of a journal row, one run of bytes because joining thousands of small ones costs more than the cipher.
 * Integers are little-endian.
 *
 *   0  version          1   1
 *   1  items            4
 *   then for each item:
 *   0  key id           8
 *   8  nonce           24
 *  32  length           4   of what follows
 *  36  ciphertext, and the tag of 16
 *
 * XChaCha20-Poly1305 (IETF) with the associated data of S14: 1 (u8), key id (u64), journal position (u64), item (u32).
 */
const VERSION = 1;
const BATCH_HEADER_BYTES = 5;
const ITEM_HEADER_BYTES = 8 + NONCE_BYTES + 4;
const TAG_BYTES = 16;
/** First byte of the associated data: an item of a batch never opens as a record, nor the reverse. */
const ITEM_KIND = 1;
const FIRST_SLAB_BYTES = 4 * 1024;

export function createBatchSealer(keys: OpenKeys, nextNonce: () => Buffer, position: number): BatchSealer {
  const associated = itemAssociated(position);
  let slab = Buffer.allocUnsafeSlow(FIRST_SLAB_BYTES);
  let end = BATCH_HEADER_BYTES;
  let items = 0;

  function makeRoom(bytes: number): void {
    if (end + bytes <= slab.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * slab.length, end + bytes));
    slab.copy(larger, 0, 0, end);
    slab = larger;
  }

  return {
    add(id: KeyId, plaintext: string | Uint8Array): number | 'erased' {
      const key = keys.get(id);
      if (key === undefined) return 'erased';
      const text = typeof plaintext === 'string';
      makeRoom(ITEM_HEADER_BYTES + (text ? 3 * plaintext.length : plaintext.length) + TAG_BYTES);
      const start = end + ITEM_HEADER_BYTES;
      let length = plaintext.length;
      if (text) length = slab.write(plaintext, start);
      else slab.set(plaintext, start);
      const nonce = nextNonce();
      writeUint53(slab, id, end);
      slab.set(nonce, end + 8);
      slab.writeUInt32LE(length + TAG_BYTES, start - 4);
      setItem(associated, id, items);
      // In place: the ciphertext takes the room of the plaintext, which is nowhere else in the slab.
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        slab.subarray(start, start + length + TAG_BYTES),
        slab.subarray(start, start + length),
        associated,
        null,
        nonce,
        key,
      );
      end = start + length + TAG_BYTES;
      items += 1;
      return items - 1;
    },
    finish(): Buffer {
      slab.writeUInt8(VERSION, 0);
      slab.writeUInt32LE(items, 1);
      return slab.subarray(0, end);
    },
  };
}

/** Opens a batch item by item; the plaintexts are slices of one buffer of their own. */
export function* openBatch(keys: OpenKeys, position: number, sealed: Uint8Array): Generator<OpenedItem> {
  const batch = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
  const items = itemsOf(batch, position);
  const associated = itemAssociated(position);
  const room = Buffer.allocUnsafeSlow(batch.length);
  let at = BATCH_HEADER_BYTES;
  for (let item = 0; item < items; item += 1) {
    const start = at + ITEM_HEADER_BYTES;
    const length = start <= batch.length ? batch.readUInt32LE(start - 4) : 0;
    if (length < TAG_BYTES || start + length > batch.length) throw unreadable(position);
    const id = readUint53(batch, at);
    const key = keyNamed(keys, id);
    if (key === 'erased' || key === 'no-key') yield { item, key: id, plaintext: refuse(key) };
    else {
      setItem(associated, id, item);
      const plaintext = room.subarray(start, start + length - TAG_BYTES);
      const opened = decrypt(plaintext, batch, start, length, associated, key);
      yield { item, key: id, plaintext: opened ? accept(plaintext) : refuse('damaged') };
    }
    at = start + length;
  }
  if (at !== batch.length) throw unreadable(position);
}

/** A damaged id names a key that never was, and is then no fault of the key folder's: one item must not stop the rest. */
function keyNamed(keys: OpenKeys, id: KeyId): Buffer | 'erased' | 'no-key' {
  try {
    return keys.get(id) ?? 'erased';
  } catch (fault) {
    if (fault instanceof VaultFault) return 'no-key';
    throw fault;
  }
}

/** A whole number below 2^53 as u64, without a BigInt. */
export function writeUint53(into: Buffer, value: number, at: number): void {
  into.writeUInt32LE(value % 2 ** 32, at);
  into.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}

/** The number that `writeUint53` wrote; what was not written by it may come out as no key id at all. */
export function readUint53(from: Buffer, at: number): KeyId {
  return (from.readUInt32LE(at) + from.readUInt32LE(at + 4) * 2 ** 32) as KeyId;
}

function itemsOf(batch: Buffer, position: number): number {
  if (batch.length < BATCH_HEADER_BYTES || batch.readUInt8(0) !== VERSION) throw unreadable(position);
  return batch.readUInt32LE(1);
}

function itemAssociated(position: number): Buffer {
  const associated = Buffer.alloc(1 + 8 + 8 + 4);
  associated.writeUInt8(ITEM_KIND, 0);
  writeUint53(associated, position, 9);
  return associated;
}

function setItem(associated: Buffer, id: KeyId, item: number): void {
  writeUint53(associated, id, 1);
  associated.writeUInt32LE(item, 17);
}

function decrypt(into: Buffer, batch: Buffer, start: number, length: number, associated: Buffer, key: Buffer): boolean {
  const nonce = batch.subarray(start - 4 - NONCE_BYTES, start - 4);
  const ciphertext = batch.subarray(start, start + length);
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(into, null, ciphertext, associated, nonce, key);
    return true;
  } catch {
    return false;
  }
}

function unreadable(position: number): DamagedFraming {
  return new DamagedFraming(
    `the body of journal row ${position} is cut short, or not in the form of version ${VERSION}`,
  );
}
