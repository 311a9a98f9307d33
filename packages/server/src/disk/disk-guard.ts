import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Environment } from '../config/environment.ts';
import { describeFault } from '../http/describe-fault.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { Ballast } from './ballast.ts';
import { type DiskMarks, type DiskMode, EMBEDDED_MARKS, judgeDisk, KEYS_ONLY_MARKS } from './disk-mode.ts';

/** How often it looks while all is well and nobody asks, and while it waits for space. Unit: ms. */
const LOOK_MS = { open: 5_000, closed: 1_000, halted: 1_000 } as const satisfies Record<DiskMode, number>;
/** Whoever asks hears what was seen so long ago at most. Unit: ms. */
const FRESH_MS = 500;
/** When to come again. Unit: seconds. */
const RETRY_SECONDS = 10;
const MB = 1024 * 1024;

/** Free bytes of the file system of a path; undefined where there is no such path. */
export type FreeBytes = (path: string) => Promise<number | undefined>;

export type DiskGuardOptions = {
  readonly environment: Pick<Environment, 'dataDir' | 'postgresUrl' | 'clickhouseUrl'>;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** How the file systems are asked. */
  readonly freeBytes?: FreeBytes;
};

/** What a server has left, and what it does with it. */
export type DiskState = { readonly mode: DiskMode; readonly freeBytes: number };

/**
 * Watches the disk of the data directory, so that it is this server that stops first, with an answer, and never
 * PostgreSQL, with a fault. It asks every five seconds, every second while space is waited for, and for whoever wants to
 * write something large.
 */
export class DiskGuard {
  readonly marks: DiskMarks;
  readonly #places: readonly string[];
  readonly #ballast: Ballast;
  readonly #freeBytes: FreeBytes;
  readonly #logger: DiskGuardOptions['logger'];
  #state: DiskState = { mode: 'open', freeBytes: Number.POSITIVE_INFINITY };
  #wantsBallast = false;
  #seenAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #isBlind = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #ticking: Promise<void> = Promise.resolve();
  #onMode: (mode: DiskMode) => void = () => undefined;

  constructor({ environment, logger, freeBytes = askFileSystem }: DiskGuardOptions) {
    const { dataDir, postgresUrl, clickhouseUrl } = environment;
    const engines = [
      ...(postgresUrl === undefined ? ['postgres'] : []),
      ...(clickhouseUrl === undefined ? ['clickhouse'] : []),
    ];
    this.marks = engines.length > 0 ? EMBEDDED_MARKS : KEYS_ONLY_MARKS;
    this.#places = [dataDir, ...engines.map((engine) => join(dataDir, engine))];
    this.#ballast = new Ballast(dataDir, this.marks.ballastBytes);
    this.#freeBytes = freeBytes;
    this.#logger = logger;
  }

  get state(): DiskState {
    return this.#state;
  }

  /** Looks for the first time, before any engine starts: one that recovers from a full disk needs the ballast's space. */
  async open(): Promise<void> {
    await mkdir(this.#places[0] as string, { recursive: true, mode: 0o700 });
    await this.look();
  }

  /** Goes on looking by itself; `onMode` hears the mode of now, and each that follows. */
  watch(onMode: (mode: DiskMode) => void): void {
    this.#onMode = onMode;
    if (this.#state.mode !== 'open') onMode(this.#state.mode);
    this.#tickLater();
  }

  /** What is left, as of half a second ago at most. */
  async look(): Promise<DiskState> {
    if (performance.now() - this.#seenAt > FRESH_MS) {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
      await this.#looking;
    }
    return this.#state;
  }

  /** Throws the problem that is answered to whoever brings something while there is no room for it. */
  async requireRoom(): Promise<void> {
    const { mode } = await this.look();
    if (mode === 'open') return;
    throw new ProblemAnswer('disk-nearly-full', { retryAfterSeconds: RETRY_SECONDS });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#ticking;
  }

  #tickLater(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#ticking = this.#tick().finally(() => this.#tickLater());
    }, LOOK_MS[this.#state.mode]);
    this.#timer.unref();
  }

  async #tick(): Promise<void> {
    await this.look();
    if (!this.#wantsBallast) return;
    try {
      await this.#ballast.lay();
    } catch (fault) {
      this.#logger.error({ fault: describeFault(fault) }, 'the ballast could not be laid; tried again in 5 s');
    }
  }

  async #look(): Promise<void> {
    const freeBytes = await this.#fullest();
    this.#seenAt = performance.now();
    if (freeBytes === undefined) return;
    const before = this.#state.mode;
    const { mode, ballast } = judgeDisk(before, freeBytes, this.marks);
    this.#state = { mode, freeBytes };
    this.#wantsBallast = ballast === 'lay';
    if (ballast === 'release') await this.#release();
    if (mode === before) return;
    this.#tell(before);
    this.#onMode(mode);
    // Whoever asked may have seen it long before the next look of its own.
    if (this.#timer !== undefined) this.#tickLater();
  }

  /** Undefined where nothing can be seen: then all stays as it is. */
  async #fullest(): Promise<number | undefined> {
    try {
      const found = await Promise.all(this.#places.map((place) => this.#freeBytes(place)));
      this.#isBlind = false;
      const known = found.filter((bytes) => bytes !== undefined);
      return known.length === 0 ? undefined : Math.min(...known);
    } catch (fault) {
      if (!this.#isBlind) this.#logger.error({ fault: describeFault(fault) }, 'the free space of the disk is unknown');
      this.#isBlind = true;
      return undefined;
    }
  }

  async #release(): Promise<void> {
    try {
      const released = await this.#ballast.release();
      if (released) this.#logger.warn({ freeMb: this.#freeMb() }, 'the ballast was let go: its space is for refusals');
    } catch (fault) {
      this.#logger.error({ fault: describeFault(fault) }, 'the ballast could not be let go');
    }
  }

  #tell(before: DiskMode): void {
    const { mode } = this.#state;
    this.#logger.warn({ disk: mode, before, freeMb: this.#freeMb() }, SAID[mode]);
  }

  #freeMb(): number {
    return Math.floor(this.#state.freeBytes / MB);
  }
}

const SAID: Readonly<Record<DiskMode, string>> = {
  open: 'there is room on the disk again: everything is taken',
  closed:
    'the disk of the data directory is nearly full: events, files and exports are answered 503; a no is recorded, what is here is read. Free some space: nothing needs to be started again',
  halted:
    'the disk of the data directory is full: projecting waits too; a no is recorded, persons are read. Free some space: nothing needs to be started again',
};

async function askFileSystem(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return undefined;
    throw fault;
  }
}
