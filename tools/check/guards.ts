import { runTool, type ToolRun } from './run-tool.ts';
import type { Stage, StageResult } from './stage.ts';

const FOLDERS = ['packages', 'tools', 'bench'];

/** Biome: layout, import order, file names, and the lint rules that need no types. */
export const format: Stage = {
  name: 'format',
  unit: 'files',
  floor: 220,
  takesFilters: false,
  async run() {
    const run = await runTool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '--max-diagnostics=50']);
    return report(run, /Checked (\d+) files?/);
  },
};

/** TypeScript over the whole tree, then over the domain with neither Node's types nor a browser's. */
export const types: Stage = {
  name: 'types',
  unit: 'files',
  floor: 200,
  takesFilters: false,
  async run() {
    const tree = await runTool('typescript/bin/tsc', ['-p', '.', '--listFiles']);
    const domain = await runTool('typescript/bin/tsc', ['-p', 'packages/domain', '--listFiles']);
    const ours = [tree, domain].map((run) => ownFiles(run.output));
    const [all = 0, ofDomain = 0] = ours.map((files) => files.length);
    const messages = [tree, domain].map((run) => withoutList(run.output)).join('');
    if (messages.trim() !== '') console.log(messages);
    return { ok: tree.exitCode === 0 && domain.exitCode === 0 && ofDomain > 0, count: all };
  },
};

/** oxlint with types: promises, switches, layers by name, lengths, the domain's clock. */
export const lint: Stage = {
  name: 'lint',
  unit: 'files',
  floor: 200,
  takesFilters: false,
  async run() {
    return report(await runTool('oxlint/bin/oxlint', FOLDERS), /on (\d+) files?/);
  },
};

/** dependency-cruiser: cycles and the arrows between the rooms, over resolved files. */
export const graph: Stage = {
  name: 'graph',
  unit: 'modules',
  floor: 220,
  takesFilters: false,
  async run() {
    const args = [...FOLDERS, '--config', '.dependency-cruiser.mjs'];
    return report(await runTool('dependency-cruiser/bin/dependency-cruiser.mjs', args), /(\d+) modules/);
  },
};

/** knip: files, exports and dependencies that nothing uses, and those used without being declared. */
export const deadCode: Stage = {
  name: 'dead-code',
  unit: 'files',
  floor: 200,
  takesFilters: false,
  async run() {
    const run = await runTool('knip/bin/knip.js', [
      '--no-progress',
      '--no-config-hints',
      '--preprocessor',
      './tools/check/knip-count.ts',
    ]);
    return report(run, /looked at (\d+) files/);
  },
};

/** A tool's run as a result: what it said is shown only when it is red or when its count cannot be read. */
function report(run: ToolRun, countPattern: RegExp): StageResult {
  const count = Number(countPattern.exec(run.output)?.[1] ?? 0);
  const ok = run.exitCode === 0;
  if (!ok || count === 0) console.log(run.output);
  return { ok, count };
}

function ownFiles(output: string): readonly string[] {
  return output.split('\n').filter((line) => line.endsWith('.ts') && !line.includes('/node_modules/'));
}

/** The compiler's messages without the list of files that counts them. */
function withoutList(output: string): string {
  return output
    .split('\n')
    .filter((line) => !/^\/.*\.(ts|mts|cts|json)$/.test(line))
    .join('\n');
}
