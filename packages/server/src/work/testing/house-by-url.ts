import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceId } from '@filrouge/domain/deployment';
import { openClient } from '@filrouge/engine-clickhouse';
import { openTestClickHouse } from '@filrouge/engine-clickhouse/testing';
import { connectionUrl, type Database } from '@filrouge/engine-postgres';
import { openTestPostgres } from '@filrouge/engine-postgres/testing';
import { pino } from 'pino';
import { buildDeployment } from '../../config/build-deployment.ts';
import { readEnvironment } from '../../config/environment.ts';
import { type RunningServer, type StartOptions, startServer } from '../../start-server.ts';

const SOURCE = 'shop-server' as SourceId;
const deployment = buildDeployment(
  {
    brands: [{ id: 'maison', name: 'Maison' }],
    properties: [{ id: 'site', brand: 'maison', name: 'site', kind: 'site' }],
    sources: [{ id: SOURCE, brand: 'maison', property: 'site', kind: 'server' }],
  },
  'test',
);

/** An installation on engines by URL, which several processes can share: as many servers as a test starts. */
export type HouseByUrl = {
  readonly options: StartOptions;
  readonly database: Database;
  readonly start: () => Promise<RunningServer>;
  /** Sends one batch, with the key of the first server that was started unless told; throws unless it is accepted. */
  readonly send: (server: RunningServer, batch: readonly object[], writeKey?: string) => Promise<void>;
  /** Events as they lie, before any merge takes doubles out. */
  readonly rows: () => Promise<{ readonly rows: number; readonly events: number }>;
  /** Closes what was started, too. */
  readonly close: () => Promise<void>;
};

export async function openHouseByUrl(): Promise<HouseByUrl> {
  const postgres = await openTestPostgres();
  const clickhouse = await openTestClickHouse();
  const dataDir = await mkdtemp(join(tmpdir(), 'filrouge-by-url-'));
  const { url, username, password, database } = clickhouse;
  const variables = {
    FILROUGE_DATA_DIR: dataDir,
    FILROUGE_PORT: '0',
    FILROUGE_POSTGRES_URL: connectionUrl(postgres.connection),
    FILROUGE_CLICKHOUSE_URL: `http://${username}:${password}@${new URL(url).host}/${database}`,
  };
  const options: StartOptions = {
    environment: readEnvironment(variables, dataDir),
    deployment,
    onProgress: () => undefined,
    onCrash: (what) => {
      throw new Error(what);
    },
    logger: pino({ level: 'silent' }),
  };
  const servers: RunningServer[] = [];
  const events = openClient(clickhouse);
  let key: string | undefined;
  return {
    options,
    database: postgres.database,
    async start() {
      const server = await startServer(options);
      servers.push(server);
      key ??= await server.keys.create(SOURCE);
      return server;
    },
    async send(server, batch, writeKey = key) {
      const headers = { authorization: `Basic ${btoa(`${writeKey}:`)}` };
      const answer = await fetch(`${server.url}/v1/batch`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ batch }),
      });
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
    },
    async rows() {
      const query = 'select count() as rows, uniqExact(event_id) as events from event';
      const [found] = await (await events.query({ query, format: 'JSONEachRow' })).json<Record<string, string>>();
      return { rows: Number(found?.['rows']), events: Number(found?.['events']) };
    },
    async close() {
      for (const server of servers) await server.close();
      await events.close();
      await postgres.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** An order, which a server source may bring without a consent: a contract. */
export function anOrder(n: number, who: { readonly userId: string; readonly email?: string }): object {
  const { userId, email } = who;
  const properties = { order_id: `A-${n}`, total: 12.5, currency: 'EUR', products: [{ sku: 'L1', price: 12.5 }] };
  const context = email === undefined ? {} : { context: { traits: { email } } };
  return { type: 'track', event: 'Order Completed', messageId: `m-${n}`, userId, properties, ...context };
}
