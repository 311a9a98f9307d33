import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { accept, type Result, refuse } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import type { BatchSealer, KeyId, MessageKey, OpenedItem, Unopened, Vault } from '../vault.ts';
import { DamagedFraming, NO_KEY, VaultFault } from '../vault.ts';

const CIPHER = 'chacha20-poly1305';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Tests ask for the same few identifiers over and over, many of them in a vault of their own. */
const HASHES_KEPT = 10_000;
/** Key id, nonce, tag; the ciphertext follows. */
const HEAD_BYTES = 8 + NONCE_BYTES + TAG_BYTES;

/** Makes a text one that opens with the same key and in the same place only. */
export type Sealing<Key> = {
  readonly newKey: () => Key;
  readonly seal: (key: Key, id: KeyId, associated: string, plaintext: Buffer) => Buffer;
  readonly open: (key: Key, id: KeyId, associated: string, sealed: Buffer) => Result<Buffer, 'damaged'>;
};

const ENCRYPTED: Sealing<KeyObject> = {
  newKey: () => createSecretKey(randomBytes(32)),
  seal: encrypt,
  open: decrypt,
};

/** Tells everything that the other tells, and hides nothing: where thousands of lives are played. */
export const PLAIN: Sealing<true> = { newKey: () => true, seal: wrap, open: unwrap };

const LOOKUP_SECRET = 'lookup secret of the memory vault';

/** The vault without a key directory, for tests of what stands on it: keys live and die with this object. */
export function createMemoryVault(lookupSecret = LOOKUP_SECRET): Vault {
  return createVaultWith(ENCRYPTED, lookupSecret);
}

export function createVaultWith<Key>(sealing: Sealing<Key>, lookupSecret = LOOKUP_SECRET): Vault {
  const hash = hasherWith(lookupSecret);
  const keys = new Map<KeyId, Key>();
  const claims = new Map<string, KeyId>();
  let lastKey = 0;

  function secretOf(id: KeyId): Key | undefined {
    if (!Number.isSafeInteger(id) || id < 1 || id > lastKey) throw new VaultFault(`no key ${id} was ever made here`);
    return keys.get(id);
  }

  function seal(id: KeyId, associated: string, plaintext: string | Uint8Array): Buffer | 'erased' {
    const secret = secretOf(id);
    return secret === undefined ? 'erased' : sealing.seal(secret, id, associated, Buffer.from(plaintext));
  }

  function open(associated: string, sealed: Buffer): Result<Buffer, Unopened> {
    const id = keyOfSealed(sealed);
    if (id === undefined || id > lastKey) return refuse('damaged');
    const secret = secretOf(id);
    return secret === undefined ? refuse('erased') : sealing.open(secret, id, associated, sealed);
  }

  function openItem(associated: string, sealed: Buffer): OpenedItem['plaintext'] {
    const id = keyOfSealed(sealed);
    return id === undefined || id > lastKey ? refuse('no-key') : open(associated, sealed);
  }

  function forget(ids: readonly KeyId[]): void {
    const gone = new Set(ids);
    for (const id of ids) keys.delete(id);
    for (const [claim, id] of claims) if (gone.has(id)) claims.delete(claim);
  }

  return {
    lookup: (brand, namespace, value) => hash('node', brand, namespace, value) as NodeId,
    messageKey: (brand, source, messageId) => uuidOf(hash('message', brand, source, messageId)),
    keyOf: (brand, claim) => claims.get(claimKey(brand, claim)),
    remember(rows) {
      for (const row of rows) if (keys.has(row.id)) claims.set(claimKey(row.brand, row.claim), row.id);
    },
    newKey() {
      lastKey += 1;
      keys.set(lastKey as KeyId, sealing.newKey());
      return lastKey as KeyId;
    },
    sealBatch: (position) => createBatchSealer((id, item, text) => seal(id, `item ${position} ${item}`, text)),
    openBatch: (position, sealed) => readBatch(sealed, (item, bytes) => openItem(`item ${position} ${item}`, bytes)),
    sealRecord(id, associated, plaintext) {
      const sealed = seal(id, `record ${associated}`, plaintext);
      if (sealed === 'erased') throw new VaultFault(`key ${id} was destroyed: nothing can be sealed with it`);
      return sealed;
    },
    openRecord: (associated, sealed) => open(`record ${associated}`, Buffer.from(sealed)),
    async destroy(ids) {
      forget(ids);
    },
    forget,
  };
}

/** By the secret that they were made with. */
const hashesOf = new Map<string, Map<string, string>>();

