import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  filrouge,
  freePort,
  type RunningCommand,
  type Said,
  startFilrouge,
  temporaryDirectory,
} from '../testing/run-filrouge.ts';

// An installation that is backed up while events come in, then killed, then put back elsewhere from its backup, the copy
// of its keys and the second place of its consents.

const CONFIG = {
  brands: [{ id: 'maison', name: 'Maison' }],
  properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
  sources: [{ id: 'backend', brand: 'maison', property: 'site', kind: 'server' }],
  notices: [
    { id: 'banner', version: '1', brand: 'maison', purposes: ['profiling'], text: { fr: 'Oui ?', en: 'Yes?' } },
  ],
};
const LANES = ['client-a', 'client-b', 'client-c'];
/** Said yes before the backup, and no after it. */
const LEAVER = 'client-w';
/** Acknowledged in one lane before the backup begins. */
const EVENTS_FIRST = 20;
const MASTER = { FILROUGE_MASTER_KEY_FILE: '.filrouge/master.key' };
const SECOND_PLACE = { FILROUGE_CONSENTS_DIR: 'consents' };

type House = { readonly url: string; readonly bearer: string; readonly basic: string };
let place: Awaited<ReturnType<typeof temporaryDirectory>>;
const servers: RunningCommand[] = [];
/** What was answered 200, in order, and how much of it before the backup. */
const sent = new Map<string, string[]>();
let before: ReadonlyMap<string, number>;
let house: House;
let made: Said;

beforeAll(async () => {
  place = await temporaryDirectory();
  await writeFile(join(place.path, 'filrouge.config.ts'), `export default ${JSON.stringify(CONFIG)};\n`);
  const { url, apiToken = '' } = await start(SECOND_PLACE);
  const bearer = `Bearer ${apiToken}`;
  const { key } = await post(`${url}/api/keys`, bearer, { source: 'backend' });
  house = { url, bearer, basic: `Basic ${Buffer.from(`${String(key)}:`).toString('base64')}` };
  for (const userId of [...LANES, LEAVER]) await decide(userId, 'given');
  await track(LEAVER, 'seen-before');
  let going = true;
  const enough = Promise.withResolvers<void>();
  const lanes = LANES.map(async (lane) => {
    const ids: string[] = [];
    sent.set(lane, ids);
    for (let at = 0; going; at += 1) {
      await track(lane, `${lane}-${at}`);
      ids.push(`${lane}-${at}`);
      if (ids.length === EVENTS_FIRST) enough.resolve();
    }
  });
  await Promise.race([enough.promise, ...lanes]);
  before = new Map([...sent].map(([lane, ids]) => [lane, ids.length]));
  made = await run(['backup', 'backup', '--keys', 'key-copy', '--json']);
  going = false;
  await Promise.all(lanes);
});
afterAll(async () => {
  for (const { child, ended } of servers) {
    child.kill('SIGTERM');
    await ended;
  }
  await place.remove();
});

