import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import { NAMESPACES, type NodeId } from '@filrouge/domain/identity';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DamagedFraming,
  type DataKeyRow,
  type KeyId,
  NOBODY_CLAIM,
  type OpenedItem,
  type Vault,
  VaultFault,
} from '../vault.ts';

const ATELIER = 'atelier' as BrandId;
const MAISON = 'maison' as BrandId;
const WEB = 'web' as SourceId;
const TILL = 'till' as SourceId;
const CANARY = 'Zoé Canari, 12 rue des Merles, zoe@example.com';

/** What every vault promises (S14, S16). `open` gives a fresh one with nothing in it. */
export function describeVault(engine: string, open: () => Promise<Vault>): void {
  describe(`${engine}`, () => {
    describeSealing(open);
    describeDestruction(open);
    describeClaims(open);
    describeHashes(open);
  });
}

function sealAll(vault: Vault, position: number, items: readonly (readonly [KeyId, string | Uint8Array])[]): Buffer {
  const sealer = vault.sealBatch(position);
  for (const [key, text] of items) expect(sealer.add(key, text)).not.toBe('erased');
  return sealer.finish();
}

function texts(items: Iterable<OpenedItem>): readonly string[] {
  return [...items].map(({ plaintext }) => (plaintext.ok ? plaintext.value.toString() : plaintext.refusal));
}

