import { mkdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '@filrouge/domain/base';
import type { BrandId, Deployment, SourceId } from '@filrouge/domain/deployment';
import {
  type ClickHouseConnection,
  copyEventParts,
  createClickHouseEventStore,
  createClickHouseSqlDoor,
  EVENTS_DATABASE,
  holdMerges,
  migrate as migrateEvents,
  parseClickHouseUrl,
  placeEventParts,
  startEmbeddedClickHouse,
} from '@filrouge/engine-clickhouse';
import {
  type CopiedCluster,
  type CopyClusterOptions,
  clusterBytes,
  copyEmbeddedCluster,
  createLedgerCopyStore,
  createPostgresAccessStore,
  createPostgresAppendStore,
  createPostgresProjectionStore,
  createPostgresReadingStore,
  createPostgresReferenceStore,
  type DatabaseOptions,
  demandIdleCluster,
  logSettings,
  migrate,
  openDatabase,
  postgresCanary,
  readMigrations,
  settleCopiedCluster,
  startEmbeddedPostgres,
} from '@filrouge/engine-postgres';
import { bucketOfKey, copyKeyDirectory, keyBuckets, openVault, type VaultSettings } from '@filrouge/engine-vault';
import { createDoor, type Door } from '@filrouge/pipeline';
import {
  type AccessStore,
  type AppendStore,
  type BackupSink,
  EngineError,
  type EventStore,
  type LedgerCopyStore,
  type ProjectionStore,
  type ReadingStore,
  type ReferenceStore,
  type SqlDoor,
  type Vault,
  VaultFault,
} from '@filrouge/ports';
import { createIds } from './clock/create-ids.ts';
import { type ClockJump, createSteadyClock } from './clock/steady-clock.ts';
import { closeAll } from './close-all.ts';
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
  /** The ledger, for its second place. */
  readonly ledger: LedgerCopyStore;
  readonly projections: ProjectionStore;
  readonly events: EventStore;
  readonly sql: SqlDoor;
  /** See `createSteadyClock`. */
  readonly now: () => Instant;
  /** Ids that no other has, each greater than those before it. */
  readonly newId: () => string;
  readonly isEngineFault: (fault: unknown) => boolean;
  /** One write and one read of the transactional engine, for the readiness check. */
  readonly canary: () => Promise<void>;
  /**
   * Held, the embedded engines write nothing that can wait: ClickHouse merges nothing, and PostgreSQL uses the space of its
   * log again that is needed no more. Engines by URL have disks of their own.
   */
  readonly spareDisk: (held: boolean) => Promise<void>;
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
  /** See `SteadyClock`. */
  readonly stoodForMs: () => number;
};

export type ComposeOptions = {
  readonly environment: Environment;
  readonly deployment: Deployment;
  readonly onProgress: (line: string) => void;
  /** An engine died and another start of it would not help; the process should end. */
  readonly onCrash: (what: string) => void;
  /** The machine's clock jumped, or what it jumped to is believed now. */
  readonly onClockJump?: (jump: ClockJump) => void;
  /** This is the restore that the data directory waits for. */
  readonly restoring?: boolean;
};

/** Stands in a data directory while a backup is restored into it: nothing else may open it then. */
export const RESTORING_MARK = 'restoring';

/** True for what an engine could not do; its message is a sentence for the operator. */
export function isEngineFault(fault: unknown): fault is Error {
  return fault instanceof EngineError;
}

