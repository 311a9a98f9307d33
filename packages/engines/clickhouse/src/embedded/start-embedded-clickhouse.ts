import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@filrouge/ports';
import type { ChildMessage, StartMessage } from './child-messages.ts';
import { engineConfiguration, MEMORY_TOTAL_MAX } from './engine-settings.ts';

/** A running embedded ClickHouse; any client of the HTTP interface can use it. */
export interface EmbeddedClickHouse {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Of the engine, e.g. `26.7.2.1`. */
  readonly version: string;
  /** Process id of the child at this moment; undefined while it restarts. */
  readonly pid: number | undefined;
  /** Ends the child and waits for it. Idempotent. */
  stop(): Promise<void>;
}

export type EmbeddedOptions = {
  /** Made if absent, 0700. One process may use it. */
  readonly dataDir: string;
  readonly onProgress?: (line: string) => void;
  /** It ended and runs again: what it was told, and keeps nowhere, is forgotten. */
  readonly onRestart?: () => void;
  /** Bytes the whole engine may take; default 900 MB. */
  readonly memoryBytesMax?: number;
  /** How long to wait for a data directory that is still in use; default 15 seconds. */
  readonly patienceMs?: number;
};

const PATIENCE_MS_DEFAULT = 15_000;
const BACK_OFF_MS_MAX = 10_000;
const STEADY_MS = 5_000;

/**
 * Starts the engine in a child process and keeps it running: after a crash it comes back on the same port with the
 * same credentials, after 0.1 s, doubling up to 10 s. Throws `EngineError` when the first start fails: no engine for
 * this platform, or the data directory is in use.
 */
export async function startEmbeddedClickHouse(options: EmbeddedOptions): Promise<EmbeddedClickHouse> {
  const onProgress = options.onProgress ?? (() => undefined);
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const configFile = join(options.dataDir, 'filrouge-engine.xml');
  await writeFile(configFile, engineConfiguration(options.memoryBytesMax ?? MEMORY_TOTAL_MAX), { mode: 0o600 });
  const first: StartMessage = {
    kind: 'start',
    dataDir: join(options.dataDir, 'engine'),
    configFile,
    username: 'filrouge',
    password: randomBytes(24).toString('base64url'),
    port: 0,
  };
  const started = await startPatiently(first, options.patienceMs ?? PATIENCE_MS_DEFAULT, onProgress);
  return supervise({ ...first, port: started.port }, started, { onProgress, onRestart: options.onRestart });
}

type Started = { readonly child: ChildProcess; readonly port: number; readonly version: string };
type Failed = Extract<ChildMessage, { kind: 'failed' }>;

/** A directory or port may still be held for a moment by a child whose parent was killed: it is ending. */
async function startPatiently(
  message: StartMessage,
  patienceMs: number,
  onProgress: (line: string) => void,
): Promise<Started> {
  const until = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await startOnce(message);
    if ('child' in outcome) return outcome;
    if (!outcome.busy || performance.now() >= until) throw failure(message, outcome);
    if (attempt === 1) onProgress(`waiting for the ClickHouse data directory ${message.dataDir} to be released`);
    await sleep(250);
  }
}

function failure(message: StartMessage, { busy, message: cause }: Failed): EngineError {
  const advice = busy
    ? `the ClickHouse data directory ${message.dataDir} is in use by another process: stop that one first`
    : 'the embedded ClickHouse did not start: set FILROUGE_CLICKHOUSE_URL to a ClickHouse of yours, or see the cause';
  return new EngineError('unavailable', `${advice} (${cause})`);
}

function startOnce(message: StartMessage): Promise<Started | Failed> {
  const child = fork(new URL('./child-entry.ts', import.meta.url), [], {
    execArgv: [],
    env: childEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2_000);
  });
  return new Promise((resolve) => {
    let failed: Failed | undefined;
    child.once('error', (error) => resolve({ kind: 'failed', busy: false, message: error.message }));
    child.once('exit', (code, signal) => {
      // The engine tells its reasons to stderr alone: "Failed to create connection" is all that its caller hears.
      const message = [failed?.message ?? `it ended with ${signal ?? code}`, said.trim()].join(' ').trim();
      const locked = /Code: 76\b|CANNOT_OPEN_FILE/.test(said);
      resolve({ kind: 'failed', busy: locked || failed?.busy === true, message });
    });
    child.once('message', (answer: ChildMessage) => {
      if (answer.kind === 'ready') resolve({ child, port: answer.port, version: answer.version });
      else {
        failed = answer;
        child.kill('SIGKILL');
      }
    });
    child.send(message);
  });
}

/** Nothing of ours but the path and the size of the thread pool in which statements run. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, LD_LIBRARY_PATH, TMPDIR } = process.env;
  return { PATH, HOME, LD_LIBRARY_PATH, TMPDIR, TZ: 'UTC', UV_THREADPOOL_SIZE: '16' };
}

function supervise(
  message: StartMessage,
  first: Started,
  { onProgress, onRestart }: { onProgress: (line: string) => void; onRestart: (() => void) | undefined },
): EmbeddedClickHouse {
  const stop = new AbortController();
  let current: ChildProcess | undefined;
  let restarting: Promise<void> = Promise.resolve();
  let stopping: Promise<void> | undefined;
  let backOffMs = 100;

  function watch({ child }: Started): void {
    current = child;
    const since = performance.now();
    child.once('exit', (code, signal) => {
      current = undefined;
      if (stop.signal.aborted) return;
      if (performance.now() - since > STEADY_MS) backOffMs = 100;
      onProgress(`the embedded ClickHouse ended with ${signal ?? code}; starting it again in ${backOffMs} ms`);
      restarting = again();
    });
  }

  async function again(): Promise<void> {
    for (;;) {
      await sleep(backOffMs, undefined, { ref: false, signal: stop.signal }).catch(() => undefined);
      backOffMs = Math.min(backOffMs * 2, BACK_OFF_MS_MAX);
      if (stop.signal.aborted) return;
      const outcome = await startOnce(message);
      if ('child' in outcome) {
        watch(outcome);
        if (stop.signal.aborted) return;
        onProgress('the embedded ClickHouse runs again');
        onRestart?.();
        return;
      }
      onProgress(`the embedded ClickHouse does not start: ${outcome.message}`);
    }
  }

  watch(first);
  return {
    url: `http://127.0.0.1:${first.port}`,
    username: message.username,
    password: message.password,
    version: first.version,
    get pid() {
      return current?.pid;
    },
    stop() {
      stop.abort();
      stopping ??= restarting.then(() => (current === undefined ? undefined : end(current)));
      return stopping;
    },
  };
}

/** Asks the child to finish, waits, and insists after 15 seconds. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const insist = setTimeout(() => child.kill('SIGKILL'), 15_000);
  child.send({ kind: 'stop' }, () => undefined);
  await gone;
  clearTimeout(insist);
}
