import { readdir, readFile } from 'node:fs/promises';

/** Length of a kernel clock tick. Unit: ms. */
const TICK_MS = 10;

export type ProcessUse = {
  readonly pid: number;
  readonly name: string;
  readonly cpuMs: number;
  readonly pssBytes: number;
};

/** A process and all that it started: what each took of the processors since its start, and its share of memory (PSS). */
export async function processTree(root: number): Promise<readonly ProcessUse[]> {
  const stats = new Map<number, { readonly parent: number; readonly name: string; readonly cpuMs: number }>();
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const stat = await read(`/proc/${pid}/stat`);
    // The name stands in brackets and may hold any character.
    const close = stat.lastIndexOf(')');
    if (close < 0) continue;
    const fields = stat.slice(close + 2).split(' ');
    stats.set(pid, {
      parent: Number(fields[1]),
      name: stat.slice(stat.indexOf('(') + 1, close),
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    });
  }
  const tree = [...stats].filter(([pid]) => isWithin(stats, pid, root));
  return Promise.all(tree.map(async ([pid, { name, cpuMs }]) => ({ pid, name, cpuMs, pssBytes: await pssOf(pid) })));
}

function isWithin(stats: ReadonlyMap<number, { readonly parent: number }>, pid: number, root: number): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = stats.get(at)?.parent)
    if (at === root) return true;
  return false;
}

async function pssOf(pid: number): Promise<number> {
  const told = /^Pss:\s+(\d+) kB/m.exec(await read(`/proc/${pid}/smaps_rollup`));
  return Number(told?.[1] ?? 0) * 1024;
}

/** Empty where the process has gone. */
async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

export function sumOf(tree: readonly ProcessUse[], of: 'cpuMs' | 'pssBytes'): number {
  return tree.reduce((sum, one) => sum + one[of], 0);
}
