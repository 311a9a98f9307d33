import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError, type LedgerCopyStore } from '@filrouge/ports';
import { expect, onTestFinished, test } from 'vitest';
import { ConsentCopy } from './consent-copy.ts';

test('what could not be written while an engine was away is written by itself, without another decision', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'filrouge-copy-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  let head = 0;
  let isAway = false;
  const ledger: Pick<LedgerCopyStore, 'head' | 'undoneRuns' | 'linesAfter'> = {
    head: async () => head,
    async undoneRuns() {
      if (isAway) throw new EngineError('unavailable', 'PostgreSQL cannot be reached');
      return [];
    },
    async linesAfter(position) {
      return position < head ? [{ first: position + 1, last: head, text: '{"record":{}}' }] : [];
    },
  };
  let faults = 0;
  const copy = await ConsentCopy.open({
    ledger: ledger as LedgerCopyStore,
    directory,
    fingerprint: 'keys',
    onFault: () => {
      faults += 1;
    },
  });
  const written = async (): Promise<string> =>
    (await Promise.all((await readdir(directory)).map((name) => readFile(join(directory, name), 'utf8')))).join('');
  [head, isAway] = [3, true];
  copy.wake();
  await expect.poll(() => faults, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(await written()).toBe('');
  isAway = false;
  await expect.poll(written, { timeout: 20_000 }).toContain('record');
  await copy.close();
});
