import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireDirectoryLock } from './directory-lock.ts';
import { ownIdentity, startTimeOf, whereRuns } from './process-identity.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'filrouge-lock-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const acquire = () => acquireDirectoryLock(directory, () => undefined);

async function leaveClaim(claim: object | string, ageMs: number, within = directory): Promise<void> {
  const path = join(within, 'locks', 'left.json');
  await mkdir(join(within, 'locks'), { recursive: true });
  await writeFile(path, typeof claim === 'string' ? claim : JSON.stringify({ host: 'h', holding: true, ...claim }));
  const then = new Date(Date.now() - ageMs);
  await utimes(path, then, then);
}

test('the holder keeps the others out until it lets go', async () => {
  const first = await acquire();
  expect(first.ok).toBe(true);
  expect(await acquire()).toMatchObject({ ok: false, refusal: { pid: process.pid } });
  if (first.ok) await first.value.release();
  const again = await acquire();
  expect(again.ok).toBe(true);
  if (again.ok) await again.value.release();
  expect(await readdir(join(directory, 'locks'))).toEqual([]);
});

test('of starters that come at once, exactly one gets the directory', async () => {
  const answers = await Promise.all([acquire(), acquire(), acquire()]);
  const holders = answers.filter((answer) => answer.ok);
  expect(holders).toHaveLength(1);
  for (const holder of holders) await holder.value.release();
});

test.each([
  ['a pid that is no more', { ...ownIdentity(), pid: 2 ** 22 + 1 }, 0],
  ['a pid that now is another process', { ...ownIdentity(), startedAt: '1' }, 0],
  ['another container, silent for 16 s', { pid: 1, startedAt: '1', space: 'another' }, 16_000],
  ['a file cut short by a power failure 16 s ago', '', 16_000],
])('a dead claim does not hold: %s', async (_why, claim, ageMs) => {
  await leaveClaim(claim, ageMs);
  const lock = await acquire();
  expect(lock.ok).toBe(true);
  if (lock.ok) await lock.value.release();
});

test('a claim of another container that gave a sign of life holds, and is waited for', async () => {
  await leaveClaim({ pid: 1, startedAt: '1', space: 'another' }, 13_000);
  const lines: string[] = [];
  const lock = await acquireDirectoryLock(directory, (line) => lines.push(line));
  expect(lines[0]).toBe('waiting for a sign of life of process 1 of h, which used this directory');
  expect(lock.ok).toBe(true);
  if (lock.ok) await lock.value.release();
});

test('a clock against the last sign of life makes nobody dead before others were missed, or alive for ever', async () => {
  const cases = [
    ['behind', 3_600_000, 15_000],
    ['ahead', -3_600_000, 6_000],
  ] as const;
  const waits = cases.map(async ([where, ageMs, waitMs]) => {
    const one = join(directory, where);
    await leaveClaim({ pid: 1, startedAt: '1', space: 'another' }, -ageMs, one);
    const begun = performance.now();
    const lock = await acquireDirectoryLock(one, () => undefined);
    expect(lock.ok, where).toBe(true);
    expect(performance.now() - begun, where).toBeGreaterThan(waitMs);
    if (lock.ok) await lock.value.release();
  });
  await Promise.all(waits);
}, 40_000);

test('a process is told from a later one of the same pid, and from one of another machine', () => {
  const own = ownIdentity();
  expect(whereRuns(own)).toBe('here');
  expect(whereRuns({ ...own, startedAt: '1' })).toBe('nowhere');
  expect(whereRuns({ ...own, space: 'another' })).toBe('elsewhere');
  expect(startTimeOf(2 ** 22 + 1)).toBeUndefined();
});
