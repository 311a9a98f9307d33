import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { treeOf } from '../proofs/testing/process-tree.ts';

/** How an engine is made to end. */
export const POSTGRES_ENDS = ['postmaster killed', 'backend killed', 'immediate shutdown'] as const;
export type PostgresEnd = (typeof POSTGRES_ENDS)[number];

const PATIENCE_MS = 60_000;

/** Ends the embedded PostgreSQL of a data directory, whoever started it; answers once its postmaster is gone. */
export async function endPostgres(dataDir: string, how: PostgresEnd): Promise<void> {
  const postmaster = await untilFound('PostgreSQL', () => postmasterOf(dataDir));
  const backend =
    how === 'backend killed'
      ? await findBelow(postmaster, (command) => command.startsWith('postgres: filrouge'))
      : undefined;
  signal(backend ?? postmaster, how === 'immediate shutdown' ? 'SIGQUIT' : 'SIGKILL');
  await gone(postmaster);
}

/** Kills the ClickHouse below a server. */
export async function killClickHouse(server: number): Promise<void> {
  const engine = await untilFound('ClickHouse', () => findBelow(server, (command) => command.includes('child-entry')));
  signal(engine, 'SIGKILL');
  await gone(engine);
}

/** The first line of its pid file, where that process runs and is ready. */
async function postmasterOf(dataDir: string): Promise<number | undefined> {
  const file = await readFile(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  return pid > 0 && (await commandOf(pid)).includes('postgres') ? pid : undefined;
}

async function findBelow(root: number, isMeant: (command: string) => boolean): Promise<number | undefined> {
  for (const pid of (await treeOf(root)).slice(1)) if (isMeant(await commandOf(pid))) return pid;
  return undefined;
}

async function commandOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
}

/** Waits while it is started again. */
async function untilFound(what: string, find: () => Promise<number | undefined>): Promise<number> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const pid = await find();
    if (pid !== undefined) return pid;
    await pause(20);
  }
  throw new Error(`no ${what} runs for a minute`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (stat === '' || /^\d+ \(.*\) [ZX]/s.test(stat)) return;
    await pause(10);
  }
}
