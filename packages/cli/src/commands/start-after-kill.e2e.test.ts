import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, type RunningCommand, startFilrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

// Whatever was answered 200 is there after the process was killed: the journal was on the disk before the answer.

const CONFIG = {
  brands: [{ id: 'maison', name: 'Maison' }],
  properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
  sources: [{ id: 'backend', brand: 'maison', property: 'site', kind: 'server' }],
  notices: [
    { id: 'banner', version: '1', brand: 'maison', purposes: ['profiling'], text: { fr: 'Oui ?', en: 'Yes?' } },
  ],
};
const USER = 'client-7';
const ROUNDS = 2;

let house: Awaited<ReturnType<typeof temporaryDirectory>>;
let environment: Record<string, string>;
let server: RunningCommand;

beforeAll(async () => {
  house = await temporaryDirectory();
  environment = { FILROUGE_PORT: String(await freePort()) };
  await writeFile(join(house.path, 'filrouge.config.ts'), `export default ${JSON.stringify(CONFIG)};\n`);
});
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  await house.remove();
});

async function start(): Promise<{ readonly url: string; readonly apiToken?: string }> {
  server = startFilrouge(['start', '--json'], { directory: house.path, environment });
  return JSON.parse(await server.line(/^\{"url"/)) as { readonly url: string; readonly apiToken?: string };
}

async function post(address: string, authorization: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(address, { method: 'POST', headers: { authorization }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${address} was answered ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

/** Sends until the process is gone, and kills it while requests are under way; the ids that were answered 200. */
async function sendAndKill(url: string, key: string, round: number): Promise<readonly string[]> {
  const answered: string[] = [];
  const sender = async (lane: number): Promise<void> => {
    for (let at = 0; ; at += 1) {
      const messageId = `${round}-${lane}-${at}`;
      try {
        await post(`${url}/v1/track`, key, { userId: USER, event: 'Product Viewed', messageId });
      } catch {
        return;
      }
      answered.push(messageId);
      if (answered.length === 20 + 7 * round) server.child.kill('SIGKILL');
    }
  };
  await Promise.all([0, 1, 2, 3].map(sender));
  await server.ended;
  return answered;
}

test('after kill -9, twice, every event that was answered 200 is read back, once', async () => {
  const { url, apiToken = '' } = await start();
  const bearer = `Bearer ${apiToken}`;
  const { key } = await post(`${url}/api/keys`, bearer, { source: 'backend' });
  const basic = `Basic ${Buffer.from(`${String(key)}:`).toString('base64')}`;
  await post(`${url}/v1/consents`, basic, {
    subject: { userId: USER },
    brand: 'maison',
    property: 'site',
    decisions: [{ purpose: 'profiling', status: 'given' }],
    notice: { id: 'banner', version: '1' },
    channel: 'web',
    indicatedAt: new Date(Date.now() - 60_000).toISOString(),
    indicatedBy: { kind: 'subject' },
  });
  const answered: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    answered.push(...(await sendAndKill(url, basic, round)));
    await start();
  }
  const address = `${url}/api/profiles/user_id:${USER}/events?purpose=profiling&brand=maison&limit=1000`;
  const projected = async (): Promise<readonly string[]> => {
    const response = await fetch(address, { headers: { authorization: bearer } });
    const { items = [] } = (await response.json()) as { readonly items?: readonly { readonly id: string }[] };
    return items.map(({ id }) => id);
  };
  await expect.poll(projected, { timeout: 30_000, interval: 200 }).toEqual(expect.arrayContaining(answered));
  const ids = await projected();
  expect(new Set(ids).size, 'each of them once').toBe(ids.length);
  expect(answered.length).toBeGreaterThanOrEqual(ROUNDS * 20);
  const flow = await fetch(`${url}/api/flow`, { headers: { authorization: bearer } });
  expect(await flow.json()).toMatchObject({ balanced: true, kept: ids.length, withheld: 0, refused: 0 });
});
