import { VaultFault } from '@filrouge/ports';
import sodium from 'sodium-native';
import { secretBytes } from './secret-bytes.ts';

/**
 * A file of the key directory: what it holds is sealed by the master key, and its header is the associated data.
 *
 *   0  magic `FRKY`            4
 *   4  version                 1   1
 *   5  kind                    1   0 = root of the look-up hashes, 1 = bucket of data keys
 *   6  bucket number           6   little-endian; 0 for the root
 *  12  generation              4   little-endian; 1 at first, one more each time the file is replaced
 *  16  master key's name       8   keyed hash of a constant: tells which master key opens the file
 *  24  nonce                  24
 *  48  ciphertext and tag          XChaCha20-Poly1305
 */
export type KeyFileName = { readonly kind: 'root' | 'bucket'; readonly bucket: number; readonly generation: number };

const MAGIC = Buffer.from('FRKY');
const VERSION = 1;
const HEADER_BYTES = 24;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const MASTER_NAME = Buffer.from('filrouge/vault/name of the master key/1');

/** The bytes of a key file. */
export function sealKeyFile(master: Buffer, name: KeyFileName, body: Buffer): Buffer {
  const file = Buffer.alloc(HEADER_BYTES + NONCE_BYTES + body.length + TAG_BYTES);
  headerOf(master, name).copy(file);
  const nonce = file.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  sodium.randombytes_buf(nonce);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    file.subarray(HEADER_BYTES + NONCE_BYTES),
    body,
    file.subarray(0, HEADER_BYTES),
    null,
    nonce,
    master,
  );
  return file;
}

/** What a key file holds, in secret memory. Throws `VaultFault` with what to do when it cannot be opened. */
export function openKeyFile(master: Buffer, name: KeyFileName, file: Buffer, path: string): Buffer {
  const expected = headerOf(master, name);
  if (file.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || !agree(file, expected, 0, 5)) {
    throw new VaultFault(`${path} is not a key file, or its beginning is lost: restore it from the copy of the keys`);
  }
  if (!agree(file, expected, 5, 16)) {
    throw new VaultFault(`${path} belongs under another name, or is damaged: restore it from the copy of the keys`);
  }
  if (!isSealedBy(master, file)) {
    throw new VaultFault(
      `${path} was sealed by another master key: put that one back, or finish the change of master key that was begun`,
    );
  }
  const body = secretBytes(file.length - HEADER_BYTES - NONCE_BYTES - TAG_BYTES);
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      body,
      null,
      file.subarray(HEADER_BYTES + NONCE_BYTES),
      expected,
      file.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES),
      master,
    );
  } catch {
    throw new VaultFault(`${path} is damaged: restore it from the copy of the keys`);
  }
  return body;
}

/** Whether this master key sealed the file, by the name in its header alone. */
export function isSealedBy(master: Buffer, file: Buffer): boolean {
  return file.subarray(16, HEADER_BYTES).equals(masterName(master));
}

function agree(file: Buffer, expected: Buffer, from: number, to: number): boolean {
  return file.subarray(from, to).equals(expected.subarray(from, to));
}

function headerOf(master: Buffer, name: KeyFileName): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt8(VERSION, 4);
  header.writeUInt8(name.kind === 'root' ? 0 : 1, 5);
  header.writeUIntLE(name.bucket, 6, 6);
  header.writeUInt32LE(name.generation, 12);
  masterName(master).copy(header, 16);
  return header;
}

function masterName(master: Buffer): Buffer {
  const name = Buffer.alloc(16);
  sodium.crypto_generichash(name, MASTER_NAME, master);
  return name.subarray(0, 8);
}
