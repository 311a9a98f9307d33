/** The few functions of sodium-native 5.1 that the vault uses; the package brings no types of its own. */
declare module 'sodium-native' {
  const sodium: {
    /** Memory that libsodium guards, locks where the system lets it, and keeps out of core dumps. */
    sodium_malloc(size: number): Buffer;
    sodium_free(secret: Buffer): void;
    sodium_memzero(bytes: Uint8Array): void;
    randombytes_buf(into: Uint8Array): void;
    /** BLAKE2b, keyed when `key` is given; as many bytes as `into` is long, 16 to 64. */
    crypto_generichash(into: Uint8Array, input: Uint8Array, key?: Uint8Array): void;
    /** Ciphertext and tag into `into`, which is 16 bytes longer than `plaintext` and may begin where it begins. */
    crypto_aead_xchacha20poly1305_ietf_encrypt(
      into: Uint8Array,
      plaintext: Uint8Array,
      associated: Uint8Array,
      secretNonce: null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number;
    /** Throws `could not verify data` when one bit of anything differs. */
    crypto_aead_xchacha20poly1305_ietf_decrypt(
      into: Uint8Array,
      secretNonce: null,
      ciphertext: Uint8Array,
      associated: Uint8Array,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number;
  };
  export default sodium;
}
