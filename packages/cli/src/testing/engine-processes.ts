import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { treeOf } from '../proofs/testing/process-tree.ts';

/** How an engine is made to end. */
export const POSTGRES_ENDS = ['postmaster killed', 'backend killed', 'immediate shutdown'] as const;
export type PostgresEnd = (typeof POSTGRES_ENDS)[number];

type Process = { readonly pid: number; readonly command: string };

/** Ends the PostgreSQL below a server; answers once its postmaster is gone. */
export async function endPostgres(server: number, how: PostgresEnd): Promise<void> {
  const processes = await untilFound(server, 'postgres', ({ command }) => /\bpostgres\b/.test(command));
  const postmaster = processes.find(({ command }) => command.includes(' -D ')) as Process;
  const backends = processes.filter(({ command }) => command.startsWith('postgres: filrouge'));
  const target = how === 'backend killed' ? (backends[0] ?? postmaster) : postmaster;
  signal(target.pid, how === 'immediate shutdown' ? 'SIGQUIT' : 'SIGKILL');
  await gone(postmaster.pid);
}

/** Kills the ClickHouse below a server. */
export async function killClickHouse(server: number): Promise<void> {
  const [engine] = await untilFound(server, 'ClickHouse', ({ command }) => command.includes('child-entry'));
  signal((engine as Process).pid, 'SIGKILL');
  await gone((engine as Process).pid);
}

/** Those processes below a server that are meant; waits for them while it starts them again. */
async function untilFound(
  server: number,
  what: string,
  isMeant: (process: Process) => boolean,
): Promise<readonly Process[]> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    const found: Process[] = [];
    for (const pid of (await treeOf(server)).slice(1)) {
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
      if (isMeant({ pid, command })) found.push({ pid, command });
    }
    if (found.length > 0) return found;
    await pause(20);
  }
  throw new Error(`no ${what} below ${server} for a minute`);
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