async function start(environment: Readonly<Record<string, string>>): Promise<{ url: string; apiToken?: string }> {
  const port = { FILROUGE_PORT: String(await freePort()) };
  const server = startFilrouge(['start', '--json'], {
    directory: place.path,
    environment: { ...port, ...environment },
  });
  servers.push(server);
  return JSON.parse(await server.line(/^\{"url"/)) as { url: string; apiToken?: string };
}

async function post(address: string, authorization: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(address, { method: 'POST', headers: { authorization }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${address} was answered ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

function track(userId: string, messageId: string): Promise<unknown> {
  return post(`${house.url}/v1/track`, house.basic, { userId, event: 'Product Viewed', messageId });
}

function decide(userId: string, status: 'given' | 'withdrawn'): Promise<unknown> {
  return post(`${house.url}/v1/consents`, house.basic, {
    subject: { userId },
    brand: 'maison',
    property: 'site',
    decisions: [{ purpose: 'profiling', status }],
    notice: { id: 'banner', version: '1' },
    channel: 'web',
    indicatedAt: new Date().toISOString(),
    indicatedBy: { kind: 'subject' },
  });
}

/** `filrouge …` in this process. */
function run(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Said> {
  return filrouge(argv, { directory: place.path, environment });
}

function eventsOf(url: string, userId: string): Promise<Response> {
  const address = `${url}/api/profiles/user_id:${userId}/events?purpose=profiling&brand=maison&limit=1000`;
  return fetch(address, { headers: { authorization: house.bearer } });
}

test('G19: a backup is made under load, whole, and without the keys', async () => {
  expect(made, made.stderr).toMatchObject({ exitCode: 0 });
  const told = JSON.parse(made.stdout) as { readonly journal: { readonly from: number; readonly to: number } };
  expect(told.journal.to, 'the journal went on meanwhile').toBeGreaterThan(told.journal.from);
  expect(await run(['backup', 'verify', 'backup'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^whole/),
  });
  const names = await readdir(join(place.path, 'backup'), { recursive: true });
  expect(names.filter((name) => name.endsWith('.key'))).toEqual([]);
  expect(await readdir(join(place.path, 'key-copy'))).toContain('root.1.key');
});

test('G19: what is damaged, cut short, or in the way is refused with its reason, and nothing is changed', async () => {
  const elsewhere = { FILROUGE_DATA_DIR: 'elsewhere', ...MASTER };
  await cp(join(place.path, 'backup'), join(place.path, 'torn'), { recursive: true });
  await truncate(join(place.path, 'torn/postgres/cluster/global/pg_control'), 100);
  await rm(join(place.path, 'torn/postgres/cluster/PG_VERSION'));
  const verified = await run(['backup', 'verify', 'torn', '--json']);
  expect(verified.exitCode).toBe(3);
  expect(JSON.parse(verified.stdout)).toMatchObject({
    whole: false,
    damages: [
      { path: 'postgres/cluster/PG_VERSION', damage: 'missing' },
      { path: 'postgres/cluster/global/pg_control', damage: 'other-size' },
    ],
  });
  const refusals: readonly (readonly [Promise<Said>, number, string])[] = [
    [
      run(['restore', 'torn', '--keys', 'key-copy'], elsewhere),
      1,
      'PG_VERSION (missing), postgres/cluster/global/pg_control (other-size)',
    ],
    [
      run(['restore', 'backup', '--keys', 'key-copy'], { FILROUGE_DATA_DIR: 'elsewhere' }),
      1,
      'there is no master key at',
    ],
    [run(['restore', 'backup'], elsewhere), 1, 'there are no keys in'],
    [run(['restore', 'consents', '--keys', 'key-copy'], elsewhere), 2, 'is no backup'],
    [run(['restore', 'backup', '--keys', 'key-copy']), 2, 'is not empty'],
    [run(['restore', 'backup', '--keys', 'key-copy', '--force']), 1, 'stop that Filrouge first'],
    [run(['backup', 'backup']), 2, 'is there and not empty'],
    [run(['backup', '.filrouge/backup']), 2, 'lies in the data directory'],
    [run(['backup', 'more'], { FILROUGE_POSTGRES_URL: 'postgresql://x@db.example/x' }), 2, 'for the embedded engines'],
  ];
  for (const [said, exitCode, why] of refusals) {
    expect(await said).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(why) });
  }
  expect(await readdir(place.path)).not.toContain('elsewhere');
});

test('G19: what stands after a restore is a prefix of the journal, and a no that is newer than the backup', async () => {
  await decide(LEAVER, 'withdrawn');
  await expect.poll(secondPlace, { timeout: 30_000 }).toContain('"withdrawn"');
  expect(await secondPlace(), 'nobody in clear').not.toContain(LEAVER);
  servers[0]?.child.kill('SIGKILL');

  const environment = { FILROUGE_DATA_DIR: 'restored', ...MASTER, ...SECOND_PLACE };
  const restored = await run(['restore', 'backup', '--keys', 'key-copy', '--json'], environment);
  expect(restored, restored.stderr).toMatchObject({ exitCode: 0 });
  const told = JSON.parse(restored.stdout) as Record<string, unknown>;
  expect(told).toMatchObject({ equal: true, balanced: true, consents: { facts: 1, voided: 0 } });

  const { url } = await start(environment);
  expect((await eventsOf(url, LEAVER)).status, 'from the first request on').toBe(403);
  for (const lane of LANES) {
    const { items } = (await (await eventsOf(url, lane)).json()) as { items: readonly { readonly id: string }[] };
    const all = sent.get(lane) ?? [];
    expect(items.length).toBeGreaterThanOrEqual(before.get(lane) ?? 0);
    expect(items.map(({ id }) => id).reverse(), 'a prefix of what was sent').toEqual(all.slice(0, items.length));
  }
});

async function secondPlace(): Promise<string> {
  const folder = join(place.path, 'consents');
  const texts = (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8'));
  return (await Promise.all(texts)).join('');
}
