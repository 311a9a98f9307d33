import { accept, type Result, refuse } from '@filrouge/domain/base';
import { type KeyId, type Unopened, VaultFault } from '@filrouge/ports';
import sodium from 'sodium-native';
import { NONCE_BYTES } from './nonces.ts';
import type { OpenKeys } from './open-keys.ts';
import { readUint53, writeUint53 } from './sealed-batch.ts';

/**
 * One sealed value: version (u8, 1), key id (u64), nonce (24), ciphertext and tag. Associated data: 2 (u8), key id
 * (u64), and the caller's text in UTF-8.
 */
const VERSION = 1;
const RECORD_KIND = 2;
const HEADER_BYTES = 1 + 8 + NONCE_BYTES;
const TAG_BYTES = 16;

export function sealRecord(
  keys: OpenKeys,
  nonce: Buffer,
  id: KeyId,
  associated: string,
  plaintext: string | Uint8Array,
): Buffer {
  const key = keys.get(id);
  if (key === undefined) throw new VaultFault(`data key ${id} was destroyed: nothing can be sealed with it`);
  const length = typeof plaintext === 'string' ? Buffer.byteLength(plaintext) : plaintext.length;
  const sealed = Buffer.allocUnsafe(HEADER_BYTES + length + TAG_BYTES);
  sealed.writeUInt8(VERSION, 0);
  writeUint53(sealed, id, 1);
  sealed.set(nonce, 9);
  if (typeof plaintext === 'string') sealed.write(plaintext, HEADER_BYTES);
  else sealed.set(plaintext, HEADER_BYTES);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    sealed.subarray(HEADER_BYTES),
    sealed.subarray(HEADER_BYTES, HEADER_BYTES + length),
    recordAssociated(id, associated),
    null,
    nonce,
    key,
  );
  return sealed;
}

export function openRecord(keys: OpenKeys, associated: string, bytes: Uint8Array): Result<Buffer, Unopened> {
  const sealed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed.readUInt8(0) !== VERSION) return refuse('damaged');
  const id = readUint53(sealed, 1);
  const key = keys.get(id);
  if (key === undefined) return refuse('erased');
  const plaintext = Buffer.allocUnsafeSlow(sealed.length - HEADER_BYTES - TAG_BYTES);
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      plaintext,
      null,
      sealed.subarray(HEADER_BYTES),
      recordAssociated(id, associated),
      sealed.subarray(9, HEADER_BYTES),
      key,
    );
    return accept(plaintext);
  } catch {
    return refuse('damaged');
  }
}

function recordAssociated(id: KeyId, associated: string): Buffer {
  const bytes = Buffer.allocUnsafe(9 + Buffer.byteLength(associated));
  bytes.writeUInt8(RECORD_KIND, 0);
  writeUint53(bytes, id, 1);
  bytes.write(associated, 9);
  return bytes;
}
