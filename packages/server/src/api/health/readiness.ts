import { type Instant, instant } from '@filrouge/domain/base';
import { EngineError, type EngineFailure, type EventStore, type KeyId, type Vault } from '@filrouge/ports';
import type { DiskState } from '../../disk/disk-guard.ts';
import type { DiskMode } from '../../disk/disk-mode.ts';
import type { WorkState } from '../../work/thread-messages.ts';
import type { ProjectorLag } from './projector-lag.ts';

/** How far behind the projector may be while the server calls itself ready. Unit: ms. */
const LAG_MS_MAX = 60_000;
/** How long a part may take to answer. Unit: ms. */
const PART_MS_MAX = 5_000;
/** An answer is good for so long: the check writes, and anybody may ask. Unit: ms. */
const FRESH_MS = 1_000;

export type ReadinessParts = {
  /** One write and one read of the transactional engine. */
  readonly canary: () => Promise<void>;
  readonly events: EventStore;
  readonly vault: Vault;
  readonly lag: () => Promise<ProjectorLag>;
  /** The projector of this process, where it has one: what its last step failed with, and whether another's works. */
  readonly work: () => Promise<Pick<WorkState, 'fault' | 'standsBy'> | undefined>;
  /** What is left on the disk, and what is done with it. */
  readonly disk: () => Promise<DiskState>;
  /** Whether everything decided is in the second place of the consents; undefined where there is none. */
  readonly copied: () => boolean | undefined;
  readonly now: () => Instant;
};

const OK = 'ok';
/** Ready: another process projects, and this one would take over. */
const STANDS_BY = 'stands by';
/**
 * Ready on a full disk too: whoever sends requests elsewhere because of it would lose the refusals that are still taken,
 * and what can still be read.
 */
const DISK: Readonly<Record<DiskMode, string>> = {
  open: OK,
  closed: 'nearly full: no events, files or exports are taken',
  halted: 'full: nothing but refusals is taken, projecting waits',
};
const WAITS_FOR_SPACE = 'waits for space on the disk';
/** Ready without it too: decisions are taken and kept, and only a loss of the whole machine would lose them. */
const NOT_COPIED = 'behind: the log says why';
const READY: ReadonlySet<string> = new Set([STANDS_BY, WAITS_FOR_SPACE, NOT_COPIED, ...Object.values(DISK)]);

/** By part, `ok` (or what it waits for) or what is wrong with it. */
export type Readiness = { readonly ready: boolean; readonly parts: Readonly<Record<string, string>> };

/** An end-to-end check: what an event passes through is written, read, sealed and opened, not merely connected to. */
export function createReadiness(parts: ReadinessParts): () => Promise<Readiness> {
  let key: KeyId | undefined;
  let last: { readonly at: number; readonly answer: Promise<Readiness> } | undefined;

  const checks: Readonly<Record<string, () => Promise<string>>> = {
    async postgres() {
      await parts.canary();
      return OK;
    },
    async clickhouse() {
      const at = parts.now();
      const span = { from: at, to: instant(at + 1) };
      await parts.events.totals({
        brand: '' as Parameters<EventStore['totals']>[0]['brand'],
        kinds: ['ticket'],
        ...span,
      });
      return OK;
    },
    async vault() {
      key ??= parts.vault.newKey();
      const opened = parts.vault.openRecord('canary', parts.vault.sealRecord(key, 'canary', 'canary'));
      if (!opened.ok || opened.value.toString() !== 'canary') throw new Error('what was sealed does not open');
      return OK;
    },
    async disk() {
      return DISK[(await parts.disk()).mode];
    },
    async projector() {
      if ((await parts.disk()).mode === 'halted') return WAITS_FOR_SPACE;
      const work = await parts.work();
      if (work?.fault !== undefined) throw new Error('its last step failed; the log says why');
      const { seconds } = await parts.lag();
      if (seconds * 1_000 > LAG_MS_MAX) throw new Error(`${Math.round(seconds)} s behind`);
      return work?.standsBy === true ? STANDS_BY : OK;
    },
    ...(parts.copied() === undefined ? {} : { consents: async () => (parts.copied() === true ? OK : NOT_COPIED) }),
  };

  const check = async (): Promise<Readiness> => {
    const names = Object.keys(checks);
    const found = await Promise.all(names.map((name) => outcomeOf(checks[name] as () => Promise<string>)));
    return {
      ready: found.every(isReady),
      parts: Object.fromEntries(names.map((name, at) => [name, found[at] as string])),
    };
  };

  return () => {
    const at = performance.now();
    if (last === undefined || at - last.at > FRESH_MS) last = { at, answer: check() };
    return last.answer;
  };
}

export function isReady(outcome: string): boolean {
  return READY.has(outcome);
}

/** An engine's message may hold an address or a statement: the kind of fault is enough here. */
function told(fault: unknown): string {
  if (fault instanceof EngineError) return AWAY.has(fault.failure) ? 'away: it cannot be reached' : fault.failure;
  if (!(fault instanceof Error)) return 'failed';
  return fault.name === 'Error' ? fault.message : fault.name;
}

const AWAY: ReadonlySet<EngineFailure> = new Set(['unavailable', 'outcome-unknown']);

async function outcomeOf(check: () => Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${PART_MS_MAX / 1_000} s`), PART_MS_MAX);
  });
  const done = check().then((outcome) => outcome, told);
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
