import { randomBytes } from 'node:crypto';
import type { KeyId } from '@filrouge/ports';
import sodium from 'sodium-native';
import { describe, expect, test } from 'vitest';
import { createNonces } from './nonces.ts';
import { OpenKeys } from './open-keys.ts';
import { createBatchSealer, openBatch } from './sealed-batch.ts';

const keyBytes = (id: number): Buffer => Buffer.alloc(32, id);
const A = 65_536 as KeyId;
const B = (2 ** 40 + 3) as KeyId;

function openKeys(): OpenKeys {
  return new OpenKeys(8, (id, into) => {
    into.set(keyBytes(id % 251));
    return true;
  });
}

function seal(position: number, items: readonly (readonly [KeyId, string | Uint8Array])[]): Buffer {
  const sealer = createBatchSealer(openKeys(), createNonces(), position);
  for (const [key, text] of items) sealer.add(key, text);
  return sealer.finish();
}

function texts(position: number, sealed: Buffer): readonly string[] {
  return [...openBatch(openKeys(), position, sealed)].map(({ plaintext }) =>
    plaintext.ok ? plaintext.value.toString() : plaintext.refusal,
  );
}

describe('the body of a journal row', () => {
  test('S14: is laid out as documented, with (key id, position, item) as associated data', () => {
    const position = 2 ** 33 + 5;
    const sealed = seal(position, [
      [A, 'first'],
      [B, 'second'],
    ]);
    expect([sealed.readUInt8(0), sealed.readUInt32LE(1)]).toEqual([1, 2]);
    const frame = sealed.subarray(5 + 36 + 5 + 16);
    expect(frame.readBigUInt64LE(0)).toBe(BigInt(B));
    expect(frame.readUInt32LE(32)).toBe(6 + 16);
    const associated = Buffer.alloc(21);
    associated.writeUInt8(1, 0);
    associated.writeBigUInt64LE(BigInt(B), 1);
    associated.writeBigUInt64LE(BigInt(position), 9);
    associated.writeUInt32LE(1, 17);
    const plaintext = Buffer.alloc(6);
    const [nonce, key] = [frame.subarray(8, 32), keyBytes(B % 251)];
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext, null, frame.subarray(36), associated, nonce, key);
    expect(plaintext.toString()).toBe('second');
    expect(frame).toHaveLength(36 + 6 + 16);
  });

  test('S14: items of one key that change places do not open', () => {
    const sealed = seal(8, [
      [A, 'one'],
      [A, 'two'],
    ]);
    const size = 36 + 3 + 16;
    const [head, one, two] = [sealed.subarray(0, 5), sealed.subarray(5, 5 + size), sealed.subarray(5 + size)];
    expect(texts(8, Buffer.concat([head, two, one]))).toEqual(['damaged', 'damaged']);
    expect(texts(8, Buffer.concat([head, one, one]))).toEqual(['one', 'damaged']);
    expect(texts(8, Buffer.concat([head, one, two]))).toEqual(['one', 'two']);
  });

  test('grows from nothing to items larger than all before', () => {
    const items = [0, 1, 4_000, 5_000, 100_000, 1, 3_000_000].map((length) => randomBytes(length));
    const opened = [
      ...openBatch(
        openKeys(),
        1,
        seal(
          1,
          items.map((item) => [A, item]),
        ),
      ),
    ];
    opened.forEach(({ plaintext }, index) => {
      expect(plaintext.ok && plaintext.value.equals(items[index] as Buffer)).toBe(true);
    });
    expect(opened).toHaveLength(items.length);
    expect(texts(1, seal(1, []))).toEqual([]);
  });

  test('cut short or lengthened, it is a fault and not a shorter row', () => {
    const sealed = seal(3, [
      [A, 'first'],
      [A, 'second'],
    ]);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => texts(3, sealed.subarray(0, length))).toThrow(/journal row 3 is cut short/);
    }
    expect(() => texts(3, Buffer.concat([sealed, Buffer.alloc(1)]))).toThrow(/cut short/);
  });

  test('of many commits never repeats a nonce', () => {
    const nextNonce = createNonces();
    expect(new Set(Array.from({ length: 5_000 }, () => nextNonce().toString('hex'))).size).toBe(5_000);
  });
});

describe('XChaCha20-Poly1305', () => {
  test('agrees with draft-irtf-cfrg-xchacha-03, appendix A.3.1', () => {
    const plaintext = Buffer.from(
      '4c616469657320616e642047656e746c656d656e206f662074686520636c6173' +
        '73206f66202739393a204966204920636f756c64206f6666657220796f75206f' +
        '6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73' +
        '637265656e20776f756c642062652069742e',
      'hex',
    );
    const associated = Buffer.from('50515253c0c1c2c3c4c5c6c7', 'hex');
    const key = Buffer.from('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f', 'hex');
    const nonce = Buffer.from('404142434445464748494a4b4c4d4e4f5051525354555657', 'hex');
    const expected =
      'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb' +
      '731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452' +
      '2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9' +
      '21f9664c97637da9768812f615c68b13b52e' +
      'c0875924c1c7987947deafd8780acf49';
    const sealed = Buffer.alloc(plaintext.length + 16);
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, plaintext, associated, null, nonce, key);
    expect(sealed.toString('hex')).toBe(expected);
    // As the sealer does it: in place.
    const slab = Buffer.concat([plaintext, Buffer.alloc(16)]);
    const inPlace = slab.subarray(0, plaintext.length);
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(slab, inPlace, associated, null, nonce, key);
    expect(slab.toString('hex')).toBe(expected);
  });
});
