import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { type ChildInstallation, openChildInstallation } from './testing/child-installation.ts';
import { CountingClients, decide, ONE_SERVER, standing, type Target } from './testing/counting-clients.ts';
import { mountSmallDisk, type SmallDisk } from './testing/small-disk.ts';
import { storedEvents } from './testing/stored-events.ts';

const MB = 1024 * 1024;
const PERSONS = Array.from({ length: 60 }, (_, at) => `p${at}`);

let disk: SmallDisk;
let house: ChildInstallation;
let target: Target;

beforeEach(async () => {
  disk = await mountSmallDisk(768);
  await start();
});
afterEach(async () => {
  await house?.stop();
  await disk?.remove();
});

async function start(): Promise<void> {
  house = await openChildInstallation(ONE_SERVER, disk.directory);
  target = { url: house.url, key: house.keyOf('server') };
}

const diskPart = async (): Promise<string> => {
  const ready = (await (await fetch(`${house.url}/readyz`)).json()) as { readonly parts: Record<string, string> };
  return ready.parts['disk'] ?? '';
};

/** Withdraws for each of them; answers who was acknowledged, and how many were not. */
async function withdraw(
  persons: readonly string[],
): Promise<{ readonly done: readonly string[]; readonly refused: number }> {
  const done: string[] = [];
  for (const person of persons) {
    const status = await decide(target, person, 'withdrawn');
    expect([200, 503]).toContain(status);
    if (status === 200) done.push(person);
  }
  return { done, refused: persons.length - done.length };
}

test('G4: a disk of 768 MB is filled and overfilled: nothing is acknowledged that is not kept, a withdrawal is taken, and it goes on by itself', async () => {
  const { pid } = house;
  for (const person of PERSONS) expect(await decide(target, person, 'given')).toBe(200);
  await pause(6_000); // The ballast is laid by the first look.
  await disk.fill(330 * MB);
  const clients = new CountingClients(target);
  clients.begin(4);
  await expect.poll(() => clients.codes.has('disk-nearly-full'), { timeout: 180_000 }).toBe(true);
  const freeAtStop = await disk.freeBytes();
  await pause(2_000); // What had been let in before is on its way.
  const ackedAtStop = clients.acked;
  expect(ackedAtStop).toBeGreaterThan(100);

  // Full as the guard leaves it.
  const first = await withdraw(PERSONS.slice(0, 20));
  expect(first.refused, 'withdrawals at the first mark').toBe(0);
  expect(await decide(target, 'somebody', 'given')).toBe(503);
  expect(await standing(target, 'p0')).toBe('withdrawn');

  // A neighbour takes all the rest at once; the ballast is what is left.
  await disk.fill(0);
  await expect.poll(() => disk.freeBytes(), { timeout: 10_000 }).toBeGreaterThan(32 * MB);
  const second = await withdraw(PERSONS.slice(20, 40));
  expect(second.refused, 'withdrawals on the ballast').toBe(0);
  expect(await diskPart()).toMatch(/^full/);
  expect(await standing(target, 'p20')).toBe('withdrawn');

  // And then the ballast, too: who can be answered nothing but 503 is never answered 2xx.
  await disk.fill(0);
  const third = await withdraw(PERSONS.slice(40));
  await pause(2_000);
  expect(clients.acked, 'acknowledged while full').toBe(ackedAtStop);

  await disk.empty();
  const freed = performance.now();
  await expect.poll(() => clients.acked, { timeout: 30_000, interval: 20 }).toBeGreaterThan(ackedAtStop);
  const resumedMs = clients.lastAckAt - freed;
  expect(resumedMs).toBeLessThan(10_000);
  expect(house.pid, 'without a restart').toBe(pid);
  await clients.finish();
  expect([...clients.answers.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);

  await house.drain();
  const { kept } = await house.flow();
  await house.stop();
  const { rows, events } = await storedEvents(house.dataDir);
  const lost = clients.acked - events;
  const duplicated = rows - events;
  expect({ lost, duplicated, kept }).toEqual({ lost: 0, duplicated: 0, kept: clients.acked });
  await start();
  const no = [...first.done, ...second.done, ...third.done];
  const standings = await Promise.all(no.map((person) => standing(target, person)));
  expect(new Set(standings)).toEqual(new Set(['withdrawn']));
  await tellFault({
    goal: 'G4 disk full',
    tried: clients.acked + no.length,
    of: 'acknowledged events and withdrawals around a full disk of 768 MB',
    lost,
    duplicated,
    leaked: 0,
    measured: `stopped with ${Math.floor(freeAtStop / MB)} MB free, ${ackedAtStop} events before; withdrawals 20 of 20, with nothing but the ballast 20 of 20, without it ${third.done.length} of 20; took events again ${(resumedMs / 1_000).toFixed(1)} s after space returned`,
    met: true,
  });
});

test('G4: a neighbour that takes the whole disk in a moment, while everything is taken: whoever ends, nothing acknowledged is lost', async () => {
  const first = house;
  let hasEnded = false;
  void first.ended.then(() => {
    hasEnded = true;
  });
  const clients = new CountingClients(target);
  clients.begin(4);
  await expect.poll(() => clients.acked, { timeout: 60_000 }).toBeGreaterThan(2_000);
  await disk.fill(0);
  await pause(5_000);
  const ackedFull = clients.acked;
  await disk.empty();
  const freed = performance.now();
  await expect.poll(() => hasEnded || clients.acked > ackedFull, { timeout: 30_000, interval: 20 }).toBe(true);
  const isNew = hasEnded;
  expect(first.printed().includes('PostgreSQL ended unexpectedly')).toBe(isNew);
  if (isNew) {
    await start();
    clients.target = target;
  }
  await expect.poll(() => clients.acked, { timeout: 60_000, interval: 20 }).toBeGreaterThan(ackedFull);
  const resumedMs = clients.lastAckAt - freed;
  await clients.finish();
  await house.drain();
  const { kept } = await house.flow();
  await house.stop();
  const { rows, events } = await storedEvents(house.dataDir);
  const lost = clients.acked - events;
  const duplicated = rows - events;
  expect({ lost, duplicated, kept }).toEqual({ lost: 0, duplicated: 0, kept: clients.acked });
  await tellFault({
    goal: 'G4 disk full at once',
    tried: clients.acked,
    of: 'acknowledged events around a disk that is full in a moment',
    lost,
    duplicated,
    leaked: 0,
    measured: `events taken again ${(resumedMs / 1_000).toFixed(1)} s after space returned, by ${isNew ? 'a new process: PostgreSQL had ended' : 'the same process'}`,
    met: true,
  });
});
