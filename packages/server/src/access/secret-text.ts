import { hash, randomBytes } from 'node:crypto';

/** A fresh secret of 192 random bits with a prefix that says what it is, so that a leaked one is recognised. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(24).toString('base64url')}`;
}

/** What is kept of a secret. It has 192 bits of its own, so a plain hash cannot be reversed by trying. */
export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** How a secret is named in lists: enough to recognise, nothing to use. */
export function secretId(secret: string): string {
  return `${secret.slice(0, secret.indexOf('_') + 1)}${hash('sha256', secret, 'hex').slice(0, 12)}`;
}
