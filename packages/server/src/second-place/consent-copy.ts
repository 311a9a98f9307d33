import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerCopyStore } from '@filrouge/ports';
import { syncAll } from '../backup/backup-writer.ts';
import { writeCopyLine } from './copy-line.ts';
import { readCopy } from './read-copy.ts';

const FACTS_AT_ONCE = 1_000;
/** What comes within so long is written together. Unit: ms. */
const LINGER_MS = 200;
/** When it is tried again what failed, unless something is decided before. Unit: ms. */
const RETRY_MS = 5_000;

export type ConsentCopyOptions = {
  readonly ledger: LedgerCopyStore;
  readonly directory: string;
  /** It could not be written; it is tried again with the next decision, and some seconds later. */
  readonly onFault: (fault: unknown) => void;
  /** Default: 5 s. */
  readonly retryMs?: number;
};

/**
 * The consents in a second place: every fact of the ledger is told there within a moment of its commit, so that what is
 * restored from a backup can know what people decided since. It follows the ledger, and nobody's answer waits for it.
 */
export class ConsentCopy {
  readonly #options: ConsentCopyOptions;
  readonly #undone = new Set<string>();
  #at: number;
  #file: FileHandle | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
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
    const head = await ledger.head();
    // What a crash cut short at the end of a file is said again.
    const { last } = await readCopy(directory, head);
    const copy = new ConsentCopy(options, last);
    await copy.#catchUp();
    return copy;
  }

  /** Something may have been decided. */
  wake(): void {
    clearTimeout(this.#retry);
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#turn();
    }, LINGER_MS);
  }

  /** Resolves when everything decided before the call is in the second place, or could not be written. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#turn();
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#file?.close();
  }

  #turn(): Promise<void> {
    this.#writing = this.#writing
      .then(() => this.#catchUp())
      .catch((fault: unknown) => {
        this.#options.onFault(fault);
        clearTimeout(this.#retry);
        this.#retry = setTimeout(() => this.wake(), this.#options.retryMs ?? RETRY_MS);
        this.#retry.unref();
      });
    return this.#writing;
  }

  async #catchUp(): Promise<void> {
    const { ledger } = this.#options;
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

  async #write(text: string): Promise<void> {
    const file = this.#file ?? (await this.#create());
    try {
      await file.appendFile(text);
      await file.datasync();
    } catch (fault) {
      // What stands at its end is not known: the next attempt begins another file.
      this.#file = undefined;
      await file.close().catch(() => undefined);
      throw fault;
    }
  }

  /** A file of this process alone: servers that share the directory never write into each other's lines. */
  async #create(): Promise<FileHandle> {
    const { directory } = this.#options;
    const first = String(this.#at + 1).padStart(12, '0');
    const path = join(directory, `consents-${first}-${randomBytes(4).toString('hex')}.log`);
    this.#file = await open(path, 'ax', 0o600);
    await syncAll([directory]);
    return this.#file;
  }
}
