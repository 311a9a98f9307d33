import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { type ChildInstallation, openChildInstallation } from './testing/child-installation.ts';
import { CountingClients, ONE_SERVER } from './testing/counting-clients.ts';
import { storedEvents } from './testing/stored-events.ts';
import { attachStrace, requireStrace, serverAndPostgres } from './testing/strace.ts';

const EVERY_SYNC_FAILS = ['-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:error=EIO'];

let directory: string;
let house: ChildInstallation;
let clients: CountingClients;

beforeEach(async () => {
  await requireStrace();
  directory = await mkdtemp(join(tmpdir(), 'filrouge-eio-'));
  house = await openChildInstallation(ONE_SERVER, directory);
  clients = new CountingClients({ url: house.url, key: house.keyOf('server') });
  clients.begin(4);
});
afterEach(async () => {
  await house?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

async function startAgain(): Promise<void> {
  house = await openChildInstallation(ONE_SERVER, directory);
  clients.target = { url: house.url, key: house.keyOf('server') };
}

/** All that was sent is acknowledged in the end, and there once. */
async function settle(): Promise<{ readonly lost: number; readonly duplicated: number }> {
  await clients.finish();
  await house.drain();
  const { kept } = await house.flow();
  await house.stop();
  const { rows, events } = await storedEvents(house.dataDir);
  const found = { lost: clients.acked - events, duplicated: rows - events };
  expect({ ...found, kept }).toEqual({ lost: 0, duplicated: 0, kept: clients.acked });
  return found;
}

test('G4: while every sync fails nothing is acknowledged, and the server ends; started again it has all that was', async () => {
  await expect.poll(() => clients.acked, { timeout: 30_000 }).toBeGreaterThan(1_000);
  const strace = await attachStrace((await serverAndPostgres(house.pid)).postgres, EVERY_SYNC_FAILS);
  // An answer whose sync came before may still be on its way.
  await pause(500);
  const before = clients.acked;
  const begun = performance.now();
  const { code } = await Promise.race([house.ended, pause(60_000).then(() => ({ code: 'still running' }))]);
  const endedMs = performance.now() - begun;
  const leaked = clients.acked - before;
  await strace.end();
  expect([code, leaked]).toEqual([1, 0]);
  expect(house.printed().toString('utf8')).toMatch(/PostgreSQL ended unexpectedly[\s\S]*Input\/output error/);
  await startAgain();
  await expect.poll(() => clients.acked, { timeout: 60_000 }).toBeGreaterThan(before);
  await tellFault({
    goal: 'G4 EIO',
    tried: clients.acked,
    of: 'acknowledged events around syncs that fail',
    ...(await settle()),
    leaked,
    measured: `the server ended ${((endedMs + 500) / 1_000).toFixed(1)} s after the first, none acknowledged meanwhile`,
    met: true,
  });
});
