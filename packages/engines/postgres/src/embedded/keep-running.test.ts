import { setTimeout as pause } from 'node:timers/promises';
import { EngineError } from '@filrouge/ports';
import { expect, test, vi } from 'vitest';
import type { ServerProcess } from './embedded-process.ts';
import type { ServerEnd } from './judge-end.ts';
import { keepRunning, type ServerCrash } from './keep-running.ts';

const KILLED: ServerEnd = { exitCode: undefined, signal: 'SIGKILL', said: '' };
const PANICKED: ServerEnd = { exitCode: 1, signal: undefined, said: 'PANIC:  could not fsync file' };

let lastPid = 0;
function fakeServer(): ServerProcess & { readonly end: (end: ServerEnd) => void; readonly stops: () => number } {
  lastPid += 1;
  let listener: (end: ServerEnd) => void = () => undefined;
  let stops = 0;
  return {
    pid: lastPid,
    async stop() {
      stops += 1;
    },
    onExit(heard) {
      listener = heard;
    },
    end: (end) => listener(end),
    stops: () => stops,
  };
}

function keep(first: ServerProcess, start: () => Promise<ServerProcess>) {
  const crashes: ServerCrash[] = [];
  const lines: string[] = [];
  const kept = keepRunning(first, {
    start,
    onProgress: (line) => lines.push(line),
    onGivenUp: (crash) => crashes.push(crash),
    pauseMsFirst: 1,
  });
  return { kept, crashes, lines };
}

test('one that was killed is started again, and is the one that is stopped', async () => {
  const [first, second] = [fakeServer(), fakeServer()];
  const { kept, crashes, lines } = keep(first, async () => second);
  first.end(KILLED);
  await expect.poll(() => kept.pid).toBe(second.pid);
  await kept.stop();
  expect([first.stops(), second.stops(), crashes.length]).toEqual([0, 1, 0]);
  expect(lines).toEqual(['PostgreSQL ended: signal SIGKILL; it is started again in 2 ms', 'PostgreSQL runs again']);
});

test('after a PANIC it stays down, and that is told once', async () => {
  const first = fakeServer();
  const start = vi.fn<() => Promise<ServerProcess>>();
  const { crashes } = keep(first, start);
  first.end(PANICKED);
  await expect.poll(() => crashes).toEqual([{ why: expect.stringMatching(/disk/), logTail: PANICKED.said }]);
  expect(start).not.toHaveBeenCalled();
});

test('starts that fail are tried with growing pauses, then it is given up', async () => {
  const first = fakeServer();
  const start = vi.fn<() => Promise<ServerProcess>>(async () => {
    throw new EngineError('unavailable', 'it does not start');
  });
  const { crashes, lines } = keep(first, start);
  first.end(KILLED);
  await expect.poll(() => crashes.length, { timeout: 5_000 }).toBe(1);
  expect(crashes[0]).toEqual({ why: 'signal SIGKILL; 8 starts did not help', logTail: 'it does not start' });
  expect(start).toHaveBeenCalledTimes(7);
  expect(lines.map((line) => / (\d+) ms/.exec(line)?.[1])).toEqual(['2', '4', '8', '16', '32', '64', '128']);
});

test('a server that ends as soon as it runs is given up too', async () => {
  const first = fakeServer();
  let last = first;
  const { crashes } = keep(first, async () => {
    last = fakeServer();
    return last;
  });
  for (let at = 0; crashes.length === 0 && at < 100; at += 1) {
    const ending = last;
    ending.end(KILLED);
    await expect.poll(() => last !== ending || crashes.length > 0, { timeout: 5_000 }).toBe(true);
  }
  expect(crashes).toHaveLength(1);
});

test('a disk that has no space is not waited for', async () => {
  const first = fakeServer();
  const { crashes } = keep(first, async () => {
    throw new EngineError('disk-full', 'PostgreSQL did not start: No space left on device');
  });
  first.end(KILLED);
  await expect.poll(() => crashes.length).toBe(1);
  expect(crashes[0]).toMatchObject({ why: 'signal SIGKILL, and it cannot be started' });
});

test('a stop in the middle of a start ends what was started', async () => {
  const [first, second] = [fakeServer(), fakeServer()];
  const starting = Promise.withResolvers<ServerProcess>();
  const { kept, crashes } = keep(first, () => starting.promise);
  first.end(KILLED);
  await pause(20);
  const stopped = kept.stop();
  starting.resolve(second);
  await stopped;
  expect([second.stops(), crashes.length]).toEqual([1, 0]);
});