/** Opens the engines, brings their schemas up to date, and joins them. Whatever was opened is closed when a step fails. */
export async function compose(options: ComposeOptions): Promise<Engines> {
  const { environment } = options;
  await mkdir(environment.dataDir, { recursive: true, mode: 0o700 });
  if (options.restoring !== true) await demandRestored(environment.dataDir);
  const { now } = createSteadyClock(options.onClockJump);
  const newId = createIds(now);
  return closingOnFault(async (closing, close) => {
    const vault = { masterKeyFile: environment.masterKeyFile, keyDirectory: placesIn(environment.dataDir).keys };
    const opened = await openVault(vault);
    closing.push(async () => opened.close());
    const { postgres, database, appending, lookingUp } = await openPostgres(options, closing);
    const { clickhouse, events, sql, holdMerging } = await openClickHouse(options, closing);
    const store = createPostgresAppendStore(appending, now);
    const deployment = await withLastingBits(options.deployment, store);
    const door = createDoor({ store, vault: opened.vault, deployment, newId, isEngineFault });
    closing.push(() => door.idle());
    return {
      deployment,
      door,
      vault: opened.vault,
      access: createPostgresAccessStore(lookingUp),
      reading: createPostgresReadingStore(lookingUp),
      reference: createPostgresReferenceStore(database),
      ledger: createLedgerCopyStore(database),
      projections: createPostgresProjectionStore(database),
      events,
      sql,
      now,
      newId,
      isEngineFault,
      canary: () => postgresCanary(database, now()),
      spareDisk: async (held) => {
        await holdMerging(held);
        if (held && environment.postgresUrl === undefined) await database.execute('checkpoint');
      },
      warnings: opened.warnings,
      places: { vault, postgres, clickhouse },
      close,
    };
  });
}

/** Opens engines that run already, for a thread that projects. */
export function composeWork(places: EnginePlaces, onClockJump?: (jump: ClockJump) => void): Promise<WorkEngines> {
  const { now, stoodForMs } = createSteadyClock(onClockJump);
  return closingOnFault(async (closing, close) => {
    const { vault, close: forget } = await openVault(places.vault);
    closing.push(async () => forget());
    const database = await openDatabase({ server: places.postgres, role: 'work', connectionsMax: 6 });
    closing.push(() => database.close());
    const events = createClickHouseEventStore(places.clickhouse);
    closing.push(() => events.close());
    const seen = createPostgresAppendStore(database, now);
    const projections = createPostgresProjectionStore(database);
    return { vault, projections, events, expire: () => seen.expire(), now, stoodForMs, close };
  });
}

async function demandRestored(dataDir: string): Promise<void> {
  if ((await stat(join(dataDir, RESTORING_MARK)).catch(() => undefined)) === undefined) return;
  throw new EngineError('other', `the restore into ${dataDir} was not finished: run filrouge restore again`);
}

/** The files of the embedded engines and the keys, as backup and restore copy them. */
export type EmbeddedFiles = {
  readonly postgresBytes: () => Promise<number>;
  readonly copyPostgres: (options: Omit<CopyClusterOptions, 'dataDir'>) => Promise<CopiedCluster>;
  readonly copyEvents: (sink: BackupSink, signal: AbortSignal) => Promise<number>;
  /** Throws `EngineError` while a server has the data directory. */
  readonly demandIdle: () => Promise<void>;
  /** After PostgreSQL's files were copied into their place. */
  readonly settlePostgres: () => Promise<void>;
  /** Begins an event table with the parts that were copied. */
  readonly placeEvents: (parts: string) => Promise<void>;
  readonly copyKeys: typeof copyKeyDirectory;
  readonly keyBuckets: typeof keyBuckets;
  /** Number of the last migration of PostgreSQL that this version knows. */
  readonly migrationsKnown: () => Promise<number>;
};

export function embeddedFiles(dataDir: string): EmbeddedFiles {
  const places = placesIn(dataDir);
  return {
    postgresBytes: () => clusterBytes(places.postgres),
    copyPostgres: (options) => copyEmbeddedCluster({ ...options, dataDir: places.postgres }),
    copyEvents: (sink, signal) => copyEventParts({ dataDir: places.clickhouse, sink, signal }),
    demandIdle: () => demandIdleCluster(places.postgres),
    settlePostgres: () => settleCopiedCluster(places.postgres),
    async placeEvents(parts) {
      const engine = await startEmbeddedClickHouse({ dataDir: places.clickhouse });
      const { url, username, password } = engine;
      try {
        await migrateEvents({ url, username, password, database: EVENTS_DATABASE });
      } finally {
        await engine.stop();
      }
      await placeEventParts(places.clickhouse, parts);
    },
    copyKeys: copyKeyDirectory,
    keyBuckets,
    migrationsKnown: async () => (await readMigrations()).length,
  };
}

