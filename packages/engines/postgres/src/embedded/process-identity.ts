import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Which process, exactly: a pid alone is reused, so its start time goes with it; and both mean something only inside
 * one pid namespace of one boot (two containers on one volume both have a process 1), which `space` names.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
  readonly space: string;
}

/** Identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startedAt: startTimeOf(process.pid) ?? 'unknown', space: pidSpace() };
}

/**
 * When the process with this pid started (an opaque text, equal only for the same process); undefined when no such
 * process runs. A zombie does not run.
 */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxStartTime(pid);
  if (!answersSignals(pid)) return undefined;
  if (process.platform === 'win32') return 'running';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** `elsewhere`: the identity belongs to another container, host or boot, so its pid says nothing here. */
export function whereRuns(identity: ProcessIdentity): 'here' | 'nowhere' | 'elsewhere' {
  if (identity.space !== pidSpace()) return 'elsewhere';
  return startTimeOf(identity.pid) === identity.startedAt ? 'here' : 'nowhere';
}

function linuxStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold spaces: count from the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    return state === 'Z' || state === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function pidSpace(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
