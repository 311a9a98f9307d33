import sodium from 'sodium-native';

/** Length of every key in this package, in bytes. */
export const KEY_BYTES = 32;

/** Room for key material outside the JavaScript heap: guarded, locked where the system lets it, never in a core dump. */
export function secretBytes(length: number): Buffer {
  return sodium.sodium_malloc(length);
}

/** A fresh random key. */
export function randomKey(): Buffer {
  const key = secretBytes(KEY_BYTES);
  sodium.randombytes_buf(key);
  return key;
}

/** Overwrites key material that is no longer needed. The Buffer stays usable and holds zeros. */
export function wipe(bytes: Uint8Array): void {
  sodium.sodium_memzero(bytes);
}
