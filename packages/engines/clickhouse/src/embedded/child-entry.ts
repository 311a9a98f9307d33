/**
 * The process that holds the embedded ClickHouse. It lives as long as the IPC channel to its parent: when the parent
 * goes, however it goes, the child ends at once (nothing acknowledged is lost by that), so none is left behind.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setPriority } from 'node:os';
import { drainPending, Session } from 'chdb';
import type { ChildMessage, ParentMessage, StartMessage } from './child-messages.ts';
import { createEngineHttp, READ_MARK } from './engine-http.ts';
import { createLeavers } from './leavers.ts';
import { createSessionPool } from './session-pool.ts';

/** Readers and writers have places of their own: a heavy report never holds up an insert. Together fewer than UV_THREADPOOL_SIZE. */
const READERS = 6;
const WRITERS = 4;
const WAITING_MAX = 256;
const STOP_MS_MAX = 10_000;
/** Events that are taken and persons that are looked at go before inserts, merges and reports. */
const NICE = 5;

type Running = { readonly server: Server; readonly close: () => Promise<void> };
let running: Running | undefined;

process.on('disconnect', endAtOnce);
// The terminal sends its signals to the whole group; the parent decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('message', (message: ParentMessage) => {
  if (message.kind === 'stop') void stop();
  else start(message);
});

function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}

function tell(message: ChildMessage): void {
  process.send?.(message);
}

function start(message: StartMessage): void {
  try {
    setPriority(NICE);
    running = open(message);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    tell({ kind: 'failed', busy: false, message: text });
  }
}

function open(message: StartMessage): Running {
  const session = (): Session =>
    new Session(message.dataDir, { connectionArgs: [`--config-file=${message.configFile}`] });
  // This one stays open: when the last session of a process closes, the engine shuts down.
  const keeper = session();
  const readers = createSessionPool(session, READERS, WAITING_MAX);
  const writers = createSessionPool(session, WRITERS, WAITING_MAX);
  const leavers = createLeavers((marks) =>
    keeper.queryAsync(`KILL QUERY WHERE ${marks.map((mark) => `startsWith(query, '${mark}')`).join(' OR ')} ASYNC`),
  );
  const handle = createEngineHttp({
    username: message.username,
    password: message.password,
    readers,
    writers,
    leavers,
  });
  const server = createServer({ maxHeaderSize: 1024 * 1024, keepAliveTimeout: 60_000, requestTimeout: 0 }, handle);
  server.on('error', (error: NodeJS.ErrnoException) => {
    tell({ kind: 'failed', busy: error.code === 'EADDRINUSE', message: error.message });
  });
  server.listen({ host: '127.0.0.1', port: message.port }, () => {
    const version = keeper.query('SELECT version()', 'TabSeparated').trim();
    tell({ kind: 'ready', port: (server.address() as AddressInfo).port, version });
  });
  return {
    server,
    async close() {
      await keeper.queryAsync(`KILL QUERY WHERE startsWith(query, '${READ_MARK}') ASYNC`).catch(() => undefined);
      await drainPending();
      readers.close();
      writers.close();
      keeper.close();
      await drainPending();
    },
  };
}

async function stop(): Promise<void> {
  setTimeout(endAtOnce, STOP_MS_MAX).unref();
  if (running !== undefined) {
    const { server } = running;
    await new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 2_000).unref();
    });
    await running.close();
  }
  process.exit(0);
}
