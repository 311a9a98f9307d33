import { cpSync, linkSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { type KeyId, type Vault, VaultFault } from '@filrouge/ports';
import { describe, expect, test } from 'vitest';
import { createDurably, UNFINISHED } from './durable-file.ts';
import { KeyDirectory } from './key-directory.ts';
import { KEYS_PER_BUCKET } from './key-tree.ts';
import { readMasterKey } from './master-key-file.ts';
import { appearsIn, filesIn, openForTest, temporarySettings } from './testing/place.ts';
import type { VaultSettings } from './vault.ts';

const TEXT = 'Zoé Canari';

type Sealed = { readonly key: KeyId; readonly bytes: Buffer };

function sealMany(vault: Vault, count: number): readonly Sealed[] {
  return Array.from({ length: count }, () => {
    const key = vault.newKey();
    return { key, bytes: vault.sealRecord(key, 'place', TEXT) };
  });
}

function readAll(vault: Vault, sealed: readonly Sealed[]): readonly string[] {
  return sealed.map(({ bytes }) => {
    const opened = vault.openRecord('place', bytes);
    return opened.ok ? opened.value.toString() : opened.refusal;
  });
}

async function faultOf(settings: VaultSettings): Promise<string> {
  const fault = await openForTest(settings).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (fault instanceof VaultFault) return fault.message;
  throw new Error(`no fault: ${inspect(fault)}`);
}

function derive(settings: VaultSettings, key: KeyId): Buffer {
  const into = Buffer.alloc(32);
  new KeyDirectory(settings.keyDirectory, readMasterKey(settings.masterKeyFile)).derive(key, into);
  return into;
}

describe('erasure in the key directory', () => {
  test('S14: outlives a restart, for the key with its old row and its old data too', async () => {
    const settings = temporarySettings();
    const first = await openForTest(settings);
    const sealed = sealMany(first.vault, 5);
    await first.vault.destroy([sealed[2]?.key as KeyId]);
    first.close();
    const { vault } = await openForTest(settings);
    expect(readAll(vault, sealed)).toEqual([TEXT, TEXT, 'erased', TEXT, TEXT]);
    vault.remember([{ id: sealed[2]?.key as KeyId, brand: 'b' as never, claim: 'c' as never }]);
    expect(vault.keyOf('b' as never, 'c' as never)).toBeUndefined();
  });

  test('G11: leaves no byte of the key, of its root or of the master key in any file or message', async () => {
    const settings = temporarySettings();
    const { vault } = await openForTest(settings);
    const sealed = sealMany(vault, 3);
    const key = sealed[1]?.key as KeyId;
    const secrets = [derive(settings, key), Buffer.from(readMasterKey(settings.masterKeyFile))];
    const files = () => [...filesIn(settings.keyDirectory).values()];
    expect(files().some((file) => secrets.some((secret) => appearsIn(secret, file)))).toBe(false);
    await vault.destroy([key]);
    expect(files().some((file) => secrets.some((secret) => appearsIn(secret, file)))).toBe(false);
    expect(sealed.some(({ bytes }) => secrets.some((secret) => appearsIn(secret, bytes)))).toBe(false);
    expect(secrets.some((secret) => appearsIn(secret, inspect(vault, { depth: 9, showHidden: true })))).toBe(false);
  });

  test('S14: the replaced file is overwritten where it lay', async () => {
    const settings = temporarySettings();
    const { vault } = await openForTest(settings);
    const [sealed] = sealMany(vault, 1);
    linkSync(join(settings.keyDirectory, 'bucket-000001.1.key'), join(settings.keyDirectory, 'kept-blocks'));
    await vault.destroy([sealed?.key as KeyId]);
    const blocks = readFileSync(join(settings.keyDirectory, 'kept-blocks'));
    expect(blocks.equals(Buffer.alloc(blocks.length))).toBe(true);
    expect([...filesIn(settings.keyDirectory).keys()].sort()).toEqual([
      'bucket-000001.2.key',
      'kept-blocks',
      'root.1.key',
    ]);
  });

  test('S14: an older copy of the data opens with the keys of today, but for who was erased since', async () => {
    const settings = temporarySettings();
    const { vault } = await openForTest(settings);
    const backup = sealMany(vault, 50);
    for (const { key } of backup.slice(10, 20)) await vault.destroy([key]);
    const expected = backup.map((_, index) => (index >= 10 && index < 20 ? 'erased' : TEXT));
    expect(readAll(vault, backup)).toEqual(expected);
  });

  test('two processes that erase in one bucket at once lose neither erasure', async () => {
    const settings = temporarySettings();
    const here = await openForTest(settings);
    const sealed = sealMany(here.vault, 20);
    const there = await openForTest(settings);
    await Promise.all(
      sealed.slice(0, 16).map(({ key }, index) => (index % 2 === 0 ? here : there).vault.destroy([key])),
    );
    const after = await openForTest(settings);
    expect(readAll(after.vault, sealed)).toEqual(sealed.map((_, index) => (index < 16 ? 'erased' : TEXT)));
    here.vault.forget(sealed.map(({ key }) => key));
    expect(readAll(here.vault, sealed)).toEqual(readAll(after.vault, sealed));
  });

  test.each([1, 2, 3])(
    'one that is slower than %i erasures of another loses nothing, though the name it wants is free again',
    async (erasures) => {
      const settings = temporarySettings();
      const quick = await openForTest(settings);
      const sealed = sealMany(quick.vault, 6);
      const keys = sealed.map(({ key }) => key);
      let waiting = erasures;
      const slow = new KeyDirectory(
        settings.keyDirectory,
        readMasterKey(settings.masterKeyFile),
        async (path, bytes) => {
          for (; waiting > 0; waiting -= 1) await quick.vault.destroy([keys[waiting] as KeyId]);
          return createDurably(path, bytes);
        },
      );
      await slow.destroy([keys[0] as KeyId]);
      const after = await openForTest(settings);
      const expected = sealed.map((_, index) => (index <= erasures ? 'erased' : TEXT));
      expect(readAll(after.vault, sealed)).toEqual(expected);
      expect([...filesIn(settings.keyDirectory).keys()].sort()).toEqual([
        `bucket-000001.${erasures + 2}.key`,
        'root.1.key',
      ]);
      expect(keys.map((key) => slow.holds(key))).toEqual(expected.map((text) => text === TEXT));
    },
  );

  test('a process that starts while another erases finds the newer file where it listed the older one', async () => {
    const settings = temporarySettings();
    const here = await openForTest(settings);
    const there = await openForTest(settings);
    const [first, second] = [sealMany(here.vault, 31), sealMany(there.vault, 2)];
    // What keeps the start busy between listing the second bucket and reading it: older files of the first to destroy.
    for (const { key } of first) await here.vault.destroy([key]);
    for (let generation = 1; generation <= 31; generation += 1) {
      writeFileSync(join(settings.keyDirectory, `bucket-000001.${generation}.key`), 'left by a crash');
    }
    const starting = openForTest(settings);
    await there.vault.destroy([second[0]?.key as KeyId]);
    const { vault } = await starting;
    expect(readAll(vault, second)).toEqual(['erased', TEXT]);
    expect([...filesIn(settings.keyDirectory).keys()].sort()).toEqual([
      'bucket-000001.32.key',
      'bucket-000002.2.key',
      'root.1.key',
    ]);
  });

  test('two processes never give out the same key, and each opens what the other sealed', async () => {
    const settings = temporarySettings();
    const [here, there] = [await openForTest(settings), await openForTest(settings)];
    const sealed = [...sealMany(here.vault, 10), ...sealMany(there.vault, 10), ...sealMany(here.vault, 10)];
    expect(new Set(sealed.map(({ key }) => key)).size).toBe(30);
    expect(readAll(here.vault, sealed)).toEqual(sealed.map(() => TEXT));
    expect(readAll(there.vault, sealed)).toEqual(sealed.map(() => TEXT));
  });

  test('a full bucket is followed by another', async () => {
    const settings = temporarySettings();
    const { vault } = await openForTest(settings);
    const keys = Array.from({ length: KEYS_PER_BUCKET + 2 }, () => vault.newKey());
    expect(new Set(keys).size).toBe(KEYS_PER_BUCKET + 2);
    const last = keys.at(-1) as KeyId;
    expect(vault.openRecord('p', vault.sealRecord(last, 'p', TEXT)).ok).toBe(true);
    expect([...filesIn(settings.keyDirectory).keys()]).toHaveLength(3);
  });
});

describe('a crash in the key directory', () => {
  test('before the new file has its name leaves the old one valid', async () => {
    const settings = temporarySettings();
    const first = await openForTest(settings);
    const sealed = sealMany(first.vault, 3);
    const unfinished = join(settings.keyDirectory, `${UNFINISHED}0011223344556677`);
    writeFileSync(unfinished, 'half of a file');
    first.close();
    const second = await openForTest(settings);
    expect(readAll(second.vault, sealed)).toEqual([TEXT, TEXT, TEXT]);
    expect(filesIn(settings.keyDirectory).has(`${UNFINISHED}0011223344556677`)).toBe(true); // may be another process's
    utimesSync(unfinished, 0, 0);
    await openForTest(settings);
    expect(filesIn(settings.keyDirectory).has(`${UNFINISHED}0011223344556677`)).toBe(false);
  });

  test('S14: after the new file has its name ends with the erasure at the next start', async () => {
    const settings = temporarySettings();
    const first = await openForTest(settings);
    const sealed = sealMany(first.vault, 3);
    const old = readFileSync(join(settings.keyDirectory, 'bucket-000001.1.key'));
    await first.vault.destroy([sealed[0]?.key as KeyId]);
    first.close();
    writeFileSync(join(settings.keyDirectory, 'bucket-000001.1.key'), old, { mode: 0o600 });
    const { vault } = await openForTest(settings);
    expect(readAll(vault, sealed)).toEqual(['erased', TEXT, TEXT]);
    expect([...filesIn(settings.keyDirectory).keys()].sort()).toEqual(['bucket-000001.2.key', 'root.1.key']);
  });
});

describe('a key directory that cannot be used', () => {
  test('one flipped bit anywhere in a key file is found at the start and named', async () => {
    const settings = temporarySettings();
    const first = await openForTest(settings);
    sealMany(first.vault, 1);
    first.close();
    const secret = Buffer.from(readMasterKey(settings.masterKeyFile));
    for (const [name, bytes] of filesIn(settings.keyDirectory)) {
      const path = join(settings.keyDirectory, name);
      for (let bit = 0; bit < bytes.length * 8; bit += 11) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        writeFileSync(path, flipped);
        const message = await faultOf(settings);
        expect(message).toContain(path);
        expect(appearsIn(secret, message)).toBe(false);
      }
      writeFileSync(path, bytes);
    }
    await openForTest(settings);
  });

  test('a file under another number or generation does not open', async () => {
    const settings = temporarySettings();
    sealMany((await openForTest(settings)).vault, 1);
    const path = (name: string) => join(settings.keyDirectory, name);
    for (const name of ['bucket-000002.1.key', 'bucket-000001.9.key']) {
      cpSync(path('bucket-000001.1.key'), path(name));
      expect(await faultOf(settings)).toContain(path(name));
      rmSync(path(name));
    }
  });

  test('another master key, and a master key that is gone, are told apart', async () => {
    const settings = temporarySettings();
    await openForTest(settings);
    writeFileSync(settings.masterKeyFile, 'ab'.repeat(32));
    expect(await faultOf(settings)).toContain('sealed by another master key');
    rmSync(settings.masterKeyFile);
    expect(await faultOf(settings)).toContain('there is no master key');
  });

  test('keys of a bucket that is not here are a fault with advice, never an erasure', async () => {
    const settings = temporarySettings();
    const first = await openForTest(settings);
    const sealed = sealMany(first.vault, 1);
    first.close();
    rmSync(join(settings.keyDirectory, 'bucket-000001.1.key'));
    const { vault } = await openForTest(settings);
    expect(() => readAll(vault, sealed)).toThrow(/no file for key bucket 1.*restore it/s);
    await expect(vault.destroy([sealed[0]?.key as KeyId])).rejects.toThrow(VaultFault);
  });

  test('the first start warns about the new master key, the next one does not', async () => {
    const settings = temporarySettings();
    mkdirSync(dirname(settings.masterKeyFile));
    expect((await openForTest(settings)).warnings).toEqual([expect.stringContaining(settings.masterKeyFile)]);
    expect((await openForTest(settings)).warnings).toEqual([]);
  });
});
