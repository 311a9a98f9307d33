import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { sendLoad } from './ingest/load.ts';
import { printFigure } from './shared/print-figure.ts';
import { processTree, sumOf } from './shared/process-tree.ts';

/**
 * Memory of the whole process tree (PSS) while EVENTS are taken, while they are projected, and afterwards, and how fast
 * a backlog of that size is drained: `npm run bench -- memory [EVENTS]`, 1,000,000 by default, of EVENTS / 10 visitors.
 * The baseline is the memory of the tree before the first event.
 */
const EVENTS = Number(process.argv[2] ?? 1_000_000);
const LOAD = 50_000;
const SAMPLED_EVERY_MS = 1_000;
const MEGABYTE = 1e6;

const child = fork(new URL('./ingest/server-child.ts', import.meta.url), {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
const [ready] = (await once(child, 'message')) as [{ url: string; keys: { web: string } }];
const bench = 'memory';
const empty = await memoryOf(child);
const mb = { unit: 'MB of PSS', baseline: empty, goal: 1_500, atMost: true } as const;

const taking = watchMemory(child);
const began = performance.now();
for (let sent = 0; sent < EVENTS; sent += LOAD) {
  const items = Math.min(LOAD, EVENTS - sent);
  const load = { batch: 100, items, connections: 16, visitors: Math.ceil(EVENTS / 10), run: `m${sent}` };
  const { itemsPerSecond } = await sendLoad({ ...load, url: ready.url, key: ready.keys.web });
  process.stderr.write(`${sent + items} taken, ${Math.round(itemsPerSecond)}/s\n`);
}
const takenIn = (performance.now() - began) / 1_000;
printFigure({ bench, metric: 'most while events are taken', value: await taking(), ...mb });
printFigure({ bench, metric: 'taken, bodies made on the same cores', value: EVENTS / takenIn, unit: 'events/s' });

const draining = watchMemory(child);
child.send({ do: 'drain' });
const [drained] = (await once(child, 'message')) as [{ ms: number; cpuMs: number }];
printFigure({ bench, metric: 'most while they are projected', value: await draining(), ...mb });
printFigure({ bench, metric: 'backlog drained', value: EVENTS / (drained.ms / 1_000), unit: 'events/s', goal: 12_000 });
process.stderr.write(`${Math.round((drained.cpuMs * 1_000) / EVENTS)} us of the server's CPU an event\n`);
for (const { name, pid, pssBytes } of await processTree(child.pid ?? 0)) {
  if (pssBytes > 20 * MEGABYTE) process.stderr.write(`${name} ${pid}: ${Math.round(pssBytes / MEGABYTE)} MB\n`);
}
printFigure({ bench, metric: 'afterwards', value: await memoryOf(child), ...mb });
const ended = once(child, 'exit');
child.disconnect();
await ended;

async function memoryOf({ pid }: ChildProcess): Promise<number> {
  return sumOf(await processTree(pid ?? 0), 'pssBytes') / MEGABYTE;
}

/** Samples until it is called: then the most that was seen. */
function watchMemory(of: ChildProcess): () => Promise<number> {
  let most = 0;
  let sampling = Promise.resolve();
  const timer = setInterval(() => {
    sampling = sampling.then(async () => {
      most = Math.max(most, await memoryOf(of));
    });
  }, SAMPLED_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await sampling;
    return Math.max(most, await memoryOf(of));
  };
}
