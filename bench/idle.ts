import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { printFigure } from './shared/print-figure.ts';
import { processTree, sumOf } from './shared/process-tree.ts';

/**
 * `filrouge start` in an empty directory and again, until it says `ready`; then what the whole process tree takes of a
 * core while nobody asks anything: `npm run bench -- idle [SECONDS]`, 60 by default, after as long a warm-up. The
 * baseline of a start is Node's own start; of idling, a Node process that only listens on a port.
 */
const SECONDS = Number(process.argv[2] ?? 60);
const CLI = fileURLToPath(new URL('../packages/cli/bin/filrouge.mjs', import.meta.url));
const LISTENER = "require('node:http').createServer().listen(0, '127.0.0.1', () => console.log('ready'))";

const directory = await mkdtemp(join(tmpdir(), 'filrouge-bench-idle-'));
try {
  await promisify(execFile)(process.execPath, [CLI, 'init'], { cwd: directory });
  const bare = await start(['-e', LISTENER]);
  const first = await start([CLI, 'start']);
  await stop(first.child);
  const later = await start([CLI, 'start']);
  const bench = 'idle';
  const seconds = { unit: 's', baseline: bare.seconds, atMost: true } as const;
  printFigure({ bench, metric: 'start, first time', value: first.seconds, goal: 15, ...seconds });
  printFigure({ bench, metric: 'start, later', value: later.seconds, goal: 4, ...seconds });
  await wait(SECONDS * 1_000);
  const [of, ofBare] = [later.child.pid ?? 0, bare.child.pid ?? 0];
  const before = [await processTree(of), await processTree(ofBare)] as const;
  const began = performance.now();
  await wait(SECONDS * 1_000);
  const after = [await processTree(of), await processTree(ofBare)] as const;
  const elapsed = performance.now() - began;
  const share = (at: 0 | 1): number => (100 * (sumOf(after[at], 'cpuMs') - sumOf(before[at], 'cpuMs'))) / elapsed;
  printFigure({
    bench,
    metric: 'idle, whole process tree',
    value: share(0),
    unit: '% of a core',
    goal: 2,
    atMost: true,
  });
  printFigure({ bench, metric: 'idle, a bare listener', value: share(1), unit: '% of a core' });
  for (const one of after[0]) {
    const cpu = one.cpuMs - (before[0].find(({ pid }) => pid === one.pid)?.cpuMs ?? 0);
    if (cpu > 0) process.stderr.write(`${one.name} ${one.pid}: ${cpu} ms of ${Math.round(elapsed)}\n`);
  }
  const memory = sumOf(after[0], 'pssBytes') / 1e6;
  printFigure({
    bench,
    metric: 'memory, empty installation',
    value: memory,
    unit: 'MB of PSS',
    baseline: sumOf(after[1], 'pssBytes') / 1e6,
  });
  await stop(later.child);
  await stop(bare.child);
} finally {
  await rm(directory, { recursive: true, force: true });
}

/** Starts Node with these arguments and answers once it said `ready`. */
async function start(args: readonly string[]): Promise<{ readonly child: ChildProcess; readonly seconds: number }> {
  const began = performance.now();
  const env = { ...process.env, FILROUGE_PORT: '0', FILROUGE_DATA_DIR: join(directory, 'data') };
  const child = spawn(process.execPath, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('ready')) resolve();
    });
    child.once('exit', () => reject(new Error(`${args.join(' ')} ended before it was ready`)));
  });
  return { child, seconds: (performance.now() - began) / 1_000 };
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
}
