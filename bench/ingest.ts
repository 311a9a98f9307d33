import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { runLive } from './ingest/live.ts';
import { sendLoad } from './ingest/load.ts';
import { printFigure, quantile } from './shared/print-figure.ts';

/**
 * What the door takes and what the projector drains, beside the bare limit measured in the same run on the same cores
 * (the load generator included). Rounds: BENCH_ROUNDS (default 5), the median is printed. Then a second server, which
 * projects as it takes, under steady traffic, with profiles read beside it.
 */
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? '5');
const ITEMS = Number(process.env['BENCH_ITEMS'] ?? '60000');
/** Items that wait to be projected when the draining begins; those of the rounds count. */
const BACKLOG = Number(process.env['BENCH_BACKLOG'] ?? '1000000');
const VISITORS = 10_000;
const LIVE_SECONDS = Number(process.env['BENCH_LIVE_SECONDS'] ?? '20');

type Started = { readonly child: ChildProcess; readonly url: string; readonly key: string; readonly token: string };

async function start(program: URL, roles?: string): Promise<Started> {
  const env = roles === undefined ? process.env : { ...process.env, BENCH_ROLES: roles };
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env });
  const [ready] = (await once(child, 'message')) as [{ url: string; keys?: { web: string }; token?: string }];
  return { child, url: ready.url, key: ready.keys?.web ?? 'bare', token: ready.token ?? '' };
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

const bare = await start(new URL('./ingest/bare-child.ts', import.meta.url));
const server = await start(new URL('./ingest/server-child.ts', import.meta.url));
const figures: Record<string, number[]> = {};
const note = (name: string, value: number): void => {
  figures[name] = [...(figures[name] ?? []), value];
};

for (let roundNumber = 0; roundNumber < ROUNDS; roundNumber += 1) {
  for (const [name, batch, items, connections] of [
    ['batches of 100', 100, ITEMS, 32],
    ['one by one', 1, Math.ceil(ITEMS / 6), 64],
  ] as const) {
    const load = { batch, items, connections, visitors: VISITORS, run: `${name[0]}${roundNumber}` };
    const limit = await sendLoad({ ...load, url: bare.url, key: bare.key });
    const ours = await sendLoad({ ...load, url: server.url, key: server.key });
    note(`bare ${name}`, limit.itemsPerSecond);
    note(`accepted ${name}`, ours.itemsPerSecond);
    note(`p99 ${name}`, ours.p99Ms);
    console.error(
      `round ${roundNumber + 1}: ${name}: bare ${Math.round(limit.itemsPerSecond)}/s, accepted ${Math.round(ours.itemsPerSecond)}/s (p50 ${ours.p50Ms.toFixed(1)} ms, p99 ${ours.p99Ms.toFixed(1)} ms)`,
    );
  }
}
const taken = ROUNDS * (ITEMS + Math.ceil(ITEMS / 6));
const backlog = Math.max(taken, BACKLOG);
for (let sent = taken; sent < backlog; sent += ITEMS) {
  const items = Math.min(ITEMS, backlog - sent);
  const load = { batch: 100, items, connections: 32, visitors: BACKLOG / 10, run: `backlog${sent}` };
  await sendLoad({ ...load, url: server.url, key: server.key });
}
server.child.send({ do: 'drain' });
const [drained] = (await once(server.child, 'message')) as [{ ms: number; cpuMs: number }];
console.error(
  `drained ${backlog} in ${Math.round(drained.ms)} ms, ${(drained.cpuMs * 1_000) / backlog} us of this process's CPU an item`,
);

const of = (name: string): number => quantile(figures[name] ?? [], 0.5);
for (const [name, goal] of [
  ['batches of 100', 20_000],
  ['one by one', 4_000],
] as const) {
  printFigure({
    bench: 'ingest',
    metric: `accepted, ${name}`,
    value: of(`accepted ${name}`),
    unit: 'items/s',
    baseline: of(`bare ${name}`),
    goal,
  });
  const share = of(`accepted ${name}`) / of(`bare ${name}`);
  printFigure({ bench: 'ingest', metric: `share of the bare limit, ${name}`, value: share, unit: '', goal: 0.4 });
  printFigure({ bench: 'ingest', metric: `bare limit, ${name}`, value: of(`bare ${name}`), unit: 'items/s' });
  printFigure({ bench: 'ingest', metric: `answer p99, ${name}`, value: of(`p99 ${name}`), unit: 'ms' });
}
printFigure({
  bench: 'ingest',
  metric: 'projected, backlog',
  value: backlog / (drained.ms / 1_000),
  unit: 'items/s',
  baseline: of('bare batches of 100'),
  goal: 12_000,
});
await stop(bare.child);
await stop(server.child);

const live = await start(new URL('./ingest/server-child.ts', import.meta.url), 'collect,work,api');
const visitors = 2_000;
await sendLoad({ url: live.url, key: live.key, batch: 100, items: 20_000, connections: 8, visitors, run: 'warm' });
live.child.send({ do: 'drain' });
await once(live.child, 'message');
const steady = { ...live, seconds: LIVE_SECONDS, visitors };
const fast = await runLive(live.child, { ...steady, itemsPerSecond: 4_000, readsPerSecond: 0, run: 'fast' });
printFigure({ bench: 'ingest', metric: 'live, taken', value: fast.itemsPerSecond, unit: 'items/s', goal: 3_960 });
printFigure({ bench: 'ingest', metric: 'live, lag p99', value: fast.lagP99Ms, unit: 'ms', goal: 2_000, atMost: true });
// The first reads compile their code and their plans: a server that was just started, not one that works.
await runLive(live.child, { ...steady, seconds: 5, itemsPerSecond: 2_000, readsPerSecond: 200, run: 'read-first' });
const read = await runLive(live.child, { ...steady, itemsPerSecond: 2_000, readsPerSecond: 200, run: 'read' });
printFigure({ bench: 'ingest', metric: 'profile read under 2,000 items/s, p50', value: read.readP50Ms, unit: 'ms' });
printFigure({
  bench: 'ingest',
  metric: 'profile read under 2,000 items/s, p99',
  value: read.readP99Ms,
  unit: 'ms',
  goal: 20,
  atMost: true,
});
await stop(live.child);
