import type { Instant } from '@filrouge/domain/base';
import type { BrandId, Deployment } from '@filrouge/domain/deployment';
import type { Namespace } from '@filrouge/domain/identity';
import type { Vault } from '@filrouge/ports';
import { decodeProtectedHeader, EncryptJWT, errors, jwtDecrypt } from 'jose';
import { type Confirmation, endOf } from './confirmation.ts';

/** Keyed apart from every identifier: no namespace bears this name. */
const SEAL_SPACE = '/confirmation' as Namespace;
/** A link is at most so long; nothing longer was made here. Unit: characters. */
const TOKEN_LENGTH_MAX = 8_192;

export type OpenedConfirmation =
  | { readonly kind: 'valid' | 'expired'; readonly confirmation: Confirmation }
  | { readonly kind: 'unreadable' };

/**
 * The token of a link: a confirmation, encrypted and authenticated (JWE, A256GCM) under a key that only this
 * installation's vault can derive for the brand. It names nobody to who sees the link, survives a restart, and leaves
 * nothing behind where nobody clicks.
 */
export async function sealConfirmation(vault: Vault, confirmation: Confirmation): Promise<string> {
  const { brand } = confirmation;
  return new EncryptJWT({ confirmation: { ...confirmation } })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: brand })
    .encrypt(sealKey(vault, brand));
}

/** What a token holds; `unreadable` for one that was changed, is another installation's, or is none. */
export async function openConfirmation(
  { vault, deployment }: { readonly vault: Vault; readonly deployment: Pick<Deployment, 'brands'> },
  token: string,
  now: Instant,
): Promise<OpenedConfirmation> {
  if (token.length > TOKEN_LENGTH_MAX) return { kind: 'unreadable' };
  try {
    const brand = decodeProtectedHeader(token).kid as BrandId;
    if (!deployment.brands.has(brand)) return { kind: 'unreadable' };
    const { payload } = await jwtDecrypt(token, sealKey(vault, brand), {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    const confirmation = payload['confirmation'] as Confirmation;
    if (confirmation.brand !== brand) return { kind: 'unreadable' };
    return { kind: now >= endOf(confirmation) ? 'expired' : 'valid', confirmation };
  } catch (fault) {
    // What jose cannot read it says in its own words or, of what is no text of its form, in TypeError's.
    if (fault instanceof errors.JOSEError || fault instanceof TypeError) return { kind: 'unreadable' };
    throw fault;
  }
}

/** 256 bits that follow from the installation's look-up key and the brand, and from nothing else. */
function sealKey(vault: Vault, brand: BrandId): Uint8Array {
  const halves = ['first half', 'second half'].map((half) => vault.lookup(brand, SEAL_SPACE, half));
  return Buffer.from(halves.join(''), 'hex');
}
