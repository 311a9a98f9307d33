import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { PostgresConnection } from '../connection.ts';
import type { ServerAccount } from './embedded-account.ts';
import type { PostgresBinaries } from './embedded-binaries.ts';
import { type EmbeddedEndpoint, endpointSettings } from './embedded-endpoint.ts';
import { type ServerProcess, serverFlags, stopPostmaster } from './embedded-process.ts';
import { findPostmaster, type RunningPostmaster, stopWhenWeExit } from './postmaster.ts';
import { startTimeOf } from './process-identity.ts';
import { endOfLog, readLog } from './server-log.ts';

const WATCH_MS = 1_000;

/** A server that another parent started and we took over. */
export interface AdoptedServer extends ServerProcess {
  readonly endpoint: EmbeddedEndpoint;
}

/**
 * Deals with the server that a killed parent left on this cluster: adopts it when it is ready, was started with the
 * flags we would use, and takes our password; else stops it and waits for its exit. Undefined: nothing runs any more.
 */
export async function adoptOrStop(plan: {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly admin: (endpoint: EmbeddedEndpoint) => PostgresConnection;
  readonly onProgress: (line: string) => void;
}): Promise<AdoptedServer | undefined> {
  const left = await findPostmaster(plan.clusterDir);
  if (left === undefined) return undefined;
  const endpoint: EmbeddedEndpoint =
    left.socketDirectory === undefined
      ? { kind: 'loopback', port: left.port }
      : { kind: 'socket', directory: left.socketDirectory, port: left.port };
  const same = left.status === 'ready' && (await startedAsWeWould(plan, endpoint));
  if (same && (await takeOver(plan.admin(endpoint), plan.binaries.version))) {
    plan.onProgress(`took over the PostgreSQL server ${left.pid} that an interrupted run left`);
    return { ...watched(left, plan.dataDir, await endOfLog(plan.dataDir)), endpoint };
  }
  plan.onProgress(`stopping the PostgreSQL server ${left.pid} that an interrupted run left`);
  await stopPostmaster(left);
  return undefined;
}

/** postmaster.opts holds the command line, each argument in double quotes. */
async function startedAsWeWould(
  plan: {
    readonly clusterDir: string;
    readonly account: ServerAccount | undefined;
    readonly settings: Readonly<Record<string, string>>;
  },
  endpoint: EmbeddedEndpoint,
): Promise<boolean> {
  const path = plan.account !== undefined && process.platform === 'linux' ? '/proc/self/fd/3' : plan.clusterDir;
  const flags = serverFlags(path, { ...plan.settings, ...endpointSettings(endpoint) });
  const command = await readFile(join(plan.clusterDir, 'postmaster.opts'), 'utf8').catch(() => '');
  return command.trimEnd().endsWith(` ${flags.map((flag) => `"${flag}"`).join(' ')}`);
}

/** Connects with the stored password, checks the version, and ends what the dead parent still has open. */
async function takeOver(admin: PostgresConnection, version: string): Promise<boolean> {
  const client = new pg.Client({ ...admin, connectionTimeoutMillis: 5_000, application_name: 'filrouge adopt' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    if (rows[0]?.server_version.split(' ')[0] !== version) return false;
    await client.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name LIKE 'filrouge%'`,
    );
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** It is no child of ours: only asking its pid now and then tells that it ended. */
function watched(left: RunningPostmaster, dataDir: string, logOffset: number): ServerProcess {
  const forget = stopWhenWeExit(left);
  return {
    pid: left.pid,
    stop: () => stopPostmaster(left),
    onExit(listener) {
      const timer = setInterval(() => {
        if (startTimeOf(left.pid) === left.startedAt) return;
        clearInterval(timer);
        forget();
        void readLog(dataDir, logOffset).then((said) => {
          listener({ exitCode: undefined, signal: undefined, said });
        });
      }, WATCH_MS);
      timer.unref();
    },
  };
}
