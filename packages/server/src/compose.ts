import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Instant, instant } from '@filrouge/domain/base';
import type { Deployment } from '@filrouge/domain/deployment';
import {
  type ClickHouseConnection,
  createClickHouseEventStore,
  createClickHouseSqlDoor,
  migrate as migrateEvents,
  parseClickHouseUrl,
  startEmbeddedClickHouse,
} from '@filrouge/engine-clickhouse';
import {
  createPostgresAccessStore,
  createPostgresAppendStore,
  createPostgresProjectionStore,
  createPostgresReadingStore,
  createPostgresReferenceStore,
  type DatabaseOptions,
  migrate,
  openDatabase,
  postgresCanary,
  startEmbeddedPostgres,
} from '@filrouge/engine-postgres';
import { openVault, type VaultSettings } from '@filrouge/engine-vault';
import { createDoor, type Door } from '@filrouge/pipeline';
import {
  type AccessStore,
  type AppendStore,
  EngineError,
  type EventStore,
  type ProjectionStore,
  type ReadingStore,
  type ReferenceStore,
  type SqlDoor,
  type Vault,
} from '@filrouge/ports';
import { uuidv7 } from 'uuidv7';
import type { Environment } from './config/environment.ts';

/** Everything that runs, behind the ports: the only file that knows engines. */
export type Engines = {
  /** With the bits that this installation gave to its purposes. */
  readonly deployment: Deployment;
  readonly door: Door;
  readonly vault: Vault;
  readonly access: AccessStore;
  readonly reading: ReadingStore;
  readonly reference: ReferenceStore;
  readonly projections: ProjectionStore;
  readonly events: EventStore;
  readonly sql: SqlDoor;
  readonly now: () => Instant;
  readonly isEngineFault: (fault: unknown) => boolean;
  /** One write and one read of the transactional engine, for the readiness check. */
  readonly canary: () => Promise<void>;
  /** What the operator must be told. */
  readonly warnings: readonly string[];
  readonly places: EnginePlaces;
  readonly close: () => Promise<void>;
};

/** Where the engines are that run: plain data, by which another thread opens them too. */
export type EnginePlaces = {
  readonly vault: VaultSettings;
  readonly postgres: DatabaseOptions['server'];
  readonly clickhouse: ClickHouseConnection;
};

/** What projecting and daily chores work with. */
export type WorkEngines = Pick<Engines, 'vault' | 'projections' | 'events' | 'now' | 'close'> & {
  readonly expire: AppendStore['expire'];
};

export type ComposeOptions = {
  readonly environment: Environment;
  readonly deployment: Deployment;
  readonly onProgress: (line: string) => void;
  /** An engine died; the process should end and be started again. */
  readonly onCrash: (what: string) => void;
};

/** True for what an engine could not do; its message is a sentence for the operator. */
export function isEngineFault(fault: unknown): fault is Error {
  return fault instanceof EngineError;
}

/** Opens the engines, brings their schemas up to date, and joins them. Whatever was opened is closed when a step fails. */
export async function compose(options: ComposeOptions): Promise<Engines> {
  const { environment } = options;
  await mkdir(environment.dataDir, { recursive: true, mode: 0o700 });
  return closingOnFault(async (closing, close) => {
    const vault = { masterKeyFile: environment.masterKeyFile, keyDirectory: join(environment.dataDir, 'keys') };
    const opened = await openVault(vault);
    closing.push(async () => opened.close());
    const { postgres, database, appending, lookingUp } = await openPostgres(options, closing);
    const { clickhouse, events, sql } = await openClickHouse(options, closing);
    const store = createPostgresAppendStore(appending, now);
    const deployment = await withLastingBits(options.deployment, store);
    const door = createDoor({ store, vault: opened.vault, deployment, newId: uuidv7, isEngineFault });
    closing.push(() => door.idle());
    return {
      deployment,
      door,
      vault: opened.vault,
      access: createPostgresAccessStore(lookingUp),
      reading: createPostgresReadingStore(lookingUp),
      reference: createPostgresReferenceStore(database),
      projections: createPostgresProjectionStore(database),
      events,
      sql,
      now,
      isEngineFault,
      canary: () => postgresCanary(database, now()),
      warnings: opened.warnings,
      places: { vault, postgres, clickhouse },
      close,
    };
  });
}

