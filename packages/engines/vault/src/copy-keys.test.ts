import { readdirSync } from 'node:fs';
import type { KeyId } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { copyKeyDirectory, keyBuckets } from './copy-keys.ts';
import { openForTest, temporaryFolder, temporarySettings } from './testing/place.ts';

test('a copy of the keys opens what the folder opens, with the same master key', async () => {
  const settings = temporarySettings();
  const { vault, close } = await openForTest(settings);
  const sealed = vault.sealRecord(vault.newKey(), 'place', 'Zoé');
  close();
  const copy = temporaryFolder();
  expect(await copyKeyDirectory(settings.keyDirectory, copy)).toEqual(keyBuckets(settings.keyDirectory));
  const restored = await openForTest({ ...settings, keyDirectory: copy });
  expect(restored.vault.openRecord('place', sealed)).toMatchObject({ ok: true });
  expect(restored.vault.lookup('b' as never, 'email', 'zoe@example.com')).toBe(
    (await openForTest(settings)).vault.lookup('b' as never, 'email', 'zoe@example.com'),
  );
});

test('S14: what an erasure destroyed goes from the copy with its next run', async () => {
  const settings = temporarySettings();
  const { vault } = await openForTest(settings);
  const key: KeyId = vault.newKey();
  const sealed = vault.sealRecord(key, 'place', 'Zoé');
  const copy = temporaryFolder();
  await copyKeyDirectory(settings.keyDirectory, copy);
  await vault.destroy([key]);
  await copyKeyDirectory(settings.keyDirectory, copy);
  expect(readdirSync(copy)).toEqual(readdirSync(settings.keyDirectory));
  const restored = await openForTest({ ...settings, keyDirectory: copy });
  expect(restored.vault.openRecord('place', sealed)).toEqual({ ok: false, refusal: 'erased' });
});

test('the keys of another installation are not written over, and an empty folder is no key folder', async () => {
  const [one, other] = [temporarySettings(), temporarySettings()];
  for (const settings of [one, other]) (await openForTest(settings)).vault.newKey();
  const before = readdirSync(other.keyDirectory);
  await expect(copyKeyDirectory(one.keyDirectory, other.keyDirectory)).rejects.toThrow('no copy of a key');
  expect(readdirSync(other.keyDirectory)).toEqual(before);
  await expect(copyKeyDirectory(temporaryFolder(), other.keyDirectory)).rejects.toThrow('there are no keys');
  expect(keyBuckets(temporaryFolder())).toEqual([]);
});
