import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@filrouge/ports';
import type { ServerProcess } from './embedded-process.ts';
import { judgeEnd, type ServerEnd, tellingPart } from './judge-end.ts';

/** One that ran so long before it ended has started well. Unit: ms. */
const STEADY_MS = 1_000;
/** The first pause; each failure doubles it. Unit: ms. */
const PAUSE_MS_FIRST = 100;
const PAUSE_MS_MAX = 10_000;
/** Starts that fail, or end at once, one after the other, until nobody can be helped by another. Some 13 s of pauses. */
const FAILURES_MAX = 8;

/** A server that ended and is not started again. */
export interface ServerCrash {
  /** A sentence of why it ended, and why it stays so. */
  readonly why: string;
  /** What of its log tells the reason. */
  readonly logTail: string;
}

/** A server that is started again whenever it ends unasked. */
export interface KeptServer {
  /** Of the process at this moment; of the last one, while there is none. */
  readonly pid: number;
  /** Ends it, and whatever start is under way. */
  stop(): Promise<void>;
}

export interface KeepOptions {
  /** Starts it as it was. Throws `EngineError`: `unavailable` where another attempt may fare better. */
  readonly start: () => Promise<ServerProcess>;
  readonly onProgress: (line: string) => void;
  /** Called at most once: it ended, and stays so. */
  readonly onGivenUp: (crash: ServerCrash) => void;
  /** Default: 100 ms. */
  readonly pauseMsFirst?: number;
}

/** Watches a server and starts it again where that may help (`judgeEnd`), after a pause that grows while it does not. */
export function keepRunning(first: ServerProcess, options: KeepOptions): KeptServer {
  const { onProgress, onGivenUp, pauseMsFirst = PAUSE_MS_FIRST } = options;
  const stop = new AbortController();
  let current = first;
  let failures = 0;
  let restarting: Promise<void> = Promise.resolve();
  let stopping: Promise<void> | undefined;

  function watch(server: ServerProcess): void {
    current = server;
    const since = performance.now();
    server.onExit((end) => {
      if (stop.signal.aborted) return;
      failures = performance.now() - since < STEADY_MS ? failures + 1 : 0;
      restarting = again(end);
    });
  }

  async function again(end: ServerEnd): Promise<void> {
    const { kind, cause } = judgeEnd(end);
    const giveUp = (why: string, said: string): void => onGivenUp({ why, logTail: tellingPart(said) });
    if (kind === 'stay-down') return giveUp(cause, end.said);
    for (let said = end.said; ; ) {
      if (failures >= FAILURES_MAX) return giveUp(`${cause}; ${FAILURES_MAX} starts did not help`, said);
      const pauseMs = Math.min(pauseMsFirst * 2 ** failures, PAUSE_MS_MAX);
      onProgress(`PostgreSQL ended: ${cause}; it is started again in ${pauseMs} ms`);
      await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted) return;
      try {
        watch(await options.start());
        return onProgress('PostgreSQL runs again');
      } catch (fault) {
        failures += 1;
        said = fault instanceof Error ? fault.message : String(fault);
        if (stop.signal.aborted) return;
        const mayHelp = fault instanceof EngineError && fault.failure === 'unavailable';
        if (!mayHelp) return giveUp(`${cause}, and it cannot be started`, said);
      }
    }
  }

  watch(first);
  return {
    get pid() {
      return current.pid;
    },
    stop() {
      stop.abort();
      stopping ??= restarting.then(() => current.stop());
      return stopping;
    },
  };
}
