import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BackupWriter } from './backup-writer.ts';
import { openBackup, verifyBackup } from './verify-backup.ts';

const ABOUT = {
  madeAt: '2026-11-22T10:00:00.000Z',
  postgres: { version: '18.4', startedAt: '0/2000028', stoppedAt: '0/2000158' },
  journal: { from: 0, to: 0 },
  ledger: { from: 0, to: 0 },
  prunedUpTo: 0,
  keys: { fingerprint: 'f', buckets: [1] },
};
const NEVER = new AbortController().signal;

/** A small backup, in a folder that goes with the test. */
async function smallBackup(): Promise<{ readonly folder: string; readonly directory: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'filrouge-backup-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const directory = join(folder, 'one');
  const writer = await BackupWriter.open(`${directory}.part`, directory);
  const sink = writer.below('postgres');
  await sink.directory('cluster/pg_twophase');
  writeFileSync(join(folder, 'table'), Buffer.alloc(2_500_000, 7));
  expect(await sink.file('cluster/table', join(folder, 'table'))).toBe(2_500_000);
  expect(await sink.file('cluster/dropped', join(folder, 'dropped'))).toBeUndefined();
  await sink.bytes('cluster/backup_label', Buffer.from('label'));
  await sink.directory('cluster/gone');
  await sink.bytes('cluster/gone/part', Buffer.from('part'));
  await sink.drop('cluster/gone');
  expect(readdirSync(folder), 'nothing under its name before it is whole').not.toContain('one');
  await writer.finish(ABOUT);
  return { folder, directory };
}

async function damagesOf(directory: string) {
  const { damages } = await verifyBackup({ directory, signal: NEVER, onChecked: () => undefined });
  return damages.map(({ path, damage }) => `${damage} ${path}`).sort();
}

test('a backup is whole under its name, what was dropped is not in it, and empty directories are', async () => {
  const { folder, directory } = await smallBackup();
  expect(readdirSync(folder).sort()).toEqual(['one', 'table']);
  const { files, directories } = await openBackup(directory);
  expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([
    ['postgres/cluster/backup_label', 5],
    ['postgres/cluster/table', 2_500_000],
  ]);
  expect(directories).toEqual(['postgres/cluster/pg_twophase']);
  expect(await damagesOf(directory)).toEqual([]);
});

test('G19: whatever is missing, cut short, changed, or too much is named', async () => {
  const { directory } = await smallBackup();
  const cluster = join(directory, 'postgres', 'cluster');
  writeFileSync(join(cluster, 'table'), Buffer.alloc(2_500_000, 8));
  truncateSync(join(cluster, 'backup_label'), 3);
  rmSync(join(cluster, 'pg_twophase'), { recursive: true });
  mkdirSync(join(cluster, 'base'));
  writeFileSync(join(cluster, 'base', 'more'), 'x');
  expect(await damagesOf(directory)).toEqual([
    'missing postgres/cluster/pg_twophase',
    'other-content postgres/cluster/table',
    'other-size postgres/cluster/backup_label',
    'unexpected postgres/cluster/base',
    'unexpected postgres/cluster/base/more',
  ]);
});

test('a directory that is none, and one whose manifest was touched, are told apart', async () => {
  const { folder, directory } = await smallBackup();
  await expect(openBackup(join(folder, 'nowhere'))).rejects.toThrow('there is no directory');
  await expect(openBackup(folder)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('is no backup'),
  });
  appendFileSync(join(directory, 'manifest.json'), ' ');
  await expect(openBackup(directory)).rejects.toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('is damaged'),
  });
});