function describeSealing(open: () => Promise<Vault>): void {
  test('S14: a batch opens at its own position to what was sealed, item by item', async () => {
    const vault = await open();
    const keys = [vault.newKey(), vault.newKey(), vault.newKey()];
    const anyItem = fc.tuple(
      fc.constantFrom(...keys),
      fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3_000 }), fc.uint8Array({ maxLength: 3_000 })),
    );
    fc.assert(
      fc.property(fc.nat(), fc.array(anyItem, { maxLength: 40 }), (position, items) => {
        const opened = [...vault.openBatch(position, sealAll(vault, position, items))];
        expect(opened.map(({ item, key }) => [item, key])).toEqual(items.map(([key], item) => [item, key]));
        opened.forEach(({ plaintext }, index) => {
          expect(plaintext.ok && plaintext.value.equals(Buffer.from(items[index]?.[1] ?? ''))).toBe(true);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('S14: a row moved to another position does not open', async () => {
    const vault = await open();
    const key = vault.newKey();
    const sealed = sealAll(vault, 41, [
      [key, 'first'],
      [key, 'other'],
    ]);
    expect(texts(vault.openBatch(42, sealed))).toEqual(['damaged', 'damaged']);
    expect(texts(vault.openBatch(41, sealed))).toEqual(['first', 'other']);
  });

  test('S14: no flipped bit of a batch passes for what was sealed', async () => {
    const vault = await open();
    const items = ['one', 'two', 'three'].map((text) => [vault.newKey(), text] as const);
    const sealed = sealAll(vault, 7, items);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const read = readFlipped(vault, sealed, bit);
      if (read === 'refused') continue;
      const changed = read.filter((text, item) => text !== items[item]?.[1]);
      expect(changed.length, `bit ${bit}`).toBeGreaterThan(0);
      for (const text of changed) expect(['damaged', 'erased', 'no-key'], `bit ${bit}`).toContain(text);
    }
  });

  test('S14: whatever bit of a batch was flipped, the items before the damage open, and no fault of the keys is claimed', async () => {
    const vault = await open();
    const items = ['one', 'two', 'three'].map((text) => [vault.newKey(), text] as const);
    const sealed = sealAll(vault, 7, items);
    const lost = { framing: 0, item: 0 };
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const { read, framing } = readWhole(vault, flip(sealed, bit));
      lost[framing === undefined ? 'item' : 'framing'] += 1;
      expect(framing === undefined || framing instanceof DamagedFraming, `bit ${bit}: ${String(framing)}`).toBe(true);
      const wrong = read.findIndex((text, at) => text !== items[at]?.[1]);
      const whole = wrong < 0 ? read.length : wrong;
      expect(read.slice(0, whole), `bit ${bit}`).toEqual(items.slice(0, whole).map(([, text]) => text));
    }
    expect(lost.framing, 'lengths').toBeGreaterThan(50);
    expect(lost.item, 'keys, nonces, ciphertexts').toBeGreaterThan(500);
  });

  test('S14: a record opens in its own place only, and no flipped bit passes', async () => {
    const vault = await open();
    const key = vault.newKey();
    const sealed = vault.sealRecord(key, 'profile.email 17', CANARY);
    expect(vault.openRecord('profile.email 17', sealed)).toEqual({ ok: true, value: Buffer.from(CANARY) });
    expect(vault.openRecord('profile.email 18', sealed)).toEqual({ ok: false, refusal: 'damaged' });
    expect(vault.openRecord('profile.email 17', sealed.subarray(0, 10))).toEqual({ ok: false, refusal: 'damaged' });
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const opened = attempt(() => vault.openRecord('profile.email 17', flip(sealed, bit)));
      expect(opened === 'refused' || !opened.ok, `bit ${bit}`).toBe(true);
    }
  });

  test('S14: a record does not open as a batch, nor a batch as a record', async () => {
    const vault = await open();
    const key = vault.newKey();
    const record = vault.sealRecord(key, '', CANARY);
    const batch = sealAll(vault, 1, [[key, CANARY]]);
    const asBatch = attempt(() => texts(vault.openBatch(1, record)));
    expect(asBatch === 'refused' || !asBatch.includes(CANARY)).toBe(true);
    const asRecord = attempt(() => vault.openRecord('', batch));
    expect(asRecord === 'refused' || !asRecord.ok).toBe(true);
  });

  test('G11: nothing sealed contains what went in', async () => {
    const vault = await open();
    const key = vault.newKey();
    const bytes = [sealAll(vault, 1, [[key, CANARY]]), vault.sealRecord(key, CANARY, CANARY)];
    // Two letters are in random bytes now and then.
    const words = CANARY.split(' ').filter(({ length }) => length > 4);
    expect(words.length).toBeGreaterThan(1);
    for (const sealed of bytes) expect(words.filter((word) => sealed.includes(word))).toEqual([]);
  });

  test('two sealings of one text share no run of eight bytes but the key id', async () => {
    const vault = await open();
    const key = vault.newKey();
    const [first, second] = [vault.sealRecord(key, 'x', CANARY), vault.sealRecord(key, 'x', CANARY)];
    for (let at = 16; at + 8 <= first.length; at += 1) expect(second.includes(first.subarray(at, at + 8))).toBe(false);
  });
}

function describeDestruction(open: () => Promise<Vault>): void {
  test('S14: after erasure the erased key opens nothing and every other key still opens all', async () => {
    const vault = await open();
    const keys = Array.from({ length: 40 }, () => vault.newKey());
    const batch = sealAll(
      vault,
      3,
      keys.map((key) => [key, `item of ${key}`]),
    );
    const records = keys.map((key) => vault.sealRecord(key, 'place', `record of ${key}`));
    const erased = new Set([keys[0], keys[7], keys[8], keys[39]] as readonly KeyId[]);
    await vault.destroy([...erased]);
    await vault.destroy([...erased]);
    expect(texts(vault.openBatch(3, batch))).toEqual(
      keys.map((key) => (erased.has(key) ? 'erased' : `item of ${key}`)),
    );
    keys.forEach((key, index) => {
      const opened = vault.openRecord('place', records[index] ?? Buffer.alloc(0));
      expect(opened.ok ? opened.value.toString() : opened.refusal).toBe(
        erased.has(key) ? 'erased' : `record of ${key}`,
      );
    });
  });

  test('S14: a key destroyed between look-up and sealing appends nothing', async () => {
    const vault = await open();
    const [gone, stays] = [vault.newKey(), vault.newKey()];
    const sealer = vault.sealBatch(9);
    expect(sealer.add(stays, 'before')).toBe(0);
    await vault.destroy([gone]);
    expect(sealer.add(gone, CANARY)).toBe('erased');
    expect(sealer.add(stays, 'after')).toBe(1);
    expect(texts(vault.openBatch(9, sealer.finish()))).toEqual(['before', 'after']);
    expect(() => vault.sealRecord(gone, 'place', CANARY)).toThrow(VaultFault);
  });

  test('S14: a key that was read while it was being destroyed opens nothing afterwards', async () => {
    const vault = await open();
    const [gone, stays] = [vault.newKey(), vault.newKey()];
    const sealed = [gone, stays].map((key) => vault.sealRecord(key, 'place', 'here'));
    const destroyed = vault.destroy([gone]);
    for (const bytes of sealed) vault.openRecord('place', bytes); // whatever it answers, until the promise resolves
    await destroyed;
    expect(sealed.map((bytes) => vault.openRecord('place', bytes).ok)).toEqual([false, true]);
  });

  test('S14: destroying nothing, or several times at once, loses no other key', async () => {
    const vault = await open();
    const keys = Array.from({ length: 30 }, () => vault.newKey());
    const sealed = keys.map((key) => vault.sealRecord(key, 'place', 'here'));
    await vault.destroy([]);
    await Promise.all(keys.filter((_, index) => index % 2 === 0).map((key) => vault.destroy([key])));
    const read = sealed.map((bytes) => vault.openRecord('place', bytes).ok);
    expect(read).toEqual(keys.map((_, index) => index % 2 === 1));
  });
}

function describeClaims(open: () => Promise<Vault>): void {
  test('S14: a claim has the key that its row says, per brand, until the key is destroyed', async () => {
    const vault = await open();
    const rows: readonly DataKeyRow[] = [
      { id: vault.newKey(), brand: ATELIER, claim: NOBODY_CLAIM },
      { id: vault.newKey(), brand: MAISON, claim: NOBODY_CLAIM },
      { id: vault.newKey(), brand: ATELIER, claim: 'ab'.repeat(16) as NodeId },
    ];
    for (const row of rows) expect(vault.keyOf(row.brand, row.claim)).toBeUndefined();
    vault.remember(rows);
    for (const row of rows) expect(vault.keyOf(row.brand, row.claim)).toBe(row.id);
    await vault.destroy(rows.slice(0, 1).map((row) => row.id));
    expect(vault.keyOf(ATELIER, NOBODY_CLAIM)).toBeUndefined();
    expect(vault.keyOf(MAISON, NOBODY_CLAIM)).toBe(rows[1]?.id);
  });

  test('a row whose key was destroyed is not remembered', async () => {
    const vault = await open();
    const row = { id: vault.newKey(), brand: ATELIER, claim: NOBODY_CLAIM };
    await vault.destroy([row.id]);
    vault.remember([row]);
    expect(vault.keyOf(ATELIER, NOBODY_CLAIM)).toBeUndefined();
  });

  test('no key is given out twice, and a key that nobody made is a fault', async () => {
    const vault = await open();
    const keys = new Set(Array.from({ length: 5_000 }, () => vault.newKey()));
    expect(keys.size).toBe(5_000);
    for (const id of [0, -1, 1.5, Number.MAX_SAFE_INTEGER]) {
      expect(() => vault.sealBatch(1).add(id as KeyId, CANARY)).toThrow(VaultFault);
    }
  });
}

function describeHashes(open: () => Promise<Vault>): void {
  test('S1, S13: a value has one node per brand and namespace, and they never meet', async () => {
    const vault = await open();
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 1_200 }), fc.string({ maxLength: 40 }), (value, other) => {
        const places = [ATELIER, MAISON].flatMap((brand) => NAMESPACES.map((namespace) => ({ brand, namespace })));
        const nodes = places.map(({ brand, namespace }) => vault.lookup(brand, namespace, value));
        expect(new Set(nodes).size).toBe(places.length);
        expect(nodes.every((node) => /^[0-9a-f]{32}$/.test(node))).toBe(true);
        expect(nodes).toEqual(places.map(({ brand, namespace }) => vault.lookup(brand, namespace, value)));
        expect(vault.lookup(ATELIER, 'email', other) === nodes[NAMESPACES.indexOf('email')]).toBe(other === value);
      }),
      { numRuns: 60 },
    );
  });

  test('S16: a message has one key per brand and source, in the form of a UUID, and it is no node', async () => {
    const vault = await open();
    const keys = [ATELIER, MAISON].flatMap((brand) =>
      [WEB, TILL].map((source) => vault.messageKey(brand, source, 'm')),
    );
    expect(new Set(keys).size).toBe(4);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(vault.messageKey(ATELIER, WEB, 'm')).toBe(keys[0]);
    const sameWords = vault.messageKey(ATELIER, 'email' as SourceId, 'm').replaceAll('-', '');
    expect(sameWords).not.toBe(vault.lookup(ATELIER, 'email', 'm'));
  });

  test('S13: names that run into each other do not hash alike', async () => {
    const vault = await open();
    const split = vault.messageKey('ab' as BrandId, 'c' as SourceId, 'd');
    expect(vault.messageKey('a' as BrandId, 'bc' as SourceId, 'd')).not.toBe(split);
    expect(vault.messageKey('ab' as BrandId, 'cd' as SourceId, '')).not.toBe(split);
  });
}

/** What an operation answers, or `refused` when the vault says that it cannot read such bytes or has no such key. */
function attempt<T>(operation: () => T): T | 'refused' {
  try {
    return operation();
  } catch (error) {
    if (error instanceof VaultFault || error instanceof DamagedFraming) return 'refused';
    throw error;
  }
}

/** The items as far as they can be told apart, and what ended that. */
function readWhole(vault: Vault, sealed: Buffer): { readonly read: readonly string[]; readonly framing?: unknown } {
  const read: string[] = [];
  try {
    for (const item of vault.openBatch(7, sealed)) read.push(...texts([item]));
    return { read };
  } catch (framing) {
    return { read, framing };
  }
}

function flip(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

function readFlipped(vault: Vault, sealed: Buffer, bit: number): readonly string[] | 'refused' {
  return attempt(() => texts(vault.openBatch(7, flip(sealed, bit))));
}
