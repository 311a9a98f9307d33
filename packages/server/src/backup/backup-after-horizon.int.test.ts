import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS } from '@filrouge/domain/base';
import type { SourceId } from '@filrouge/domain/deployment';
import { ensureDayPartitions, openDatabase } from '@filrouge/engine-postgres';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composeWork } from '../compose.ts';
import { buildDeployment } from '../config/build-deployment.ts';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { dailyChores } from '../work/chores.ts';
import { anOrder } from '../work/testing/house-by-url.ts';
import { makeBackup } from './make-backup.ts';
import { restoreBackup } from './restore-backup.ts';

const LONG_AGO = 80;
const OLD_ORDERS = 30;
const NEW_ORDERS = 12;

const deployment = buildDeployment(
  {
    brands: [{ id: 'maison', name: 'Maison' }],
    properties: [{ id: 'site', brand: 'maison', name: 'site', kind: 'site' }],
    sources: [{ id: 'shop-server', brand: 'maison', property: 'site', kind: 'server' }],
  },
  'test',
);
const quiet = { onProgress: () => undefined, signal: new AbortController().signal };

let folder: string;
let server: RunningServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'filrouge-horizon-'));
  server = await startServer({
    environment: environmentAt('data'),
    deployment,
    onProgress: () => undefined,
    onCrash: (what) => {
      throw new Error(what);
    },
    logger: pino({ level: 'silent' }),
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function environmentAt(name: string): Environment {
  const variables = { FILROUGE_DATA_DIR: name, FILROUGE_PORT: '0', FILROUGE_MASTER_KEY_FILE: 'master.key' };
  return readEnvironment(variables, folder);
}

async function sendOrders(from: number, n: number): Promise<void> {
  const key = await server.keys.create('shop-server' as SourceId);
  const batch = Array.from({ length: n }, (_, at) =>
    anOrder(from + at, { userId: `u${at % 5}`, email: `u${at % 4}@example.com` }),
  );
  const headers = { authorization: `Basic ${btoa(`${key}:`)}` };
  const answer = await fetch(`${server.url}/v1/batch`, { method: 'POST', headers, body: JSON.stringify({ batch }) });
  expect(answer.status).toBe(200);
  await server.drain();
}

/** The journal as if it had been written so long before, and what a server does once a day. */
async function letTimePass(): Promise<void> {
  const database = await openDatabase({ server: server.engines.places.postgres, role: 'test' });
  const dayOf = (ago: number): string => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
  await ensureDayPartitions(database, 'journal', dayOf(LONG_AGO + 1), dayOf(LONG_AGO - 1));
  await database.execute(`update journal set received_at = received_at - interval '${LONG_AGO} days'`);
  const working = await composeWork(server.engines.places);
  for (const { work } of dailyChores({ ...working, journalDays: undefined, stoodForMs: () => DAY_MS })) await work();
  const [left] = await database.query<{ rows: number }>('select count(*)::int4 as rows from journal');
  expect(left, 'the days are gone from the journal').toEqual({ rows: 0 });
  await working.close();
  await database.close();
}

test('G19, S17: what pruned days of the journal told is in the backup, and stands after the restore', async () => {
  await sendOrders(0, OLD_ORDERS);
  await letTimePass();
  await sendOrders(OLD_ORDERS, NEW_ORDERS);
  const [keys, directory] = [join(folder, 'keys'), join(folder, 'backup')];
  const environment = environmentAt('data');
  const manifest = await makeBackup({ ...quiet, environment, directory, keys, onCopied: () => undefined });
  expect(manifest.prunedUpTo).toBeGreaterThan(0);
  expect(manifest.files.some(({ path }) => path.startsWith('clickhouse/event/'))).toBe(true);

  const restored = await restoreBackup({
    ...quiet,
    environment: environmentAt('again'),
    deployment,
    directory,
    keys,
    force: false,
    onChecked: () => undefined,
    onReplayed: () => undefined,
  });
  expect(restored).toMatchObject({ differing: [], items: NEW_ORDERS });
  const { events, projections, reading } = server.engines;
  const rows = Object.entries(await projections.digest()).map(([name, digest]) => [`postgres.${name}`, digest]);
  const facts = Object.entries(await events.digest()).map(([name, digest]) => [`clickhouse.${name}`, digest]);
  expect(restored.digest).toEqual(Object.fromEntries([...rows, ...facts]));
  expect(restored.flow).toEqual(await reading.flow());
});
