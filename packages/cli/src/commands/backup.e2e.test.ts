import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filrouge, freePort, type RunningCommand, startFilrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

const CONFIG = {
  brands: [{ id: 'maison', name: 'Maison' }],
  properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
  sources: [{ id: 'backend', brand: 'maison', property: 'site', kind: 'server' }],
  notices: [
    { id: 'banner', version: '1', brand: 'maison', purposes: ['profiling'], text: { fr: 'Oui ?', en: 'Yes?' } },
  ],
};
/** Acknowledged before the backup begins, at least. */
const EVENTS_FIRST = 200;

let house: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: RunningCommand;
let url: string;
let bearer: string;
let basic: string;

beforeAll(async () => {
  house = await temporaryDirectory();
  await writeFile(join(house.path, 'filrouge.config.ts'), `export default ${JSON.stringify(CONFIG)};\n`);
  server = startFilrouge(['start', '--json'], {
    directory: house.path,
    environment: { FILROUGE_PORT: String(await freePort()) },
  });
  const ready = JSON.parse(await server.line(/^\{"url"/)) as { readonly url: string; readonly apiToken: string };
  url = ready.url;
  bearer = `Bearer ${ready.apiToken}`;
  const { key } = await post('/api/keys', bearer, { source: 'backend' });
  basic = `Basic ${Buffer.from(`${String(key)}:`).toString('base64')}`;
});
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  await house.remove();
});

async function post(path: string, authorization: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

function decide(userId: string, status: string): Promise<Record<string, unknown>> {
  return post('/v1/consents', basic, {
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

/** Sends one event after the other until told to stop; the ids that were answered 200, in order. */
function keepSending(lane: string): { readonly sent: string[]; readonly stop: () => Promise<void> } {
  const sent: string[] = [];
  let going = true;
  const done = (async () => {
    for (let at = 0; going; at += 1) {
      const messageId = `${lane}-${at}`;
      await post('/v1/track', basic, { userId: `client-${at % 17}`, event: 'Product Viewed', messageId });
      sent.push(messageId);
    }
  })();
  return {
    sent,
    async stop() {
      going = false;
      await done;
    },
  };
}

/** `filrouge …` in this process, on a data directory of its own. */
function run(argv: readonly string[], dataDir = '.filrouge', more: Readonly<Record<string, string>> = {}) {
  return filrouge(argv, { directory: house.path, environment: { FILROUGE_DATA_DIR: dataDir, ...more } });
}

const MASTER = '.filrouge/master.key';

describe('G19: a backup under load, and what comes of it', () => {
  test('holds everything that was acknowledged before it, and restores to the same projections twice', async () => {
    for (let at = 0; at < 17; at += 1) await decide(`client-${at}`, 'given');
    const lanes = ['a', 'b', 'c'].map(keepSending);
    const total = (): number => lanes.reduce((sum, { sent }) => sum + sent.length, 0);
    await expect.poll(total, { timeout: 30_000 }).toBeGreaterThan(EVENTS_FIRST);
    const before = total();
    const made = await run(['backup', 'one', '--keys', 'key-copy', '--json']);
    const during = total() - before;
    for (const lane of lanes) await lane.stop();
    expect(made, made.stderr).toMatchObject({ exitCode: 0 });
    expect(during, 'it went on meanwhile').toBeGreaterThan(0);
    const { journal } = JSON.parse(made.stdout) as { readonly journal: { readonly from: number; readonly to: number } };

    const environment = { FILROUGE_MASTER_KEY_FILE: MASTER };
    const restored = await run(['restore', 'one', '--keys', 'key-copy', '--json'], 'second', environment);
    expect(restored, restored.stderr).toMatchObject({ exitCode: 0 });
    const told = JSON.parse(restored.stdout) as Record<string, unknown>;
    expect(told).toMatchObject({ equal: true, balanced: true });
    expect(told['journalPosition']).toBeGreaterThanOrEqual(journal.from);
    expect(told['journalPosition']).toBeLessThanOrEqual(journal.to);
    expect(told['items']).toBeGreaterThanOrEqual(before);
    expect(told['items']).toBeLessThanOrEqual(total());
    const verified = await run(['verify', '--json'], 'second', environment);
    expect(JSON.parse(verified.stdout)).toMatchObject({ digest: told['digest'], balanced: true });
  });
});
