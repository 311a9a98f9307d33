import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { belongsInCopy, listClusterFiles } from './cluster-files.ts';

/** A folder with these files, gone with the test. */
function clusterOf(files: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'filrouge-cluster-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const path of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path);
  }
  return folder;
}

test('a copy has the tables and settings, and of what a starting server makes anew the directories alone', async () => {
  const cluster = clusterOf([
    'PG_VERSION',
    'base/5/1259',
    'base/5/1259_fsm',
    'pg_wal/000000010000000000000001',
    'pg_replslot/filrouge_backup_7/state',
    'pg_xact/0000',
  ]);
  const { directories, files } = await listClusterFiles(cluster);
  expect(files.map(({ path }) => path).sort()).toEqual([
    'PG_VERSION',
    'base/5/1259',
    'base/5/1259_fsm',
    'pg_xact/0000',
  ]);
  expect(directories).toEqual(['base', 'base/5', 'pg_replslot', 'pg_wal', 'pg_xact']);
});

test.each([
  'postmaster.pid',
  'postmaster.opts',
  'backup_label',
  'tablespace_map',
  'global/pg_control',
  'base/5/pg_internal.init',
  'base/5/t3_16384',
  'base/pgsql_tmp/pgsql_tmp7.0',
  'postgresql.auto.conf.tmp',
])('what belongs to the running server is left out, or copied in its own way: %s', (path) => {
  expect(belongsInCopy(path)).toBe(false);
});

test('a table on another disk is refused: half a database must not look like a whole one', async () => {
  const cluster = clusterOf(['pg_tblspc/README']);
  symlinkSync('/nowhere', join(cluster, 'pg_tblspc', '16400'));
  await expect(listClusterFiles(cluster)).rejects.toThrow('leads to another disk');
});
