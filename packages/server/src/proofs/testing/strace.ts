import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Throws a sentence where there is no strace, without which nothing here can be known. */
export async function requireStrace(): Promise<void> {
  const found = await promisify(execFile)('strace', ['--version']).catch(() => undefined);
  if (found === undefined) throw new Error('this test needs strace: apt-get install strace (Linux, as root)');
}

type Process = { readonly pid: number; readonly parent: number; readonly name: string };

/** A process and the PostgreSQL below it: what has to do with an acknowledgement. */
export async function serverAndPostgres(
  pid: number,
): Promise<{ readonly all: readonly number[]; readonly postgres: readonly number[] }> {
  const processes = await everyProcess();
  const postgres: number[] = [];
  const below = (parent: number): void => {
    for (const each of processes.filter((one) => one.parent === parent)) {
      if (each.name === 'postgres') postgres.push(each.pid);
      below(each.pid);
    }
  };
  below(pid);
  if (postgres.length < 2) throw new Error(`there is no PostgreSQL below ${pid}`);
  return { all: [pid, ...postgres], postgres };
}

async function everyProcess(): Promise<readonly Process[]> {
  const found: Process[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [, pid, comm, parent] = /^(\d+) \((.*)\) \S (\d+)/.exec(stat) ?? [];
    if (comm !== undefined) found.push({ pid: Number(pid), parent: Number(parent), name: comm });
  }
  return found;
}

/** An strace that watches running processes, all their threads, and whatever they start. */
export type Strace = {
  /** Lets go of them, and answers what was seen. */
  readonly end: () => Promise<string>;
};

export async function attachStrace(pids: readonly number[], options: readonly string[]): Promise<Strace> {
  const folder = await mkdtemp(join(tmpdir(), 'filrouge-strace-'));
  const log = join(folder, 'log');
  const who = pids.flatMap((pid) => ['-p', String(pid)]);
  const child = spawn('strace', ['-f', '-yy', '-s', '48', '-o', log, ...options, ...who], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'close');
  const attached = (): boolean => pids.every((pid) => said.includes(`Process ${pid} attached`));
  for (let waited = 0; !attached(); waited += 50) {
    if (waited > 20_000 || child.exitCode !== null) throw new Error(`strace did not attach: ${said}`);
    await pause(50);
  }
  return {
    async end() {
      child.kill('SIGINT');
      await ended;
      const seen = await readFile(log, 'utf8');
      await rm(folder, { recursive: true });
      return seen;
    },
  };
}
