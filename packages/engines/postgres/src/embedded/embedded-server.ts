import { mkdir, realpath } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { EngineError } from '@filrouge/ports';
import type { PostgresConnection } from '../connection.ts';
import { acquireDirectoryLock, type DirectoryLock } from './directory-lock.ts';
import { serverAccountFor } from './embedded-account.ts';
import { locateBinaries } from './embedded-binaries.ts';
import { clusterDirOf, ensureCluster } from './embedded-cluster.ts';
import {
  APPLICATION_DATABASE,
  APPLICATION_ROLE,
  createCredentials,
  type EmbeddedCredentials,
  readCredentials,
  SUPERUSER,
} from './embedded-credentials.ts';
import { chooseEndpoint, type EmbeddedEndpoint, endpointSettings, removeEndpoint } from './embedded-endpoint.ts';
import { launch, type ServerProcess } from './embedded-process.ts';
import { EMBEDDED_SETTINGS } from './embedded-settings.ts';
import { keepRunning, type ServerCrash } from './keep-running.ts';
import { adoptOrStop } from './leftover-server.ts';
import { findPostmaster } from './postmaster.ts';
import { prepareApplication } from './prepare-application.ts';
import { settleRootsCluster } from './settle-cluster.ts';

export interface EmbeddedPostgresOptions {
  /** Folder of this database alone, made 0700 if absent; an existing one is used as it is. */
  readonly dataDir: string;
  /** One human line at a time, for what takes longer than a moment. */
  readonly onProgress?: (line: string) => void;
  /** The server ended without `stop()` and is not started again (see `keepRunning`). Called at most once. */
  readonly onCrash?: (crash: ServerCrash) => void;
  /** `loopback` forces TCP on 127.0.0.1; the default prefers a Unix socket. */
  readonly listen?: 'socket' | 'loopback';
  /** Folder with `bin/postgres`, `bin/initdb`, `lib` and `share`, instead of the npm package's. */
  readonly programs?: string;
  /** Changes to `EMBEDDED_SETTINGS`, e.g. `{ shared_buffers: '1GB' }` on a larger machine. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running server under our supervision: where it ends unasked it comes back at the same place, without its connections. */
export interface EmbeddedPostgres {
  /** For the product: the owner of its database, not a superuser. */
  readonly connection: PostgresConnection;
  /** For backups and tests: the superuser, in the maintenance database. */
  readonly admin: PostgresConnection;
  /** Another after each restart. */
  readonly pid: number;
  /** True when a server left by a killed parent was taken over instead of started. */
  readonly adopted: boolean;
  /** Fast shutdown: open transactions are rolled back, the rest is checkpointed; waits for the exit. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts (or takes over) the PostgreSQL of a data directory and waits until it answers.
 *
 * Inside `dataDir`: `cluster/` (PGDATA), `credentials.json` (0600), `locks/`, `server.log`, and `socket/` where it
 * fits. As root the server runs under the owner of an existing cluster, else under uid 65534; the directory may lie
 * under a private home. First start: one to six seconds; later ones about 0.2 s.
 * Throws `EngineError` with a sentence for the operator: directory in use, foreign owner, other major version, no
 * programs for this platform, disk full, or the end of the server's log.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const onProgress = options.onProgress ?? (() => undefined);
  const wanted = isAbsolute(options.dataDir) ? options.dataDir : resolve(options.dataDir);
  // Without /proc (macOS) a root's server account must pass through; what is inside is 0600 and 0700 anyway.
  const mode = process.getuid?.() === 0 && process.platform !== 'linux' ? 0o711 : 0o700;
  await mkdir(wanted, { recursive: true, mode });
  const dataDir = await realpath(wanted);
  const lock = await acquireDirectoryLock(dataDir, onProgress);
  if (!lock.ok) {
    throw new EngineError(
      'other',
      `${dataDir} is in use by process ${lock.refusal.pid} on ${lock.refusal.host}: stop that Filrouge first, or choose another FILROUGE_DATA_DIR`,
    );
  }
  try {
    return await startLocked({ ...options, dataDir, onProgress }, lock.value);
  } catch (error) {
    await lock.value.release();
    throw error;
  }
}

type LockedOptions = EmbeddedPostgresOptions & { readonly onProgress: (line: string) => void };

async function startLocked(options: LockedOptions, lock: DirectoryLock): Promise<EmbeddedPostgres> {
  const { dataDir, onProgress } = options;
  const clusterDir = clusterDirOf(dataDir);
  await settleRootsCluster(dataDir);
  const account = await serverAccountFor(clusterDir);
  const { programs } = options;
  const binaries = await locateBinaries({ account, onProgress, ...(programs === undefined ? {} : { programs }) });
  const credentials = await credentialsFor(dataDir, clusterDir);
  await ensureCluster({ dataDir, binaries, account, superuserPassword: credentials.superuser, onProgress });

  const endpoint = await chooseEndpoint(clusterDir, dataDir, account, options.listen ?? 'socket');
  const settings = { ...EMBEDDED_SETTINGS, ...options.settings };
  const plan = { dataDir, clusterDir, binaries, account, onProgress };
  const admin = (at: EmbeddedEndpoint): PostgresConnection => superuserAt(at, credentials);
  const leftover = await adoptOrStop({ ...plan, settings, admin });
  const at = leftover?.endpoint ?? endpoint;
  const start = async (): Promise<ServerProcess> => {
    // Takes away the pid file of a dead server whose pid is another program's by now.
    await findPostmaster(clusterDir);
    return launch({ ...plan, settings: { ...settings, ...endpointSettings(at) } });
  };
  let server: ServerProcess | undefined = leftover;
  try {
    server ??= await start();
    await prepareApplication(admin(at), credentials.application);
  } catch (error) {
    await server?.stop();
    await removeEndpoint(at);
    throw error;
  }
  return supervise({ server, start, lock, endpoint: at, credentials, options, adopted: leftover !== undefined });
}

function supervise(running: {
  readonly server: ServerProcess;
  readonly start: () => Promise<ServerProcess>;
  readonly lock: DirectoryLock;
  readonly endpoint: EmbeddedEndpoint;
  readonly credentials: EmbeddedCredentials;
  readonly options: LockedOptions;
  readonly adopted: boolean;
}): EmbeddedPostgres {
  const { server, start, lock, endpoint, credentials, options } = running;
  let stopping: Promise<void> | undefined;
  async function letGo(): Promise<void> {
    await removeEndpoint(endpoint);
    await lock.release();
  }
  const kept = keepRunning(server, {
    start,
    onProgress: options.onProgress,
    onGivenUp(crash) {
      // The directory first: the listener may want to start again at once.
      stopping ??= letGo().then(() => options.onCrash?.(crash));
    },
  });
  const admin = superuserAt(endpoint, credentials);
  return {
    admin,
    connection: { ...admin, user: APPLICATION_ROLE, password: credentials.application, database: APPLICATION_DATABASE },
    get pid() {
      return kept.pid;
    },
    adopted: running.adopted,
    stop() {
      stopping ??= kept.stop().then(letGo);
      return stopping;
    },
  };
}

function superuserAt(endpoint: EmbeddedEndpoint, credentials: EmbeddedCredentials): PostgresConnection {
  const host = endpoint.kind === 'socket' ? endpoint.directory : '127.0.0.1';
  return { host, port: endpoint.port, user: SUPERUSER, password: credentials.superuser, database: 'postgres' };
}

async function credentialsFor(dataDir: string, clusterDir: string): Promise<EmbeddedCredentials> {
  const stored = await readCredentials(dataDir);
  if (stored !== undefined) return stored;
  const hasCluster = await realpath(clusterDir).then(
    () => true,
    () => false,
  );
  if (hasCluster) {
    throw new EngineError(
      'other',
      `${dataDir} holds a database but its passwords (credentials.json) are gone: restore that file from a backup`,
    );
  }
  return createCredentials(dataDir);
}
