import { afterAll, beforeAll, expect, test } from 'vitest';
import { runTool } from '../check/run-tool.ts';
import { buildBadHouse } from './bad-house.ts';

let house: Awaited<ReturnType<typeof buildBadHouse>>;
beforeAll(async () => {
  house = await buildBadHouse();
});
afterAll(() => house.close());

/** `file: rule`, sorted: what a guard found, and nothing it should have left alone. */
function found(faults: readonly { readonly file: string; readonly rule: string }[]): readonly string[] {
  return faults.map(({ file, rule }) => `${file.replace(/^packages\//, '')}: ${rule}`).sort();
}

test('oxlint finds each planted fault, and nothing else', { timeout: 60_000 }, async () => {
  const run = await runTool('oxlint/bin/oxlint', ['packages', '-f', 'json'], house.folder);
  const { diagnostics } = JSON.parse(run.output) as { diagnostics: { filename: string; code: string }[] };
  expect(run.exitCode).toBe(1);
  expect(found(diagnostics.map(({ filename, code }) => ({ file: filename, rule: code })))).toEqual([
    'cli/src/main.ts: eslint(no-restricted-imports)',
    'domain/src/clock/chance.ts: eslint(no-restricted-properties)',
    'domain/src/clock/index.ts: eslint(no-restricted-properties)',
    'domain/src/cycle/egg.ts: import(no-cycle)',
    'domain/src/cycle/hen.ts: import(no-cycle)',
    'domain/src/files/index.ts: eslint(no-restricted-imports)',
    'engines/postgres/src/index.ts: eslint(no-restricted-imports)',
    'pipeline/src/any.ts: typescript(no-explicit-any)',
    'pipeline/src/default-export.ts: import(no-default-export)',
    'pipeline/src/floating.ts: typescript(no-floating-promises)',
    'pipeline/src/focused.test.ts: vitest(no-disabled-tests)',
    'pipeline/src/focused.test.ts: vitest(no-focused-tests)',
    'pipeline/src/long-file.ts: eslint(max-lines)',
    'pipeline/src/long-function.ts: eslint(max-lines-per-function)',
    'pipeline/src/misused.ts: typescript(no-misused-promises)',
    'pipeline/src/switch.ts: typescript(switch-exhaustiveness-check)',
    'pipeline/src/uses-server.ts: eslint(no-restricted-imports)',
    'pipeline/src/uses-testing.ts: eslint(no-restricted-imports)',
    'server/src/borrows.ts: eslint(no-restricted-imports)',
    'server/src/http.ts: eslint(no-restricted-imports)',
    'simulator/src/index.ts: eslint(no-restricted-imports)',
    'wire/src/index.ts: eslint(no-restricted-imports)',
  ]);
});

test('dependency-cruiser finds each planted arrow, and nothing else', { timeout: 60_000 }, async () => {
  const script = 'dependency-cruiser/bin/dependency-cruiser.mjs';
  const run = await runTool(script, ['packages', '--config', '.dependency-cruiser.mjs', '-T', 'json'], house.folder);
  const { summary } = JSON.parse(run.output) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  expect(found(summary.violations.map(({ from, rule }) => ({ file: from, rule: rule.name })))).toEqual([
    'cli/src/main.ts: layer-cli',
    'domain/src/cycle/egg.ts: no-cycle',
    'domain/src/files/index.ts: domain-without-packages',
    'engines/postgres/src/index.ts: engines-apart',
    'engines/postgres/src/index.ts: layer-engines-postgres',
    'engines/postgres/src/sideways.int.test.ts: engines-apart',
    'pipeline/src/leads-nowhere.ts: unresolved',
    'pipeline/src/uses-server.ts: layer-pipeline',
    'pipeline/src/uses-testing.ts: no-testing-in-production',
    'server/src/borrows.ts: no-import-of-tests',
    'server/src/http.ts: engines-by-compose',
    'simulator/src/index.ts: layer-simulator',
    'wire/src/index.ts: layer-wire',
    'wire/src/reaches-inside.ts: no-inside-of-another-package',
  ]);
});

test('the domain compiles with no type of Node in sight', { timeout: 60_000 }, async () => {
  const run = await runTool('typescript/bin/tsc', ['-p', 'packages/domain'], house.folder);
  const faults = [...run.output.matchAll(/(\S+)\(\d+,\d+\): error (TS\d+)/g)].map(([, file = '', rule = '']) => ({
    file,
    rule,
  }));
  expect(found(faults)).toEqual(['domain/src/clock/of-node.ts: TS2591', 'domain/src/files/index.ts: TS2591']);
});

test('biome finds the file badly named and badly laid out', { timeout: 60_000 }, async () => {
  const run = await runTool('@biomejs/biome/bin/biome', ['check', 'packages/wire', '--reporter=github'], house.folder);
  expect(run.exitCode).toBe(1);
  expect(run.output).toMatch(/useFilenamingConvention,file=\S*packages\/wire\/src\/camelCase\.ts/);
  expect(run.output).toMatch(/title=format,file=\S*packages\/wire\/src\/camelCase\.ts/);
});

test('knip finds the file nobody uses and the package nobody declared', { timeout: 60_000 }, async () => {
  const run = await runTool(
    'knip/bin/knip.js',
    ['--no-progress', '--no-config-hints', '--reporter', 'json'],
    house.folder,
  );
  expect(run.exitCode).toBe(1);
  const { issues } = JSON.parse(run.output) as {
    issues: { file: string; files: unknown[]; unlisted: { name: string }[] }[];
  };
  expect(issues.filter((issue) => issue.files.length > 0).map((issue) => issue.file)).toContain(
    'packages/pipeline/src/any.ts',
  );
  const undeclared = issues.flatMap((issue) => issue.unlisted.map(({ name }) => `${issue.file}: ${name}`));
  expect(undeclared).toContain('packages/wire/src/index.ts: @filrouge/ports');
});
