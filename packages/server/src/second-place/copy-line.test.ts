import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CopyLine, readCopyLine, writeCopyLine } from './copy-line.ts';
import { readCopy } from './read-copy.ts';

function facts(first: number, last: number): CopyLine {
  return { kind: 'facts', first, last, text: `{"record":{"record_id":"r${first}"}}` };
}

const UNDONE: CopyLine = { kind: 'undone', at: 7, runs: ['3@1700000000000', '4@1700000000001'] };

test.each([[facts(1, 4)], [UNDONE]])('a line is read as it was written: %j', (line) => {
  const text = writeCopyLine(line);
  expect(text.endsWith('\n')).toBe(true);
  expect(readCopyLine(text.trimEnd())).toEqual(line);
});

test('G19: a line that was cut short or changed anywhere counts for nothing', () => {
  const text = writeCopyLine(facts(12, 14)).trimEnd();
  for (let at = 0; at < text.length; at += 1) {
    expect(readCopyLine(text.slice(0, at))).toBeUndefined();
    expect(readCopyLine(`${text.slice(0, at)}#${text.slice(at + 1)}`)).toBeUndefined();
  }
});

function place(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'filrouge-consents-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const written = (...lines: readonly CopyLine[]): string => lines.map(writeCopyLine).join('');

test('what is newer than a ledger is read from all files, whoever wrote them, in order', async () => {
  const directory = place({
    'consents-000000000001-aa.log': written(facts(1, 3), facts(4, 4)),
    'consents-000000000005-bb.log': written(UNDONE, facts(5, 9)),
    // A second server, that told some of it too.
    'consents-000000000005-cc.log': written(facts(5, 9), facts(10, 11)),
    'notes.txt': 'x',
  });
  const held = await readCopy(directory, 4);
  expect(held.last).toBe(11);
  expect(held.facts.map(({ first }) => first)).toEqual([5, 5, 10]);
  expect(held.at).toMatchObject({ first: 4 });
  expect(held.undone).toEqual(UNDONE.kind === 'undone' ? UNDONE.runs : []);
  expect(await readCopy(join(directory, 'nowhere'), 4)).toMatchObject({ last: 0, facts: [], undone: [], unread: [] });
});

test('G19: an end that a crash cut short is passed over, the next file tells it again', async () => {
  const torn = written(facts(1, 2), facts(3, 5));
  const directory = place({ 'consents-000000000001-aa.log': torn.slice(0, -9) });
  const path = join(directory, 'consents-000000000001-aa.log');
  expect((await readCopy(directory, 0)).last).toBe(2);
  writeFileSync(join(directory, 'consents-000000000003-bb.log'), written(facts(3, 5)));
  expect((await readCopy(directory, 0)).facts.map(({ first }) => first)).toEqual([1, 3]);
  expect(readFileSync(path, 'utf8')).toBe(torn.slice(0, -9));
});
