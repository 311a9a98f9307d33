import { readFile, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTimeOf } from './process-identity.ts';

/** What postmaster.pid says (storage/pidfile.h): one value a line. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** Absent when it listens on TCP only. */
  readonly socketDirectory: string | undefined;
  readonly status: string;
}

/** Reads the pid file of a cluster; undefined when there is none (or it is still being written). */
export async function readPostmasterFile(clusterDir: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]), socketDirectory: lines[4] || undefined, status: lines[7] ?? '' };
}

/** A server process, with the start time that tells it from a later process of the same pid. */
export interface RunningPostmaster extends PostmasterFile {
  readonly startedAt: string;
}

/**
 * The server that a killed parent left running on this cluster, if any.
 * A pid file whose pid now belongs to another program (usual after a container restart, where pids start again at 1)
 * is removed, because PostgreSQL itself would refuse to start over it; the caller holds the directory lock.
 */
export async function findPostmaster(clusterDir: string): Promise<RunningPostmaster | undefined> {
  const file = await readPostmasterFile(clusterDir);
  if (file === undefined) return undefined;
  const startedAt = startTimeOf(file.pid);
  // A dead pid: the file stays, PostgreSQL reads in it which shared memory to check for surviving children.
  if (startedAt === undefined) return undefined;
  if (await worksIn(file.pid, clusterDir)) return { ...file, startedAt };
  await rm(join(clusterDir, 'postmaster.pid'), { force: true });
  return undefined;
}

/** A postmaster's working directory is its cluster. Where that cannot be asked (macOS) the pid file is believed. */
async function worksIn(pid: number, clusterDir: string): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  try {
    const [here, there] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(clusterDir)]);
    return here.ino === there.ino && here.dev === there.dev;
  } catch {
    // Not ours to look at (another user's): its name decides.
    const program = await readlink(`/proc/${pid}/exe`).catch(() => undefined);
    const name = program ?? (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => ''));
    return /(^|\/)postgres\s*$/.test(name);
  }
}

/** `immediate` skips the checkpoint: the next start recovers from the log. */
export type StopMode = 'fast' | 'immediate';

/** Asks a postmaster to stop: open transactions are rolled back. False when it is not ours to signal. */
export function signalPostmaster(pid: number, mode: StopMode): boolean {
  try {
    process.kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Waits until the process is gone; false after `timeoutMs`. */
export async function waitForExit(
  process: { readonly pid: number; readonly startedAt: string },
  timeoutMs: number,
): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (startTimeOf(process.pid) === process.startedAt) {
    if (performance.now() >= until) return false;
    await sleep(20);
  }
  return true;
}

/**
 * Whoever leaves without stop() (process.exit, an uncaught error) still leaves no server behind; SIGKILL is what the
 * adoption at the next start is for. Answers how to take the wish back.
 */
export function stopWhenWeExit(server: { readonly pid: number; readonly startedAt: string }): () => void {
  const lastWish = (): void => {
    if (startTimeOf(server.pid) === server.startedAt) signalPostmaster(server.pid, 'fast');
  };
  process.once('exit', lastWish);
  return () => {
    process.removeListener('exit', lastWish);
  };
}
