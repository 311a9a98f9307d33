// The commands of a fresh clone: sets up what is missing, then runs the target on the pinned Node.
// Plain JavaScript with nothing but Node's own modules: it runs on any Node from 20 on, before anything is installed.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { environmentWith, runInPlace } from '../packages/cli/bin/pinned-node.mjs';
import { ensureChromium } from './set-up/chromium.mjs';
import { ensureInstalled } from './set-up/install.mjs';
import { root, Stop, say } from './set-up/words.mjs';

const cli = path.join(root, 'packages/cli/src/main.ts');
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome');

/** Target name -> what the pinned Node runs with the caller's arguments. */
const targets = {
  demo: (args) => [cli, 'demo', ...args],
  test: (args) => [path.join(root, 'tools/check.ts'), ...args],
  bench: (args) => benchmark(args),
  simulate: (args) => [path.join(root, 'packages/simulator/src/main.ts'), ...args],
  sim: (args) => [path.join(root, 'packages/pipeline/src/testing/simulation/main.ts'), ...args],
  'test:published': (args) => [vitest, 'run', '--project', 'published', '--reporter=verbose', ...args],
  'test:faults': (args) => [path.join(root, 'tools/faults.ts'), ...args],
  format: (args) => [biome, 'check', '--write', ...args],
  filrouge: (args) => [cli, ...args],
  package: (args) => [path.join(root, 'tools/pack.ts'), ...args],
  sbom: (args) => [path.join(root, 'tools/sbom.ts'), ...args],
  lockfile: (args) => [path.join(root, 'tools/lockfile.ts'), ...args],
};

/** A benchmark is a file of bench/ itself; what several share lies in a folder below. */
function benchmark([name, ...rest]) {
  const folder = path.join(root, 'bench');
  const known = readdirSync(folder).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -'.ts'.length)] : []));
  if (known.includes(name)) return [path.join(folder, `${name}.ts`), ...rest];
  const mend = known.length === 0 ? 'There is none yet.' : `Name one of: ${known.sort().join(', ')}.`;
  throw new Stop(`${name === undefined ? 'no benchmark named' : `no benchmark called ${name}`}. ${mend}`, 2);
}

/** Whether the arguments of `npm test` leave the browser tests in: without --only, everything runs. */
function wantsBrowser(args) {
  const at = args.findIndex((arg) => arg === '--only' || arg.startsWith('--only='));
  if (at === -1) return true;
  const list = args[at].includes('=') ? args[at].slice('--only='.length) : (args[at + 1] ?? '');
  return list.split(',').includes('e2e');
}

async function main([name, ...args]) {
  const target = targets[name];
  if (target === undefined)
    throw new Stop(`unknown target ${name}. Name one of: ${Object.keys(targets).join(', ')}.`, 2);
  const node = await ensureInstalled();
  const env = environmentWith(node);
  if (name === 'test' && wantsBrowser(args)) env.CHROME_PATH = await ensureChromium();
  return runInPlace(node.file, target(args), { env, cwd: root });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