/** What tells the keys of one installation from another's, and nothing of them. */
export function fingerprintOf(vault: Vault): string {
  return vault.messageKey('filrouge' as BrandId, 'backup' as SourceId, 'fingerprint');
}

/**
 * The keys of an installation as a backup names them. Throws `VaultFault` where there are none,
 * and as `openVault`.
 */
export async function keysAt(
  settings: VaultSettings,
): Promise<{ readonly fingerprint: string; readonly buckets: readonly number[] }> {
  const buckets = keyBuckets(settings.keyDirectory);
  if (buckets.length === 0) throw new VaultFault(`there are no keys in ${settings.keyDirectory}`);
  const { vault, close } = await openVault(settings);
  const fingerprint = fingerprintOf(vault);
  close();
  return { fingerprint, buckets };
}

/**
 * Of these data keys the ones whose files are not in the key folder. Files of their numbers are made, with other keys:
 * their ids are never given out again, and what they sealed stays closed.
 */
export async function keysGone(settings: VaultSettings, ids: readonly number[]): Promise<readonly number[]> {
  const there = new Set(keyBuckets(settings.keyDirectory));
  const gone = ids.filter((id) => !there.has(bucketOfKey(id)));
  const highest = gone.reduce((number, id) => Math.max(number, bucketOfKey(id)), 0);
  while ((keyBuckets(settings.keyDirectory).at(-1) ?? 0) < highest) {
    const { vault, close } = await openVault(settings);
    vault.newKey();
    close();
  }
  return gone;
}

function placesIn(dataDir: string): Record<'postgres' | 'clickhouse' | 'keys', string> {
  return { postgres: join(dataDir, 'postgres'), clickhouse: join(dataDir, 'clickhouse'), keys: join(dataDir, 'keys') };
}

/** Whatever was opened is closed in reverse when a later step fails. */
async function closingOnFault<T>(
  open: (closing: (() => Promise<void>)[], close: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const closing: (() => Promise<void>)[] = [];
  const close = (): Promise<void> => closeAll(closing.splice(0).reverse());
  try {
    return await open(closing, close);
  } catch (fault) {
    await close().catch(() => undefined);
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
          dataDir: placesIn(environment.dataDir).postgres,
          settings: logSettings(await diskBytes(environment.dataDir)),
          onProgress,
          onCrash: ({ why, logTail }) => onCrash(`PostgreSQL ended unexpectedly (${why}):\n${logTail}`),
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

async function diskBytes(directory: string): Promise<number> {
  const { blocks, bsize } = await statfs(directory);
  return blocks * bsize;
}

async function openClickHouse(
  { environment, onProgress }: ComposeOptions,
  closing: (() => Promise<void>)[],
): Promise<{
  readonly clickhouse: ClickHouseConnection;
  readonly events: EventStore;
  readonly sql: SqlDoor;
  readonly holdMerging: (held: boolean) => Promise<void>;
}> {
  let connection: ClickHouseConnection;
  let isHeld = false;
  const holdMerging = async (held: boolean): Promise<void> => {
    isHeld = held;
    if (environment.clickhouseUrl === undefined) await holdMerges(connection, held);
  };
  if (environment.clickhouseUrl === undefined) {
    const embedded = await startEmbeddedClickHouse({
      dataDir: placesIn(environment.dataDir).clickhouse,
      onProgress,
      onRestart() {
        if (!isHeld) return;
        holdMerging(true).catch(() => onProgress('the embedded ClickHouse could not be told to merge nothing'));
      },
    });
    closing.push(() => embedded.stop());
    const { url, username, password } = embedded;
    connection = { url, username, password, database: EVENTS_DATABASE };
  } else connection = parseClickHouseUrl(environment.clickhouseUrl);
  await migrateEvents(connection);
  const events = createClickHouseEventStore(connection);
  const sql = createClickHouseSqlDoor(connection);
  closing.push(() => Promise.all([events.close(), sql.close()]).then(() => undefined));
  return { clickhouse: connection, events, sql, holdMerging };
}
