import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { sendLoad } from './ingest/load.ts';
import { sendTickets } from './projection/load-tickets.ts';
import { printFigure } from './shared/print-figure.ts';
import { processTree } from './shared/process-tree.ts';

/**
 * What projecting a backlog costs, and how it is shared among the processes: `npm run bench -- projection [WHAT] [ITEMS]`.
 * WHAT: `web` (events of ITEMS / 10 visitors), `tickets` (a file of tickets of ITEMS / 3 customers), or `undo` (the same
 * file, projected and then taken back). CPU an item stands on stderr, by process; rates are those of the machine.
 */
const [what = 'web', count = '100000'] = process.argv.slice(2);
const ITEMS = Number(count);

type Drained = { readonly ms: number; readonly ranges: number };

const child = fork(new URL('./ingest/server-child.ts', import.meta.url), {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
const [ready] = (await once(child, 'message')) as [{ url: string; keys: { web: string; server: string } }];
let run: number | undefined;
if (what === 'web') {
  const load = { batch: 100, items: ITEMS, connections: 16, visitors: Math.ceil(ITEMS / 10), run: 'p' };
  await sendLoad({ ...load, url: ready.url, key: ready.keys.web });
} else run = await sendTickets({ url: ready.url, key: ready.keys.server, tickets: ITEMS });
process.stderr.write(`${ITEMS} taken\n`);
await measured(what === 'web' ? 'events projected' : 'tickets projected', { do: 'drain' }, 12_000);
if (what === 'undo') await measured('tickets taken back', { do: 'undo', run });
const ended = once(child, 'exit');
child.disconnect();
await ended;

async function measured(metric: string, order: object, goal?: number): Promise<void> {
  const before = await cpuOf(child);
  child.send(order);
  const [{ ms, ranges }] = (await once(child, 'message')) as [Drained];
  const after = await cpuOf(child);
  const value = ITEMS / (ms / 1_000);
  printFigure({ bench: 'projection', metric, value, unit: 'items/s', ...(goal === undefined ? {} : { goal }) });
  const shares = [...after].map(([name, cpuMs]) => `${name} ${us(cpuMs - (before.get(name) ?? 0))}`);
  process.stderr.write(`${ranges} ranges; us of CPU an item: ${shares.join(', ')}\n`);
}

function us(cpuMs: number): string {
  return ((cpuMs * 1_000) / ITEMS).toFixed(1);
}

/** By part: the server's own process, the embedded ClickHouse beside it, and all of PostgreSQL's. */
async function cpuOf({ pid }: ChildProcess): Promise<ReadonlyMap<string, number>> {
  const shares = new Map<string, number>();
  for (const one of await processTree(pid ?? 0)) {
    const part = one.pid === pid ? 'server' : one.name.startsWith('postgres') ? 'PostgreSQL' : 'ClickHouse';
    shares.set(part, (shares.get(part) ?? 0) + one.cpuMs);
  }
  return shares;
}
