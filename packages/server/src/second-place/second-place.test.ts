import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aNode, decide, openMemoryStores, type StoresUnderTest } from '@filrouge/ports/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type CaughtUp, catchUp } from './catch-up.ts';
import { ConsentCopy } from './consent-copy.ts';
import { writeCopyLine } from './copy-line.ts';
import { readCopy } from './read-copy.ts';

// What a ledger finds in its second place when a server starts, and what is told there while it runs.

const OURS = 'f-ours';

async function aLedger(decisions = 0): Promise<StoresUnderTest> {
  const stores = await openMemoryStores();
  for (let n = 0; n < decisions; n += 1) await decide(stores, [aNode()]);
  return stores;
}

function aPlace(): string {
  const directory = mkdtempSync(join(tmpdir(), 'filrouge-second-place-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function openCopy(
  { ledger }: StoresUnderTest,
  directory: string,
  onFault: (fault: unknown) => void = (fault) => expect.fail(String(fault)),
): Promise<ConsentCopy> {
  return ConsentCopy.open({ ledger, directory, fingerprint: OURS, onFault });
}

/** Tells everything that a ledger holds, as a server does between its start and its end. */
async function tell(stores: StoresUnderTest, directory: string): Promise<void> {
  await (await openCopy(stores, directory)).close();
}

function start({ ledger }: StoresUnderTest, directory: string, fingerprint = OURS): Promise<CaughtUp> {
  return catchUp({ ledger, directory, fingerprint, keysGone: async () => [] });
}

/** The same ledger as it was so many decisions ago, as a backup brings it back. */
async function olderBy(stores: StoresUnderTest, decisions: number): Promise<StoresUnderTest> {
  const older = await openMemoryStores();
  const head = await stores.ledger.head();
  await older.ledger.append(await stores.ledger.linesAfter(0, head - decisions), []);
  return older;
}

async function wholeOf({ ledger }: StoresUnderTest) {
  return ledger.linesAfter(0, 1_000);
}

const filesOf = (directory: string): readonly string[] => readdirSync(directory).sort();
const pathOf = (directory: string, at = 0): string => join(directory, filesOf(directory)[at] as string);

test('a ledger that is equal to its second place, or newer, starts and tells what is missing there', async () => {
  const [stores, place] = [await aLedger(3), aPlace()];
  await tell(stores, place);
  expect(await start(stores, place)).toEqual({ facts: 0, voided: 0 });
  for (let n = 0; n < 2; n += 1) await decide(stores, [aNode()]);
  expect(await start(stores, place)).toEqual({ facts: 0, voided: 0 });
  await tell(stores, place);
  await tell(stores, place);
  expect(filesOf(place), 'a start that has nothing to tell leaves no file').toHaveLength(2);
  expect((await readCopy(place, 0)).last).toBe(5);
});

test('G19: a ledger that is older takes over everything, whoever told it, and is the one that was', async () => {
  const [stores, place] = [await aLedger(2), aPlace()];
  await tell(stores, place);
  for (let n = 0; n < 3; n += 1) await decide(stores, [aNode()], { status: 'withdrawn' });
  await tell(stores, place);
  for (const by of [1, 3, 4, 5]) {
    const older = await olderBy(stores, by);
    expect(await start(older, place)).toEqual({ facts: by, voided: 0 });
    expect(await wholeOf(older)).toEqual(await wholeOf(stores));
    await tell(older, place);
  }
  expect(filesOf(place)).toHaveLength(2);
});

test('a second place of another installation, or of another life of this one, is refused and not written to', async () => {
  const [stores, other, place] = [await aLedger(2), await aLedger(4), aPlace()];
  await tell(other, place);
  const before = readFileSync(pathOf(place), 'utf8');
  const refusal = 'are those of another installation, or of another life of this one';
  // Older, equal, newer, and before its first decision with other keys.
  for (const decisions of [2, 2, 5]) {
    for (let n = await stores.ledger.head(); n < decisions; n += 1) await decide(stores, [aNode()]);
    await expect(start(stores, place)).rejects.toThrow(refusal);
  }
  await expect(start(await aLedger(), place, 'f-others')).rejects.toThrow(refusal);
  expect(await start(await aLedger(), place), 'its own backup of the first day').toEqual({ facts: 4, voided: 0 });

  // A life that went on from a backup without its second place: only the last decisions tell them apart.
  const twin = await olderBy(other, 1);
  for (let n = 0; n < 3; n += 1) await decide(twin, [aNode()]);
  await expect(start(twin, place)).rejects.toThrow(refusal);
  expect(readFileSync(pathOf(place), 'utf8')).toBe(before);
});

test('two lives that wrote into one second place are refused: nobody can say which of the two was', async () => {
  const [stores, place] = [await aLedger(3), aPlace()];
  const twin = await olderBy(stores, 1);
  const backup = await olderBy(stores, 2);
  await decide(twin, [aNode()]);
  await tell(stores, place);
  const [line] = await twin.ledger.linesAfter(2, 9);
  if (line === undefined) throw new Error('no line');
  writeFileSync(join(place, 'consents-000000000003-zz.log'), writeCopyLine({ kind: 'facts', ...line }));
  await expect(start(backup, place)).rejects.toThrow('tells ledger position 3 otherwise too');
  expect(await backup.ledger.head()).toBe(1);
});

test('G19: a line that cannot be read keeps an older ledger closed, wherever it stands; a newer one starts and tells it again', async () => {
  for (const damage of ['changed', 'cut short', 'filled with nothing'] as const) {
    for (const at of [1, 2, 3, 4]) {
      const [stores, place] = [await aLedger(4), aPlace()];
      await tell(stores, place);
      const lines = readFileSync(pathOf(place), 'utf8').trimEnd().split('\n');
      const text = lines[at] ?? '';
      const end = at === 4 && damage === 'cut short' ? '' : '\n';
      const damaged = {
        changed: text.replace(/.$/, '#'),
        'cut short': text.slice(0, 9),
        'filled with nothing': '\0\0\0',
      };
      writeFileSync(pathOf(place), `${lines.with(at, damaged[damage]).join('\n')}${end}`);

      const named = `${damage}, line ${at}`;
      for (const by of [1, 2, 3, 4].filter((n) => n > 4 - at)) {
        const older = await olderBy(stores, by);
        await expect(start(older, place), `${named}, older by ${by}`).rejects.toThrow(/cannot be read/);
        expect(await older.ledger.head()).toBe(4 - by);
      }
      for (const by of [0, 1, 2, 3].filter((n) => n <= 4 - at)) {
        const older = await olderBy(stores, by);
        expect(await start(older, place), `${named}, older by ${by}`).toEqual({ facts: by, voided: 0 });
      }
      await tell(stores, place);
      expect(await start(await olderBy(stores, 4), place), `${named}, told again`).toEqual({ facts: 4, voided: 0 });
    }
  }
});

test('a file that is missing between others keeps an older ledger closed', async () => {
  const [stores, place] = [await aLedger(1), aPlace()];
  for (let n = 0; n < 3; n += 1) {
    await tell(stores, place);
    await decide(stores, [aNode()]);
  }
  const backup = await olderBy(stores, 3);
  rmSync(pathOf(place, 1));
  await expect(start(backup, place)).rejects.toThrow('those from 2 on cannot be read');
  expect(await backup.ledger.head()).toBe(1);
});

test('a second place that cannot be read is refused in words, and is not taken for an empty one', async () => {
  const [stores, place] = [await aLedger(1), aPlace()];
  const file = join(place, 'a-file');
  writeFileSync(file, 'x');
  await expect(start(stores, file)).rejects.toMatchObject({ name: 'BackupRefused', kind: 'failed' });
  await expect(start(stores, join(file, 'below'))).rejects.toThrow('cannot be read (ENOTDIR)');
  expect(await start(stores, join(place, 'not-there'))).toEqual({ facts: 0, voided: 0 });
});

test('while it cannot be written that is told, nothing is littered, and it catches up by itself', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const [stores, place] = [await aLedger(1), aPlace()];
  const faults: unknown[] = [];
  const copy = await openCopy(stores, place, (fault) => faults.push(fault));
  renameSync(place, `${place}-away`);
  onTestFinished(() => rmSync(`${place}-away`, { recursive: true, force: true }));
  await decide(stores, [aNode()], { status: 'refused' });
  copy.wake();
  await vi.advanceTimersByTimeAsync(300);
  await vi.waitFor(() => expect(faults.length).toBeGreaterThan(0));
  expect([copy.upToDate, faults[0]]).toMatchObject([false, { code: 'ENOENT' }]);

  renameSync(`${place}-away`, place);
  await vi.waitFor(async () => {
    await vi.advanceTimersByTimeAsync(1_000);
    expect(copy.upToDate).toBe(true);
  });
  expect(filesOf(place)).toHaveLength(1);
  expect((await readCopy(place, 0)).last).toBe(2);
  await copy.close();
});

test('a file that is taken away while it is written is told again from its beginning', async () => {
  const [stores, place] = [await aLedger(2), aPlace()];
  const copy = await openCopy(stores, place);
  rmSync(pathOf(place));
  await decide(stores, [aNode()]);
  await copy.close();
  expect(await start(await olderBy(stores, 3), place)).toEqual({ facts: 3, voided: 0 });
});

test('what somebody else wrote into the directory is left alone', async () => {
  const [stores, place] = [await aLedger(2), aPlace()];
  await tell(stores, place);
  appendFileSync(join(place, 'notes.txt'), 'ours');
  expect(await start(await olderBy(stores, 1), place)).toEqual({ facts: 1, voided: 0 });
});
