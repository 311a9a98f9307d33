import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { Namespace, NodeId } from '@filrouge/domain/identity';
import type { MessageKey } from '@filrouge/ports';
import sodium from 'sodium-native';
import { KEY_BYTES, secretBytes } from './secret-bytes.ts';

const HASH_BYTES = 16;
const DIGITS = Buffer.from('0123456789abcdef');
const DASH = 0x2d;
/** Values up to this many bytes go through one reused buffer; longer ones cost an allocation. */
const SHORT_BYTES_MAX = 512;
/** A character is three bytes of UTF-8 at most (those beyond U+FFFF count as two characters). */
const SHORT_CHARACTERS_MAX = Math.floor(SHORT_BYTES_MAX / 3);

export type LookupHash = {
  readonly node: (brand: BrandId, namespace: Namespace, value: string) => NodeId;
  readonly message: (brand: BrandId, source: SourceId, messageId: string) => MessageKey;
};

/**
 * Keyed BLAKE2b-128 under a key of its own for each (family, brand, namespace or source), derived from the root: so the
 * input of a hash is the value alone, and values of two brands or namespaces cannot meet.
 */
export function createLookupHash(root: Buffer): LookupHash {
  const nodeKeys = new Map<string, Map<string, Buffer>>();
  const messageKeys = new Map<string, Map<string, Buffer>>();
  const hash = Buffer.alloc(HASH_BYTES);
  const short = Buffer.alloc(SHORT_BYTES_MAX);
  const uuid = Buffer.from('00000000-0000-0000-0000-000000000000');
  const shortViews = Array.from({ length: SHORT_BYTES_MAX + 1 }, (_, length) => short.subarray(0, length));

  function hashInto(key: Buffer, value: string): void {
    const view = value.length <= SHORT_CHARACTERS_MAX ? shortViews[short.write(value)] : undefined;
    sodium.crypto_generichash(hash, view ?? Buffer.from(value), key);
  }

  return {
    node(brand, namespace, value) {
      hashInto(nodeKeys.get(brand)?.get(namespace) ?? deriveKey(root, nodeKeys, 'node', brand, namespace), value);
      return hash.toString('hex') as NodeId;
    },
    message(brand, source, messageId) {
      hashInto(
        messageKeys.get(brand)?.get(source) ?? deriveKey(root, messageKeys, 'message', brand, source),
        messageId,
      );
      return writeUuid(hash, uuid) as MessageKey;
    },
  };
}

function deriveKey(
  root: Buffer,
  keys: Map<string, Map<string, Buffer>>,
  family: 'node' | 'message',
  brand: string,
  kind: string,
): Buffer {
  const key = secretBytes(KEY_BYTES);
  const name = JSON.stringify(['filrouge/vault/lookup/1', family, brand, kind]);
  sodium.crypto_generichash(key, Buffer.from(name), root);
  const ofBrand = keys.get(brand) ?? new Map<string, Buffer>();
  ofBrand.set(kind, key);
  keys.set(brand, ofBrand);
  return key;
}

/** 16 bytes in the form of a UUID, written over one that is there already. */
function writeUuid(bytes: Buffer, uuid: Buffer): string {
  for (let byte = 0, at = 0; byte < HASH_BYTES; byte += 1, at += 2) {
    if (uuid[at] === DASH) at += 1;
    const value = bytes[byte] ?? 0;
    uuid[at] = DIGITS[value >> 4] ?? 0;
    uuid[at + 1] = DIGITS[value & 15] ?? 0;
  }
  return uuid.toString('latin1');
}
