import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CopyLine, legiblePosition, readCopyLine } from './copy-line.ts';

/** Files of the second place are called so, with the first position that they may tell; each process writes its own. */
const COPY_FILE = /^consents-(\d+)-.*\.log$/;
/** The last line of most files is within so much of the end. Unit: bytes. */
const TAIL_BYTES = 64 * 1024;

type FactsLine = Extract<CopyLine, { kind: 'facts' }>;

/** A line that cannot be read: what came before it ends at `after`, and itself it spoke up to `position` at least. */
export type UnreadLine = {
  readonly path: string;
  readonly line: number;
  readonly after: number;
  readonly position: number;
};

/** What the second place holds that a ledger may not have. */
export type HeldCopy = {
  /** Last ledger position that was told and can be read; 0: nothing was. */
  readonly last: number;
  /** The lines with facts after the asked position, in their order. */
  readonly facts: readonly FactsLine[];
  /** The latest line that tells nothing after the asked position, by which two ledgers are told apart. */
  readonly at: FactsLine | undefined;
  /** Runs that were told as undone at the asked position or later, among them all that were before. */
  readonly undone: readonly string[];
  /** By which keys it was written; older releases did not say. */
  readonly fingerprints: readonly string[];
  readonly unread: readonly UnreadLine[];
};

/** An empty second place, as far as it is read. */
class Held {
  readonly facts: FactsLine[] = [];
  readonly undone = new Set<string>();
  readonly fingerprints = new Set<string>();
  readonly unread: UnreadLine[] = [];
  last = 0;
  at: FactsLine | undefined;

  take(line: CopyLine, after: number): void {
    if (line.kind === 'keys') {
      this.fingerprints.add(line.fingerprint);
      return;
    }
    this.last = Math.max(this.last, positionOf(line));
    if (line.kind === 'undone') for (const run of line.runs) this.undone.add(run);
    else if (line.last > after) this.facts.push(line);
    else if (this.at === undefined || this.at.last <= line.last) this.at = line;
  }
}

/**
 * Reads the second place as far as it is newer than a ledger position. Files that end before are passed over, but for
 * what tells them apart from another installation's. Lines that cannot be read are named: at the end of a file that is
 * what a crash leaves, and is told again in the next. A directory that is not there holds nothing.
 */
export async function readCopy(directory: string, after: number): Promise<HeldCopy> {
  const held = new Held();
  for (const name of await namesIn(directory)) {
    const path = join(directory, name);
    const end = await endOf(path);
    if (end === undefined || end.told >= after) {
      await readAll(path, held, after);
      continue;
    }
    held.take(end.line, after);
    await readBeginning(path, held, after);
  }
  const { facts, undone, fingerprints, ...rest } = held;
  return {
    ...rest,
    facts: facts.sort((a, b) => a.first - b.first),
    undone: [...undone].sort(),
    fingerprints: [...fingerprints],
  };
}

/** The first position after `from` that no line tells, up to `last`; undefined where all are told. */
export function firstMissing(lines: readonly FactsLine[], from: number, last: number): number | undefined {
  let next = from + 1;
  for (const line of lines) if (line.first <= next) next = Math.max(next, line.last + 1);
  return next <= last ? next : undefined;
}

function positionOf(line: Exclude<CopyLine, { kind: 'keys' }>): number {
  return line.kind === 'facts' ? line.last : line.at;
}

/** Whose file it is. */
async function readBeginning(path: string, held: Held, after: number): Promise<void> {
  for await (const text of textsOf(path)) {
    const line = readCopyLine(text);
    if (line?.kind === 'keys') held.take(line, after);
    return;
  }
}

async function readAll(path: string, held: Held, after: number): Promise<void> {
  const first = Number(COPY_FILE.exec(basename(path))?.[1] ?? 1);
  let told = first - 1;
  let number = 0;
  for await (const text of textsOf(path)) {
    number += 1;
    const line = readCopyLine(text);
    const before = told;
    told = toldAfter(told, text, line);
    if (line === undefined) held.unread.push({ path, line: number, after: before, position: told });
    else held.take(line, after);
  }
}

/** Up to where a file speaks at least with one line more. */
function toldAfter(told: number, text: string, line: CopyLine | undefined): number {
  if (line === undefined) return legiblePosition(text) ?? told + 1;
  return line.kind === 'keys' ? told : positionOf(line);
}

async function* textsOf(path: string): AsyncGenerator<string> {
  const input = createReadStream(path);
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } finally {
    input.destroy();
  }
}

type End = { readonly told: number; readonly line: FactsLine };

/** Up to where a file speaks, and its last facts; undefined where these are not to be seen at its end. Positions rise. */
async function endOf(path: string): Promise<End | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const texts = buffer.toString('utf8', 0, bytesRead).split('\n');
    if (texts.at(-1) === '') texts.pop();
    let end: End | undefined;
    for (const text of texts) {
      const line = readCopyLine(text);
      if (line?.kind === 'facts') end = { told: line.last, line };
      else if (end !== undefined) end = { ...end, told: toldAfter(end.told, text, line) };
    }
    return end;
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
