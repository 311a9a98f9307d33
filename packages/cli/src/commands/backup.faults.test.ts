import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import {
  consentOf,
  eventsAddress,
  OneSourceHouse,
  posted,
  type Server,
  sourceOf,
  viewOf,
} from '../testing/one-source-house.ts';
import { filrouge, freePort, type Said, startFilrouge } from '../testing/run-filrouge.ts';

// Backups under load that are killed at instants spread over their time, and restores that are; what was made in between
// is restored and read, event by event.

const LANES = ['client-a', 'client-b', 'client-c', 'client-d'];
const LEAVERS = Array.from({ length: 10 }, (_, n) => `leaver-${n}`);
/** From the moment at which the copy is begun. */
const BACKUPS_KILLED_AFTER_MS = [10, 100, 250, 500, 1_000, 2_000];
/** From the moment at which the data directory is marked. */
const RESTORES_KILLED_AFTER_MS = [10, 600, 2_500];
const WHOLE_BACKUPS = 2;
const MASTER = { FILROUGE_MASTER_KEY_FILE: '.filrouge/master.key' };
const SECOND_PLACE = { FILROUGE_CONSENTS_DIR: 'consents' };

let house: OneSourceHouse;
let server: Server;
let bearer: string;
const sent = new Map<string, string[]>();

beforeAll(async () => {
  house = await OneSourceHouse.open();
  const { url, apiToken = '' } = await house.start(SECOND_PLACE);
  bearer = `Bearer ${apiToken}`;
  server = await sourceOf(url, apiToken);
  for (const userId of [...LANES, ...LEAVERS]) await decide(userId, 'given');
  for (const userId of LEAVERS) await track(userId, `${userId}-seen`);
});
afterAll(() => house?.remove());

function track(userId: string, messageId: string): Promise<unknown> {
  return posted(`${server.url}/v1/track`, server.authorization, viewOf(userId, messageId));
}

function decide(userId: string, status: 'given' | 'withdrawn'): Promise<unknown> {
  return posted(`${server.url}/v1/consents`, server.authorization, consentOf(userId, 'profiling', status));
}

function run(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Said> {
  return filrouge(argv, { directory: house.path, environment });
}

/** Runs a command in a process that is killed so long after a file or directory of it appeared. */
async function runAndKill(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  at: { readonly path: string; readonly ms: number },
): Promise<void> {
  const { child, ended } = startFilrouge(argv, { directory: house.path, environment });
  const begun = Date.now();
  const isThere = async (): Promise<boolean> => {
    const found = await stat(join(house.path, at.path)).catch(() => undefined);
    // What an earlier one left there does not count.
    return found !== undefined && found.mtimeMs >= begun;
  };
  while (child.exitCode === null && !(await isThere())) await pause(5);
  await Promise.race([pause(at.ms), ended]);
  child.kill('SIGKILL');
  await ended;
}

function eventsOf(at: string, userId: string): Promise<Response> {
  return fetch(eventsAddress(at, userId), { headers: { authorization: bearer } });
}

type Count = { lost: number; duplicated: number; leaked: number };

/** What a restored server does not hold of what was acknowledged before, holds twice, or shows against a no. */
async function countAt(at: string, before: ReadonlyMap<string, number>): Promise<Count> {
  const count: Count = { lost: 0, duplicated: 0, leaked: 0 };
  for (const userId of LEAVERS) if ((await eventsOf(at, userId)).status !== 403) count.leaked += 1;
  for (const lane of LANES) {
    const { items } = (await (await eventsOf(at, lane)).json()) as { items: readonly { readonly id: string }[] };
    const ids = items.map(({ id }) => id);
    count.duplicated += ids.length - new Set(ids).size;
    // The lane's last events: a page holds 1,000, latest first.
    const expected = (sent.get(lane) ?? []).slice(0, before.get(lane)).slice(-500);
    count.lost += expected.filter((id) => !ids.includes(id)).length;
  }
  return count;
}

test('G19: backups and restores that are killed at any instant leave nothing half done', async () => {
  const cut = { backups: 0, restores: 0 };
  let going = true;
  const lanes = LANES.map(async (lane) => {
    const ids: string[] = [];
    sent.set(lane, ids);
    for (let at = 0; going; at += 1) {
      await track(lane, `${lane}-${at}`);
      ids.push(`${lane}-${at}`);
    }
  });
  const first = await run(['backup', 'whole-0', '--keys', 'key-copy']);
  expect(first, first.stderr).toMatchObject({ exitCode: 0 });
  for (const ms of BACKUPS_KILLED_AFTER_MS) {
    await runAndKill(['backup', 'killed', '--keys', 'key-copy'], {}, { path: 'killed.part', ms });
    // One that has its name was whole before it was killed.
    const isWhole = (await readdir(house.path)).includes('killed');
    const { exitCode } = await run(['backup', 'verify', isWhole ? 'killed' : 'killed.part']);
    expect(exitCode).toBe(isWhole ? 0 : 2);
    if (!isWhole) cut.backups += 1;
    await rm(join(house.path, 'killed'), { recursive: true, force: true });
  }
  const before = new Map([...sent].map(([lane, ids]) => [lane, ids.length]));
  const again = await run(['backup', 'whole-1', '--keys', 'key-copy']);
  expect(again, again.stderr).toMatchObject({ exitCode: 0 });
  going = false;
  await Promise.all(lanes);
  for (const userId of LEAVERS) await decide(userId, 'withdrawn');
  // The lane of the second place: 0.2 s and a write.
  await pause(2_000);
  house.running.child.kill('SIGKILL');
  await house.running.ended;

  const environment = { FILROUGE_DATA_DIR: 'restored', ...MASTER, ...SECOND_PLACE };
  for (const ms of RESTORES_KILLED_AFTER_MS) {
    await runAndKill(['restore', 'whole-1', '--keys', 'key-copy'], environment, { path: 'restored/restoring', ms });
    const left = await readdir(join(house.path, 'restored')).catch((): string[] => []);
    const isMarked = left.includes('restoring');
    const port = { FILROUGE_PORT: String(await freePort()) };
    const said = isMarked ? (await run(['start'], { ...environment, ...port })).stderr : 'it was done: not finished';
    expect(said).toContain('not finished');
    if (isMarked) cut.restores += 1;
  }
  const restored = await run(['restore', 'whole-1', '--keys', 'key-copy', '--force', '--json'], environment);
  expect(restored, restored.stderr).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(restored.stdout)).toMatchObject({ equal: true, balanced: true });
  expect(Math.min(cut.backups, cut.restores), 'some were cut in the middle').toBeGreaterThan(0);
  const { url: at } = await house.start(environment);
  const count = await countAt(at, before);
  await tell(count, `${cut.backups} backups and ${cut.restores} restores were cut in the middle`);
  expect(count).toEqual({ lost: 0, duplicated: 0, leaked: 0 });
});

async function tell(count: Count, measured: string): Promise<void> {
  const tried = WHOLE_BACKUPS + BACKUPS_KILLED_AFTER_MS.length + RESTORES_KILLED_AFTER_MS.length + 1;
  const met = count.lost + count.duplicated + count.leaked === 0;
  await tellFault({
    goal: 'G19',
    tried,
    of: 'backups under load and restores, killed ones too',
    ...count,
    measured,
    met,
  });
}