/** Opens engines that run already, for a thread that projects. */
export function composeWork(places: EnginePlaces): Promise<WorkEngines> {
  return closingOnFault(async (closing, close) => {
    const { vault, close: forget } = await openVault(places.vault);
    closing.push(async () => forget());
    const database = await openDatabase({ server: places.postgres, role: 'work', connectionsMax: 6 });
    closing.push(() => database.close());
    const events = createClickHouseEventStore(places.clickhouse);
    closing.push(() => events.close());
    const seen = createPostgresAppendStore(database, now);
    const projections = createPostgresProjectionStore(database);
    return { vault, projections, events, expire: () => seen.expire(), now, close };
  });
}

function now(): Instant {
  return instant(Date.now());
}

/** Whatever was opened is closed in reverse when a later step fails. */
async function closingOnFault<T>(
  open: (closing: (() => Promise<void>)[], close: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    return await open(closing, close);
  } catch (fault) {
    await close();
    throw fault;
  }
}

/** Its purposes with the bits that rows already carry for them, in whatever order the configuration names them now. */
async function withLastingBits(deployment: Deployment, store: AppendStore): Promise<Deployment> {
  const purposes = await store.allot([...deployment.purposes.values()]);
  return { ...deployment, purposes: new Map(purposes.map((purpose) => [purpose.id, purpose])) };
}

async function openPostgres(
  { environment, onProgress, onCrash }: ComposeOptions,
  closing: (() => Promise<void>)[],
): Promise<
  { readonly postgres: EnginePlaces['postgres'] } & Record<
    'database' | 'appending' | 'lookingUp',
    Awaited<ReturnType<typeof openDatabase>>
  >
> {
  const url = environment.postgresUrl;
  const embedded =
    url === undefined
      ? await startEmbeddedPostgres({
          dataDir: join(environment.dataDir, 'postgres'),
          onProgress,
          onCrash: ({ logTail }) => onCrash(`PostgreSQL ended unexpectedly:\n${logTail}`),
        })
      : undefined;
  if (embedded !== undefined) closing.push(() => embedded.stop());
  const server = embedded === undefined ? { url: url as string } : embedded.connection;
  const database = await openDatabase({ server, role: 'server', connectionsMax: 10 });
  closing.push(() => database.close());
  await migrate(database, { onProgress });
  // Who looks at a person waits for no connection that the door or the projector holds.
  const lookingUp = await openDatabase({ server, role: 'reading', connectionsMax: 8 });
  closing.push(() => lookingUp.close());
  // Two groups are under way at a time, whose statements do not wait for each other's answers.
  const appending = await openDatabase({ server, role: 'door', connectionsMax: 3, pipelined: true });
  closing.push(() => appending.close());
  return { postgres: server, database, appending, lookingUp };
}

/** Database of the embedded engine; by URL it is the one the URL names. */
const EVENTS_DATABASE = 'filrouge';

async function openClickHouse(
  { environment, onProgress }: ComposeOptions,
  closing: (() => Promise<void>)[],
): Promise<{ readonly clickhouse: ClickHouseConnection; readonly events: EventStore; readonly sql: SqlDoor }> {
  let connection: ClickHouseConnection;
  if (environment.clickhouseUrl === undefined) {
    const embedded = await startEmbeddedClickHouse({ dataDir: join(environment.dataDir, 'clickhouse'), onProgress });
    closing.push(() => embedded.stop());
    const { url, username, password } = embedded;
    connection = { url, username, password, database: EVENTS_DATABASE };
  } else connection = parseClickHouseUrl(environment.clickhouseUrl);
  await migrateEvents(connection);
  const events = createClickHouseEventStore(connection);
  const sql = createClickHouseSqlDoor(connection);
  closing.push(() => Promise.all([events.close(), sql.close()]).then(() => undefined));
  return { clickhouse: connection, events, sql };
}
