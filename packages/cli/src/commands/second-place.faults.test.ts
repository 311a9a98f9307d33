import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { freePort, type RunningCommand, startFilrouge, temporaryDirectory } from '../testing/run-filrouge.ts';
import { type House, houseAt } from '../testing/upgrade/house.ts';

// A data directory of yesterday is put back by hand, where since then people said no: an ordinary start knows it from
// the second place of the consents, or opens nothing.

const BRAND = 'maison';
const CONFIG = {
  brands: [{ id: BRAND, name: 'Maison' }],
  properties: [{ id: 'site', brand: BRAND, name: 'Site', kind: 'site' }],
  sources: [{ id: 'backend', brand: BRAND, property: 'site', kind: 'server' }],
  notices: [{ id: 'banner', version: '1', brand: BRAND, purposes: ['profiling'], text: { fr: 'Oui ?', en: 'Yes?' } }],
};
const LEAVERS = ['leaver-0', 'leaver-1', 'leaver-2', 'leaver-3'];
/** Says no while the second place is not there. */
const LATE = 'leaver-late';
const STAYS = 'stays';

let place: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: RunningCommand;
let url: string;
let token = '';
let key = '';

beforeAll(async () => {
  place = await temporaryDirectory();
  await writeFile(join(place.path, 'filrouge.config.ts'), `export default ${JSON.stringify(CONFIG)};\n`);
  const first = await start();
  const { key: made } = await first.ask('POST', '/api/keys', { source: 'backend' });
  key = String(made);
  const house = houseOf();
  for (const userId of [...LEAVERS, LATE, STAYS]) {
    await decide(house, userId, 'given');
    await track(house, userId, `${userId}-1`);
  }
  await house.settled();
});
afterAll(async () => {
  server?.child.kill('SIGTERM');
  await server?.ended;
  await place.remove();
});

const at = (name: string): string => join(place.path, name);

function begin(port: number): RunningCommand {
  const environment = { FILROUGE_PORT: String(port), FILROUGE_CONSENTS_DIR: 'consents' };
  return startFilrouge(['start', '--json'], { directory: place.path, environment });
}

async function start(): Promise<House> {
  server = begin(await freePort());
  const told = JSON.parse(await server.line(/^\{"url"/)) as { readonly url: string; readonly apiToken?: string };
  url = told.url;
  token = told.apiToken ?? token;
  return houseOf();
}

async function end(): Promise<void> {
  server.child.kill('SIGTERM');
  await server.ended;
}

function houseOf(): House {
  return houseAt({ url, token, keys: { backend: key }, directory: place.path, now: Date.now(), command: ['false'] });
}

function track({ post }: House, userId: string, messageId: string): Promise<unknown> {
  return post('backend', '/v1/track', { userId, event: 'Product Viewed', messageId });
}

function decide({ post }: House, userId: string, status: 'given' | 'withdrawn'): Promise<unknown> {
  return post('backend', '/v1/consents', {
    subject: { userId },
    brand: BRAND,
    property: 'site',
    decisions: [{ purpose: 'profiling', status }],
    notice: { id: 'banner', version: '1' },
    channel: 'web',
    indicatedAt: new Date().toISOString(),
    indicatedBy: { kind: 'subject' },
  });
}

/** What `/readyz` says of the second place; the server is ready all the while. */
async function copied(): Promise<unknown> {
  const answer = await fetch(`${url}/readyz`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { readonly parts: Readonly<Record<string, string>> }).parts['consents'];
}

async function secondPlace(): Promise<string> {
  const texts = (await readdir(at('consents'))).map((name) => readFile(join(at('consents'), name), 'utf8'));
  return (await Promise.all(texts)).join('');
}

/** What a start that opens nothing says; fails where its port was open for a moment. */
async function refusedStart(): Promise<string> {
  const port = await freePort();
  const running = begin(port);
  let over = false;
  const said = running.ended.finally(() => {
    over = true;
  });
  while (!over) {
    expect(await isOpen(port), 'nothing listens').toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { exitCode, stderr } = await said;
  expect(exitCode, stderr).toBe(1);
  return stderr;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}

test('G19: yesterday’s data directory put back by hand: every no since counts from the first request, or nothing is open', async () => {
  await end();
  // By hand, as root or not: owners and modes are whatever a copy makes of them.
  await cp(at('.filrouge'), at('yesterday'), { recursive: true, verbatimSymlinks: true });

  const today = await start();
  for (const userId of LEAVERS) await decide(today, userId, 'withdrawn');
  await expect.poll(secondPlace, { timeout: 20_000 }).toContain('"withdrawn"');
  await rename(at('consents'), at('unplugged'));
  await decide(today, LATE, 'withdrawn');
  await expect.poll(copied, { timeout: 20_000 }).toBe('behind: the log says why');
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('filrouge_consents_copied 0');
  await rename(at('unplugged'), at('consents'));
  await expect.poll(copied, { timeout: 60_000, interval: 500 }).toBe('ok');
  await end();

  await rm(at('.filrouge'), { recursive: true });
  await cp(at('yesterday'), at('.filrouge'), { recursive: true, verbatimSymlinks: true });
  const name = (await readdir(at('consents'))).sort().at(-1) as string;
  const file = join(at('consents'), name);
  const whole = await readFile(file);
  const refusals: string[] = [];
  for (const damaged of [whole.with(whole.length - 9, 0x23), whole.subarray(0, whole.length - 30)]) {
    await writeFile(file, damaged);
    refusals.push(await refusedStart());
  }
  await rename(at('consents'), at('unplugged'));
  await writeFile(at('consents'), 'no directory');
  refusals.push(await refusedStart());
  for (const refusal of refusals) expect(refusal).toContain('cannot be read');
  await rm(at('consents'));
  await rename(at('unplugged'), at('consents'));
  await writeFile(file, whole);

  const house = await start();
  const shown: string[] = [];
  for (const userId of [...LEAVERS, LATE]) {
    const profile = await house.ask('GET', `/api/profiles/user_id:${userId}?brand=${BRAND}&purpose=profiling`);
    if (profile['refused'] !== 403) shown.push(userId);
    await track(house, userId, `${userId}-2`);
  }
  await house.settled();
  const sql = { brand: BRAND, purpose: 'profiling', query: 'SELECT count() FROM events' };
  expect(await house.ask('POST', '/api/sql', sql), 'whoever stays').toMatchObject({ rows: [[1]] });
  const { id } = await house.ask('POST', '/api/exports', {
    brand: BRAND,
    what: 'people',
    purpose: 'profiling',
    format: 'ndjson',
  });
  const state = async () => (await house.ask('GET', `/api/exports/${String(id)}`))['state'];
  await house.until(async () => (await state()) === 'ready', 'the export');
  expect(await house.lines(`/api/exports/${String(id)}/rows`)).toMatchObject([{ identifiers: { userId: STAYS } }]);
  await tellFault({
    goal: 'G19 older ledger',
    tried: refusals.length + 1,
    of: `starts on an older data directory, ${LEAVERS.length + 1} people said no since`,
    lost: 0,
    duplicated: 0,
    leaked: shown.length,
    measured: `${refusals.length} with a damaged second place opened nothing`,
    met: shown.length === 0,
  });
  expect(shown).toEqual([]);
});
