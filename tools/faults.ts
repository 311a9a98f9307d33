// `npm run test:faults`: real processes that are killed, starved and lied to. It takes minutes, wants root, strace and
// libfaketime on Linux, and is no part of `npm test`. On stdout one JSON line for each goal, the rest on stderr.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from './check/run-tool.ts';
import type { FaultRow } from './faults/table.ts';

async function run(filters: readonly string[]): Promise<boolean> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'filrouge-faults-'));
  try {
    const file = path.join(folder, 'table.ndjson');
    const exitCode = await vitest(file, filters);
    const lines = (await readFile(file, 'utf8').catch(() => '')).trim();
    const rows = lines === '' ? [] : lines.split('\n').map((line) => JSON.parse(line) as FaultRow);
    if (rows.length > 0) console.log(rows.map((row) => JSON.stringify(row)).join('\n'));
    if (rows.length > 0)
      console.error(['goal | tried | lost | duplicated | leaked | measured', ...rows.map(told)].join('\n'));
    return exitCode === 0 && rows.every(({ met }) => met);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function told({ goal, tried, of, lost, duplicated, leaked, measured, met }: FaultRow): string {
  return [goal, `${tried} ${of}`, lost, duplicated, leaked, `${measured}${met ? '' : ' (not met)'}`].join(' | ');
}

function vitest(table: string, filters: readonly string[]): Promise<number> {
  const script = path.join(root, 'node_modules/vitest/vitest.mjs');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, 'run', '--project', 'faults', '--reporter=verbose', ...filters], {
      cwd: root,
      env: { ...process.env, FILROUGE_FAULTS_TABLE: table },
      // What the test runner says is progress: stdout is for the table.
      stdio: ['inherit', 2, 2],
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

process.exitCode = (await run(process.argv.slice(2))) ? 0 : 1;
