import type { EngineFailure } from '@filrouge/ports';

/** How a server ended that nobody had asked to. */
export interface ServerEnd {
  /** Both absent: it was no child of ours. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** What it wrote to its log from its start on (no row values: see `EMBEDDED_SETTINGS`). */
  readonly said: string;
}

/** `cause` ends the sentence "PostgreSQL ended: …". */
export type EndVerdict = { readonly kind: 'start-again' | 'stay-down'; readonly cause: string };

/** It could not trust its own disk any more: a sync failed, its log found no space, a file is not what it must be. */
const PANIC = /\bPANIC: {2}/;
const NO_SPACE = /no space left on device/i;
const TOLD_CHARACTERS_MAX = 2_000;

/**
 * Whether to start it again. Not after a PANIC: what a failed sync left unwritten would be believed to be on the disk, and
 * one that was seen to fail must not be written to before somebody looked. Not either where it ended of itself and
 * nothing says why: on a full disk its last words are lost. Whoever starts us afterwards begins with recovery.
 */
export function judgeEnd({ exitCode, signal, said }: ServerEnd): EndVerdict {
  if (PANIC.test(said) || signal === 'SIGABRT') {
    return { kind: 'stay-down', cause: 'it could not trust its disk any more' };
  }
  if (signal !== undefined) return { kind: 'start-again', cause: `signal ${signal}` };
  const killed = /was terminated by signal (\d+)/.exec(said)?.[1];
  if (killed !== undefined) return { kind: 'start-again', cause: `signal ${killed} ended a process of its` };
  const asked = /received (\w+) shutdown request/.exec(said)?.[1];
  if (asked !== undefined) return { kind: 'start-again', cause: `somebody else asked it to (${asked})` };
  if (exitCode === undefined) return { kind: 'start-again', cause: 'it is gone' };
  return { kind: 'stay-down', cause: `exit code ${exitCode}, and its log does not say why` };
}

/** What a start that failed is: `unavailable` where another may fare better. */
export function judgeStart(said: string): Extract<EngineFailure, 'unavailable' | 'disk-full' | 'other'> {
  if (NO_SPACE.test(said)) return 'disk-full';
  return PANIC.test(said) || /input\/output error/i.test(said) ? 'other' : 'unavailable';
}

/** The part of a log that an operator needs: the PANIC and what follows, else its last lines. */
export function tellingPart(said: string): string {
  const at = PANIC.exec(said)?.index;
  if (at === undefined) return said.slice(-TOLD_CHARACTERS_MAX).trim();
  const line = said.lastIndexOf('\n', at) + 1;
  return said.slice(line, line + TOLD_CHARACTERS_MAX).trim();
}
