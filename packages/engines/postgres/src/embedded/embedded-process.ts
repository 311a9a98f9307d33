import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@filrouge/ports';
import type { ServerAccount } from './embedded-account.ts';
import type { PostgresBinaries } from './embedded-binaries.ts';
import { childEnvironment, openChildDirectory } from './embedded-cluster.ts';
import { judgeStart, type ServerEnd, tellingPart } from './judge-end.ts';
import { readPostmasterFile, signalPostmaster, stopWhenWeExit, waitForExit } from './postmaster.ts';
import { startTimeOf } from './process-identity.ts';
import { openLog, readLog } from './server-log.ts';

/** Crash recovery of a large log takes minutes; it is reported every few seconds and then given up. */
const START_MS_MAX = 15 * 60_000;
const STOP_MS_MAX = 90_000;
/** Children of a killed postmaster need a moment to notice; until then a new one may not touch their shared memory. */
const ORPHAN_MS_MAX = 15_000;

/** A server process, started or adopted. */
export interface ServerProcess {
  readonly pid: number;
  /** Nothing to do where it has ended. */
  stop(): Promise<void>;
  /** `listener` is called once when the process ends for whatever reason. */
  onExit(listener: (end: ServerEnd) => void): void;
}

export interface LaunchPlan {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly onProgress: (line: string) => void;
}

/** The flags after the program's name; the same flags mean the same server (a leftover one is compared by them). */
export function serverFlags(clusterPath: string, settings: Readonly<Record<string, string>>): readonly string[] {
  const flags = ['-D', clusterPath];
  for (const [name, value] of Object.entries(settings)) flags.push('-c', `${name}=${value}`);
  return flags;
}

/**
 * Starts the server and waits until it accepts connections. Throws `EngineError` with the end of its log, `unavailable`
 * where another attempt may fare better (see `judgeStart`).
 */
export async function launch(plan: LaunchPlan): Promise<ServerProcess> {
  const orphansUntil = performance.now() + ORPHAN_MS_MAX;
  for (;;) {
    const log = await openLog(plan.dataDir);
    const child = spawnServer(plan, log.descriptor);
    const ended = endOf(child);
    const failure = await untilReady(plan, child, ended);
    if (failure === undefined && child.pid !== undefined) {
      return supervisedChild(child, child.pid, ended, () => readLog(plan.dataDir, log.offset));
    }
    const said = await readLog(plan.dataDir, log.offset);
    const orphans = /pre-existing shared memory block|is still in use|lock file ".*" already exists/.test(said);
    if (orphans && performance.now() < orphansUntil) {
      await sleep(200);
      continue;
    }
    throw new EngineError(judgeStart(said), `PostgreSQL did not start (${failure}): ${tellingPart(said)}`);
  }
}

function spawnServer(plan: LaunchPlan, logDescriptor: number): ChildProcess {
  const folder = openChildDirectory(plan.clusterDir, plan.account);
  try {
    return spawn(plan.binaries.postgres, serverFlags(folder.path, plan.settings), {
      ...plan.account,
      cwd: '/',
      env: childEnvironment(),
      // A process group of its own: Ctrl-C in a terminal is for us, who still have work to write before it stops.
      detached: true,
      // The log is a file, not a pipe: a server that outlives us must be able to write.
      stdio: ['ignore', logDescriptor, logDescriptor, ...folder.stdio],
    });
  } finally {
    folder.close();
    closeSync(logDescriptor);
  }
}

interface ChildEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly reason: string;
}

function endOf(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ exitCode: undefined, signal: undefined, reason: error.message }));
    child.once('exit', (code, signal) => {
      const reason = signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve({ exitCode: code ?? undefined, signal: signal ?? undefined, reason });
    });
  });
}

/** Undefined when ready, else why not. */
async function untilReady(
  plan: LaunchPlan,
  child: ChildProcess,
  ended: Promise<ChildEnd>,
): Promise<string | undefined> {
  let reason: string | undefined;
  void ended.then((end) => {
    reason = end.reason;
  });
  const started = performance.now();
  let reported = started;
  for (;;) {
    await sleep(15);
    if (reason !== undefined) return reason;
    const file = await readPostmasterFile(plan.clusterDir);
    if (file !== undefined && file.pid === child.pid && file.status === 'ready') return undefined;
    const now = performance.now();
    if (now - reported > 3_000) {
      reported = now;
      plan.onProgress('PostgreSQL is starting (after a crash it first replays its log)');
    }
    if (now - started > START_MS_MAX) {
      child.kill('SIGQUIT');
      return `not ready after ${START_MS_MAX / 60_000} minutes`;
    }
  }
}

function supervisedChild(
  child: ChildProcess,
  pid: number,
  ended: Promise<ChildEnd>,
  said: () => Promise<string>,
): ServerProcess {
  const startedAt = startTimeOf(pid) ?? '';
  const forget = stopWhenWeExit({ pid, startedAt });
  child.unref();
  return {
    pid,
    stop: () => stopPostmaster({ pid, startedAt }),
    onExit(listener) {
      void ended.then(async (end) => {
        forget();
        listener({ exitCode: end.exitCode, signal: end.signal, said: await said() });
      });
    },
  };
}

/** Fast shutdown, then (after 90 s) an immediate one, from which the next start recovers. */
export async function stopPostmaster(process: { readonly pid: number; readonly startedAt: string }): Promise<void> {
  if (startTimeOf(process.pid) !== process.startedAt) return;
  if (!signalPostmaster(process.pid, 'fast')) {
    throw new EngineError('other', `not allowed to stop the PostgreSQL server ${process.pid}: another user started it`);
  }
  if (await waitForExit(process, STOP_MS_MAX)) return;
  signalPostmaster(process.pid, 'immediate');
  if (await waitForExit(process, STOP_MS_MAX)) return;
  throw new EngineError('other', `the PostgreSQL server ${process.pid} does not stop`);
}
