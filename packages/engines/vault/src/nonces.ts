import sodium from 'sodium-native';

export const NONCE_BYTES = 24;
const POOL = 1_024;

/**
 * Random nonces, drawn from the system a thousand at a time. 24 random bytes never meet twice (the reason for the X in
 * XChaCha20). The buffer is to be used or copied before the thousandth next call.
 */
export function createNonces(): () => Buffer {
  const pool = Buffer.alloc(POOL * NONCE_BYTES);
  const views = Array.from({ length: POOL }, (_, n) => pool.subarray(n * NONCE_BYTES, (n + 1) * NONCE_BYTES));
  let used = POOL;
  return function nextNonce() {
    if (used === POOL) {
      sodium.randombytes_buf(pool);
      used = 0;
    }
    const nonce = views[used] as Buffer;
    used += 1;
    return nonce;
  };
}
