import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { sendLoad } from './ingest/load.ts';

/**
 * What the door takes and what the projector drains, beside the bare limit measured in the same run on the same cores
 * (the load generator included). Rounds: BENCH_ROUNDS (default 3), the median is printed.
 */
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? '3');
const ITEMS = Number(process.env['BENCH_ITEMS'] ?? '60000');
const VISITORS = 10_000;

type Line = {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: number;
  readonly goal?: number;
};

function print({ metric, value, unit, baseline, goal }: Line): void {
  const ratio = baseline === undefined ? null : value / baseline;
  const met = goal === undefined ? null : value >= goal;
  const line = {
    bench: 'ingest',
    metric,
    value: round(value),
    unit,
    baseline: round(baseline),
    ratio: round(ratio),
    goal: goal ?? null,
    met,
  };
  console.log(JSON.stringify(line));
}

function round(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Math.round(value * 100) / 100;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function start(program: URL): Promise<{ child: ChildProcess; url: string; keys: { web: string } }> {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [ready] = (await once(child, 'message')) as [{ url: string; keys?: { web: string } }];
  return { child, url: ready.url, keys: ready.keys ?? { web: 'bare' } };
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
    const limit = await sendLoad({ ...load, url: bare.url, key: bare.keys.web });
    const ours = await sendLoad({ ...load, url: server.url, key: server.keys.web });
    note(`bare ${name}`, limit.itemsPerSecond);
    note(`accepted ${name}`, ours.itemsPerSecond);
    note(`p99 ${name}`, ours.p99Ms);
    console.error(
      `round ${roundNumber + 1}: ${name}: bare ${Math.round(limit.itemsPerSecond)}/s, accepted ${Math.round(ours.itemsPerSecond)}/s (p50 ${ours.p50Ms.toFixed(1)} ms, p99 ${ours.p99Ms.toFixed(1)} ms)`,
    );
  }
}
const backlog = ROUNDS * (ITEMS + Math.ceil(ITEMS / 6));
server.child.send({ do: 'drain' });
const [drained] = (await once(server.child, 'message')) as [{ ms: number; cpuMs: number }];
console.error(
  `drained ${backlog} in ${Math.round(drained.ms)} ms, ${(drained.cpuMs * 1_000) / backlog} us of this process's CPU an item`,
);

const of = (name: string): number => median(figures[name] ?? []);
for (const [name, goal] of [
  ['batches of 100', 20_000],
  ['one by one', 4_000],
] as const) {
  print({
    metric: `accepted, ${name}`,
    value: of(`accepted ${name}`),
    unit: 'items/s',
    baseline: of(`bare ${name}`),
    goal,
  });
  print({ metric: `bare limit, ${name}`, value: of(`bare ${name}`), unit: 'items/s' });
  print({ metric: `answer p99, ${name}`, value: of(`p99 ${name}`), unit: 'ms' });
}
print({
  metric: 'projected, backlog',
  value: backlog / (drained.ms / 1_000),
  unit: 'items/s',
  baseline: of('bare batches of 100'),
  goal: 12_000,
});
await stop(bare.child);
await stop(server.child);
