import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from './run-tool.ts';
import type { Stage, StageResult } from './stage.ts';

export type TestCost = 'unit' | 'int' | 'e2e';

const FLOORS: Readonly<Record<TestCost, number>> = { unit: 150, int: 15, e2e: 1 };

/** vitest over the tests of one cost. */
export function tests(cost: TestCost): Stage {
  return {
    name: cost,
    unit: 'tests',
    floor: FLOORS[cost],
    takesFilters: true,
    run: (filters) => runTests(cost, filters),
  };
}

async function runTests(cost: TestCost, filters: readonly string[]): Promise<StageResult> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'filrouge-tests-'));
  const outputFile = path.join(folder, 'results.json');
  try {
    const exitCode = await vitest([
      '--project',
      cost,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${outputFile}`,
      ...filters,
    ]);
    const { passed, failed, brokenFiles } = parseResults(await readFile(outputFile, 'utf8'));
    // A file that does not even load has no failed test in it, and an unhandled rejection belongs to none.
    const failures = failed + brokenFiles;
    const ok = exitCode === 0 && failures === 0;
    return { ok, count: passed + failed, tests: { passed, failed: ok ? 0 : Math.max(failures, 1) } };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The test runner's own output goes straight through: it is the progress people watch. */
function vitest(args: readonly string[]): Promise<number> {
  const script = path.join(root, 'node_modules/vitest/vitest.mjs');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, 'run', '--passWithNoTests', ...args], {
      cwd: root,
      stdio: 'inherit',
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

type Results = { readonly passed: number; readonly failed: number; readonly brokenFiles: number };

function parseResults(text: string): Results {
  const results = JSON.parse(text) as {
    numPassedTests: number;
    numFailedTests: number;
    testResults: { status: string; assertionResults: { status: string }[] }[];
  };
  const brokenFiles = results.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return { passed: results.numPassedTests, failed: results.numFailedTests, brokenFiles };
}
