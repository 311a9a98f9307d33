import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CopyLine, readCopyLine } from './copy-line.ts';

/** Files of the second place are called so; each process writes its own. */
const COPY_FILE = /^consents-.*\.log$/;
/** The last line of most files is within so much of the end. Unit: bytes. */
const TAIL_BYTES = 64 * 1024;

type FactsLine = Extract<CopyLine, { kind: 'facts' }>;

/** What the second place holds that a ledger may not have. */
export type HeldCopy = {
  /** Last ledger position that was ever told; 0: nothing was. */
  readonly last: number;
  /** The lines with facts after the asked position, in their order. */
  readonly facts: readonly FactsLine[];
  /** A line that holds the asked position, by which two ledgers are told apart. */
  readonly at: FactsLine | undefined;
  /** Runs that were told as undone at the asked position or later, among them all that were before. */
  readonly undone: readonly string[];
};

/**
 * Reads the second place as far as it is newer than a ledger position; files that end before are passed over. Lines that
 * cannot be read count for nothing: at the end of a file that is what a crash leaves, and is said again in the next. A
 * directory that is not there holds nothing.
 */
export async function readCopy(directory: string, after: number): Promise<HeldCopy> {
  const facts: FactsLine[] = [];
  const undone = new Set<string>();
  let last = 0;
  let at: FactsLine | undefined;
  for (const name of await namesIn(directory)) {
    const path = join(directory, name);
    const end = await endOf(path);
    last = Math.max(last, end ?? 0);
    if (end !== undefined && end < after) continue;
    for await (const line of linesOf(path)) {
      if (line.kind === 'undone') for (const run of line.runs) undone.add(run);
      last = Math.max(last, positionOf(line));
      if (line.kind !== 'facts') continue;
      if (line.first <= after && line.last >= after) at = line;
      if (line.last > after) facts.push(line);
    }
  }
  return { last, facts: facts.sort((a, b) => a.first - b.first), at, undone: [...undone].sort() };
}

function positionOf(line: CopyLine): number {
  return line.kind === 'facts' ? line.last : line.at;
}

async function* linesOf(path: string): AsyncGenerator<CopyLine> {
  const input = createReadStream(path);
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const line = readCopyLine(text);
    if (line !== undefined) yield line;
  }
}

/** The position of a file's last line; undefined where that is not to be seen at its end. Positions of a file rise. */
async function endOf(path: string): Promise<number | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    const line = lines
      .reverse()
      .map(readCopyLine)
      .find((each) => each !== undefined);
    return line === undefined ? undefined : positionOf(line);
  } finally {
    await file.close();
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((fault: NodeJS.ErrnoException): string[] => {
    if (fault.code === 'ENOENT') return [];
    throw fault;
  });
  return names.filter((name) => COPY_FILE.test(name)).sort();
}
