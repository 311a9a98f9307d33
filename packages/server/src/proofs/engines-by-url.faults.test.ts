import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type EmbeddedClickHouse, EVENTS_DATABASE, startEmbeddedClickHouse } from '@filrouge/engine-clickhouse';
import { connectionUrl, type EmbeddedPostgres, startEmbeddedPostgres } from '@filrouge/engine-postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { type ChildInstallation, openChildInstallation } from './testing/child-installation.ts';
import { CountingClients, ONE_SERVER } from './testing/counting-clients.ts';

// G6 with servers of the operator's own: they end and come back at their addresses, by whatever supervises them.

const RESTARTS = Number(process.env['FILROUGE_RESTARTS'] ?? 20);

let directory: string;
let postgres: EmbeddedPostgres;
let clickhouse: EmbeddedClickHouse;
let house: ChildInstallation;
let clients: CountingClients;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'filrouge-by-url-'));
  postgres = await startEmbeddedPostgres({ dataDir: join(directory, 'postgres') });
  clickhouse = await startEmbeddedClickHouse({ dataDir: join(directory, 'clickhouse') });
  const { url, username, password } = clickhouse;
  house = await openChildInstallation(ONE_SERVER, directory, {
    FILROUGE_POSTGRES_URL: connectionUrl(postgres.connection),
    FILROUGE_CLICKHOUSE_URL: `http://${username}:${password}@${new URL(url).host}/${EVENTS_DATABASE}`,
  });
  clients = new CountingClients({ url: house.url, key: house.keyOf('server') });
  clients.begin(4);
});
afterEach(async () => {
  await house?.stop();
  await clickhouse?.stop();
  await postgres?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

async function readsEvents(): Promise<{ readonly rows: number; readonly events: number }> {
  const { url, username, password } = clickhouse;
  const query = 'select count() as rows, uniqExact(event_id) as events from event format JSONEachRow';
  const answer = await fetch(`${url}/?database=${EVENTS_DATABASE}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${username}:${password}`)}` },
    body: query,
  });
  const { rows, events } = (await answer.json()) as Record<'rows' | 'events', string>;
  return { rows: Number(rows), events: Number(events) };
}

test(`G6: PostgreSQL and ClickHouse by URL end ${RESTARTS} times each under load, and the server goes on with those that come back`, async () => {
  for (let at = 0; at < RESTARTS; at += 1) {
    await expect.poll(() => clickhouse.pid, { timeout: 60_000 }).toBeDefined();
    process.kill(clickhouse.pid as number, 'SIGKILL');
    await pause(200);
    const { pid } = postgres;
    process.kill(pid, at % 2 === 0 ? 'SIGKILL' : 'SIGQUIT');
    await expect.poll(() => postgres.pid, { timeout: 60_000 }).not.toBe(pid);
    const { acked } = clients;
    await expect.poll(() => clients.acked, { timeout: 60_000, interval: 20 }).toBeGreaterThan(acked + 100);
  }
  await clients.finish();
  const readyz = async (): Promise<string> => {
    const { status, parts } = (await (await fetch(`${house.url}/readyz`)).json()) as Record<string, unknown>;
    return `${String(status)} ${JSON.stringify(parts)}`;
  };
  // What was taken while the reports' engine was away has to be projected first.
  await expect.poll(readyz, { timeout: 300_000, interval: 100 }).toMatch(/^ready/);
  await house.drain();
  const { kept } = await house.flow();
  const { rows, events } = await readsEvents();
  const found = { lost: clients.acked - events, duplicated: rows - events };
  expect({ ...found, kept }).toEqual({ lost: 0, duplicated: 0, kept: clients.acked });
  expect([...clients.answers.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  await tellFault({
    goal: 'G6 by URL',
    tried: RESTARTS * 2,
    of: 'ends of PostgreSQL and ClickHouse by URL',
    ...found,
    leaked: 0,
    measured: `${clients.acked} events acknowledged by one process`,
    met: true,
  });
}, 3_600_000);
