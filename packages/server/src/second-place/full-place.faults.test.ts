import { readdir } from 'node:fs/promises';
import { aNode, decide, openMemoryStores } from '@filrouge/ports/testing';
import { expect, onTestFinished, test } from 'vitest';
import { mountSmallDisk } from '../proofs/testing/small-disk.ts';
import { catchUp } from './catch-up.ts';
import { ConsentCopy } from './consent-copy.ts';

test('G19: on a second place that is full nothing is littered or left half said, and it catches up by itself', async () => {
  const disk = await mountSmallDisk(1);
  onTestFinished(() => disk.remove());
  const { directory } = disk;
  const stores = await openMemoryStores();
  const { ledger } = stores;
  const fingerprint = 'f';
  const faults: unknown[] = [];
  const copy = await ConsentCopy.open({ ledger, directory, fingerprint, onFault: (fault) => faults.push(fault) });
  await decide(stores, [aNode()]);
  copy.wake();
  await expect.poll(() => readdir(directory)).toHaveLength(1);
  await disk.fill(0);
  for (let n = 0; n < 200; n += 1) await decide(stores, [aNode()], { status: 'refused' });
  copy.wake();
  await expect.poll(() => faults.length, { timeout: 10_000 }).toBeGreaterThan(2);
  expect(faults[0]).toMatchObject({ code: 'ENOSPC' });
  expect(copy.upToDate).toBe(false);
  expect((await readdir(directory)).filter((name) => name !== 'neighbour')).toHaveLength(1);

  await disk.empty();
  await expect.poll(() => copy.upToDate, { timeout: 40_000 }).toBe(true);
  await copy.close();
  const { ledger: empty } = await openMemoryStores();
  const caught = await catchUp({ ledger: empty, directory, fingerprint, keysGone: async () => [] });
  expect(caught.facts).toBe(201);
});
