import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerCopyStore } from '@filrouge/ports';
import { syncAll } from '../backup/backup-writer.ts';
import { readHeld } from './catch-up.ts';
import { writeCopyLine } from './copy-line.ts';
import { firstMissing } from './read-copy.ts';

const FACTS_AT_ONCE = 1_000;
/** What comes within so long is written together. Unit: ms. */
const LINGER_MS = 200;
/** After a fault it is tried again, first after so long, then after twice as long each time. Unit: ms. */
const RETRY_MS = { first: 1_000, max: 30_000 };

export type ConsentCopyOptions = {
  readonly ledger: LedgerCopyStore;
  readonly directory: string;
  /** By which keys this installation writes. */
  readonly fingerprint: string;
  /** It could not be written; it is tried again by itself. */
  readonly onFault: (fault: unknown) => void;
};

/** A file while this process writes it. `bytes`: so much of it is on the disk. */
type OpenFile = { readonly path: string; readonly handle: FileHandle; readonly bytes: number };

/**
 * The consents in a second place: every fact of the ledger is told there within a moment of its commit, so that what is
 * restored from a backup can know what people decided since. It follows the ledger, and nobody's answer waits for it.
 */
export class ConsentCopy {
  readonly #options: ConsentCopyOptions;
  readonly #undone = new Set<string>();
  #at: number;
  #file: OpenFile | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** It waits for the linger alone, and not for the next try after a fault. */
  #isNear = false;
  #retryMs = 0;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(options: ConsentCopyOptions, at: number) {
    this.#options = options;
    this.#at = at;
  }

  /** Goes on where the second place ends. Throws where it cannot be written to: a start is the time to hear of it. */
  static async open(options: ConsentCopyOptions): Promise<ConsentCopy> {
    const { directory, ledger } = options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const copy = new ConsentCopy(options, await toldUpTo(directory, await ledger.head()));
    await copy.#catchUp();
    return copy;
  }

  /** False from a fault until everything decided is in the second place again. */
  get upToDate(): boolean {
    return this.#retryMs === 0;
  }

  /** Something may have been decided. */
  wake(): void {
    if (this.#closed || this.#isNear) return;
    this.#isNear = true;
    this.#turnIn(LINGER_MS);
  }

  /** Resolves when everything decided before the call is in the second place, or could not be written. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#turn();
    clearTimeout(this.#timer);
    await this.#file?.handle.close();
  }

  #turnIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#isNear = false;
      void this.#turn();
    }, ms);
  }

  #turn(): Promise<void> {
    this.#writing = this.#writing
      .then(() => this.#catchUp())
      .then(() => {
        this.#retryMs = 0;
      })
      .catch((fault: unknown) => {
        this.#retryMs = Math.min(RETRY_MS.max, Math.max(RETRY_MS.first, 2 * this.#retryMs));
        if (!this.#closed && this.#timer === undefined) this.#turnIn(this.#retryMs);
        this.#options.onFault(fault);
      });
    return this.#writing;
  }

  async #catchUp(): Promise<void> {
    const { ledger } = this.#options;
    await this.#demandFile();
    const runs = (await ledger.undoneRuns()).filter((run) => !this.#undone.has(run));
    if (runs.length > 0) {
      await this.#write(writeCopyLine({ kind: 'undone', at: this.#at, runs }));
      for (const run of runs) this.#undone.add(run);
    }
    for (;;) {
      const lines = await ledger.linesAfter(this.#at, FACTS_AT_ONCE);
      const last = lines.reduce((latest, line) => Math.max(latest, line.last), this.#at);
      if (last === this.#at) return;
      await this.#write(lines.map((line) => writeCopyLine({ kind: 'facts', ...line })).join(''));
      this.#at = last;
    }
  }

  /** Where the file is gone that this process writes, so is what it told: it is told again, once there is a directory. */
  async #demandFile(): Promise<void> {
    if (this.#file === undefined) return;
    const { path, handle } = this.#file;
    const [here, written] = await Promise.all([stat(path).catch(() => undefined), handle.stat()]);
    if (here !== undefined && here.ino === written.ino && here.dev === written.dev) return;
    const { directory } = this.#options;
    await stat(directory);
    this.#file = undefined;
    await handle.close().catch(() => undefined);
    this.#undone.clear();
    this.#at = await toldUpTo(directory, 0);
  }

  async #write(text: string): Promise<void> {
    const file = this.#file ?? (await this.#create());
    const bytes = Buffer.from(file.bytes === 0 ? `${this.#heading()}${text}` : text);
    try {
      await file.handle.appendFile(bytes);
      await file.handle.datasync();
      this.#file = { ...file, bytes: file.bytes + bytes.length };
    } catch (fault) {
      // What stands at its end is not known: it ends where it was good, and the next attempt begins another file.
      this.#file = undefined;
      await leave(file);
      throw fault;
    }
  }

  #heading(): string {
    return writeCopyLine({ kind: 'keys', at: this.#at, fingerprint: this.#options.fingerprint });
  }

  /** A file of this process alone: servers that share the directory never write into each other's lines. */
  async #create(): Promise<OpenFile> {
    const { directory } = this.#options;
    const first = String(this.#at + 1).padStart(12, '0');
    const path = join(directory, `consents-${first}-${randomBytes(4).toString('hex')}.log`);
    const file = { path, handle: await open(path, 'ax', 0o600), bytes: 0 };
    try {
      await syncAll([directory]);
    } catch (fault) {
      await leave(file);
      throw fault;
    }
    this.#file = file;
    return file;
  }
}

async function leave({ path, handle, bytes }: OpenFile): Promise<void> {
  await (bytes === 0 ? unlink(path) : handle.truncate(bytes)).catch(() => undefined);
  await handle.close().catch(() => undefined);
}

/** Up to where the second place tells everything from a position on; what was cut short or damaged is told again. */
async function toldUpTo(directory: string, from: number): Promise<number> {
  const held = await readHeld(directory, from);
  const begin = Math.min(from, ...held.unread.map(({ after }) => after));
  const { facts, last } = begin < from ? await readHeld(directory, begin) : held;
  const missing = firstMissing(facts, begin, last);
  return missing === undefined ? last : missing - 1;
}
