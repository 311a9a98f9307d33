import { fault } from './clickhouse-fault.ts';

/** Admits `places` at a time and lets `waitingMax` wait in order; more than that is refused, not queued. */
export interface Turnstile {
  enter(): Promise<void>;
  leave(): void;
}

export function createTurnstile(places: number, waitingMax: number): Turnstile {
  const waiting: (() => void)[] = [];
  let free = places;
  return {
    async enter() {
      if (free > 0) {
        free -= 1;
        return;
      }
      if (waiting.length >= waitingMax) {
        throw fault(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `Too many simultaneous queries. Maximum: ${places}`);
      }
      await new Promise<void>((admitted) => {
        waiting.push(admitted);
      });
    },
    leave() {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}
