import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { getProfile } from './ingest/live.ts';
import { sendLoad } from './ingest/load.ts';
import { printFigure, quantile } from './shared/print-figure.ts';
import { type ProcessUse, processTree } from './shared/process-tree.ts';

/**
 * What one look at a profile costs where nothing else is done: the processors' time in the server's process and in
 * PostgreSQL, which other work on the machine moves little, and how long a look takes when there is one at a time.
 */
const READS = Number(process.env['BENCH_READS'] ?? '5000');
const VISITORS = 2_000;
const AT_ONCE = 8;

type Started = { readonly url: string; readonly keys: { readonly web: string }; readonly token: string };

const child = fork(new URL('./ingest/server-child.ts', import.meta.url), {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  env: { ...process.env, BENCH_ROLES: 'collect,work,api' },
});
const [{ url, keys, token }] = (await once(child, 'message')) as [Started];
await sendLoad({ url, key: keys.web, batch: 100, items: 20_000, connections: 8, visitors: VISITORS, run: 'warm' });
child.send({ do: 'drain' });
await once(child, 'message');

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
let next = 0;
/** Answers how long each took. Unit: ms. */
async function read(count: number, atOnce: number): Promise<readonly number[]> {
  const until = next + count;
  const took: number[] = [];
  const reader = async (): Promise<void> => {
    while (next < until) {
      const visitor = `v${(next++ * 7_919) % VISITORS}`;
      const began = performance.now();
      await getProfile(agent, { url, token }, visitor);
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return took;
}

/** Processors' time of the server's own process, and of PostgreSQL. Unit: ms. */
function cpuOf(
  tree: readonly ProcessUse[],
  { pid }: ChildProcess,
): { readonly server: number; readonly postgres: number } {
  const sum = (some: readonly ProcessUse[]): number => some.reduce((total, { cpuMs }) => total + cpuMs, 0);
  return {
    server: sum(tree.filter((one) => one.pid === pid)),
    postgres: sum(tree.filter(({ name }) => name.startsWith('postgres'))),
  };
}

await read(1_000, AT_ONCE);
for (const atOnce of [AT_ONCE, 1]) {
  const before = cpuOf(await processTree(child.pid as number), child);
  const took = await read(READS, atOnce);
  const after = cpuOf(await processTree(child.pid as number), child);
  for (const part of ['server', 'postgres'] as const) {
    const value = (after[part] - before[part]) / READS;
    printFigure({ bench: 'reads', metric: `CPU of a read, ${part}, ${atOnce} at once`, value, unit: 'ms' });
  }
  for (const share of [0.5, 0.99]) {
    const metric = `profile read, ${atOnce} at once, p${share * 100}`;
    printFigure({ bench: 'reads', metric, value: quantile(took, share), unit: 'ms' });
  }
}
agent.destroy();
const ended = once(child, 'exit');
child.disconnect();
await ended;
