import { Worker } from 'node:worker_threads';
import { EngineError } from '@filrouge/ports';
import type { DiskMode } from '../disk/disk-mode.ts';
import type { FromThread, ThreadAnswers, ThreadOrders, ToThread, WorkState } from './thread-messages.ts';
import type { WorkLog } from './work-log.ts';

/** The projector and the chores of this process, on a thread of their own. */
export type WorkThread = {
  /** Something was written: look now. */
  wake(): void;
  /** What the space that is left on the disk is for. */
  tellDisk(mode: DiskMode): void;
  state(): Promise<WorkState>;
  /** Resolves when everything that was accepted before the call is projected, by whichever process. */
  drain(): Promise<void>;
  /** Ends after the steps under way, and lets another process project. */
  stop(): Promise<void>;
};

export type WorkThreadOptions = {
  readonly orders: Omit<ThreadOrders, 'woken'>;
  readonly log: WorkLog;
  /** The thread died: the process should end and be started again. */
  readonly onCrash: (what: string) => void;
};

/** Resolves when the thread works. Throws `EngineError` where it could not open the engines. */
export async function startWorkThread(
  { orders, log, onCrash }: WorkThreadOptions,
  program = new URL('./thread-entry.ts', import.meta.url),
): Promise<WorkThread> {
  const woken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: ThreadOrders = { ...orders, woken: woken.buffer };
  const thread = new AskedThread(new Worker(program, { name: 'filrouge-work', workerData }), log, onCrash);
  try {
    await thread.ready;
  } catch (fault) {
    await thread.end();
    throw fault;
  }
  let stopping: Promise<void> | undefined;
  return {
    wake() {
      if (Atomics.exchange(woken, 0, 1) === 0) thread.send({ kind: 'wake' });
    },
    tellDisk: (mode) => thread.send({ kind: 'disk', mode }),
    state: () => thread.ask('state'),
    drain: () => thread.ask('drain'),
    stop() {
      stopping ??= thread.stop();
      return stopping;
    },
  };
}

/** A thread that answers questions, until it ends. */
class AskedThread {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;
  #isEnding = false;
  #hasEnded = false;

  constructor(worker: Worker, log: WorkLog, onCrash: (what: string) => void) {
    this.#worker = worker;
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    let cause = 'it ended by itself';
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'ready') ready.resolve();
      else if (message.kind === 'failed') ready.reject(new EngineError('other', message.message));
      else if (message.kind === 'log') log[message.level](message.figures, message.said);
      else this.#answered(message);
    });
    worker.on('error', (fault) => {
      cause = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    });
    worker.on('exit', () => {
      this.#hasEnded = true;
      const what = `The thread that projects ended unexpectedly: ${cause}`;
      ready.reject(new EngineError('other', what));
      for (const waiting of this.#waiting.values()) waiting.reject(new EngineError('unavailable', what));
      this.#waiting.clear();
      if (!this.#isEnding) onCrash(what);
    });
  }

  send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  async ask<What extends keyof ThreadAnswers>(what: What): Promise<ThreadAnswers[What]> {
    if (this.#hasEnded) throw new EngineError('unavailable', 'the thread that projects has ended');
    const answer = Promise.withResolvers<unknown>();
    this.#lastId += 1;
    this.#waiting.set(this.#lastId, answer);
    this.send({ kind: 'ask', id: this.#lastId, what });
    return (await answer.promise) as ThreadAnswers[What];
  }

  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#isEnding = true;
    try {
      await this.ask('stop');
    } finally {
      await this.end();
    }
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#worker.terminate();
  }

  #answered({ id, answer, fault }: Extract<FromThread, { kind: 'answer' }>): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (fault === undefined) waiting?.resolve(answer);
    else waiting?.reject(new EngineError('other', fault));
  }
}