/** Keyed hashes, 32 hexadecimal digits each. */
function hasherWith(secretText: string): (family: string, brand: BrandId, kind: string, value: string) => string {
  const secret = createSecretKey(Buffer.from(secretText));
  const hashes = hashesOf.get(secretText) ?? new Map<string, string>();
  hashesOf.set(secretText, hashes);
  return (family, brand, kind, value) => {
    const asked = `${family} ${brand.length} ${kind.length} ${brand}${kind}${value}`;
    const known = hashes.get(asked);
    if (known !== undefined) return known;
    const input = JSON.stringify([family, brand, kind, value]);
    const made = createHmac('sha256', secret).update(input).digest('hex').slice(0, 32);
    if (hashes.size >= HASHES_KEPT) hashes.clear();
    hashes.set(asked, made);
    return made;
  };
}

function encrypt(secret: KeyObject, id: KeyId, associated: string, plaintext: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeBigUInt64LE(BigInt(id));
  const nonce = randomBytes(NONCE_BYTES);
  nonce.copy(head, 8);
  const cipher = createCipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(`${id} ${associated}`), { plaintextLength: plaintext.length });
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  cipher.getAuthTag().copy(head, 8 + NONCE_BYTES);
  return Buffer.concat([head, body]);
}

function decrypt(secret: KeyObject, id: KeyId, associated: string, sealed: Buffer): Result<Buffer, 'damaged'> {
  const nonce = sealed.subarray(8, 8 + NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
  const body = sealed.subarray(HEAD_BYTES);
  decipher.setAAD(Buffer.from(`${id} ${associated}`), { plaintextLength: body.length });
  decipher.setAuthTag(sealed.subarray(8 + NONCE_BYTES, HEAD_BYTES));
  try {
    return accept(Buffer.concat([decipher.update(body), decipher.final()]));
  } catch {
    return refuse('damaged');
  }
}

/** The place stands in it and is compared. */
function wrap(_key: true, id: KeyId, associated: string, plaintext: Buffer): Buffer {
  const place = `${id} ${associated}`;
  const length = Buffer.byteLength(place);
  const sealed = Buffer.allocUnsafe(HEAD_BYTES + length + plaintext.length).fill(0, 0, HEAD_BYTES);
  sealed.writeBigUInt64LE(BigInt(id));
  sealed.writeUInt32LE(length, 8);
  sealed.write(place, HEAD_BYTES);
  sealed.set(plaintext, HEAD_BYTES + length);
  return sealed;
}

function unwrap(_key: true, id: KeyId, associated: string, sealed: Buffer): Result<Buffer, 'damaged'> {
  const end = HEAD_BYTES + sealed.readUInt32LE(8);
  const isHere = sealed.toString('utf8', HEAD_BYTES, end) === `${id} ${associated}`;
  return isHere ? accept(sealed.subarray(end)) : refuse('damaged');
}

function claimKey(brand: BrandId, claim: NodeId): string {
  return `${claim} ${brand}`;
}

function uuidOf(hex: string): MessageKey {
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return groups.join('-') as MessageKey;
}

function keyOfSealed(sealed: Buffer): KeyId | undefined {
  if (sealed.length < HEAD_BYTES) return undefined;
  const id = Number(sealed.readBigUInt64LE());
  return Number.isSafeInteger(id) && id >= 1 ? (id as KeyId) : undefined;
}

function createBatchSealer(
  seal: (id: KeyId, item: number, plaintext: string | Uint8Array) => Buffer | 'erased',
): BatchSealer {
  const parts: Buffer[] = [];
  return {
    add(id, plaintext) {
      const item = parts.length;
      const sealed = seal(id, item, plaintext);
      if (sealed === 'erased') return 'erased';
      const framed = Buffer.allocUnsafe(4 + sealed.length);
      framed.writeUInt32LE(sealed.length);
      framed.set(sealed, 4);
      parts.push(framed);
      return item;
    },
    finish: () => Buffer.concat(parts),
  };
}

function* readBatch(
  sealed: Uint8Array,
  open: (item: number, bytes: Buffer) => OpenedItem['plaintext'],
): Iterable<OpenedItem> {
  const bytes = Buffer.from(sealed);
  let offset = 0;
  for (let item = 0; offset < bytes.length; item += 1) {
    const end = offset + 4 <= bytes.length ? offset + 4 + bytes.readUInt32LE(offset) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) throw new DamagedFraming('the framing of this journal row cannot be read');
    const frame = bytes.subarray(offset + 4, end);
    yield { item, key: keyOfSealed(frame) ?? NO_KEY, plaintext: open(item, frame) };
    offset = end;
  }
}
