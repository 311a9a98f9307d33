import { setTimeout as sleep } from 'node:timers/promises';
import { liveTraffic } from '@filrouge/simulator';
import type { DemoWorld } from './demo-directory.ts';
import { createDoorSender } from './door-sender.ts';

/** Visits that begin a second. */
const RATE = 2;

/** Traffic from now on, until the signal. Errors: those of the sender before it. */
export async function playLive(
  world: DemoWorld,
  url: string,
  keys: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const sender = createDoorSender(url, keys, RATE * 4, signal);
  const wait = async (ms: number, stop?: AbortSignal): Promise<void> => {
    await sleep(ms, undefined, stop === undefined ? {} : { signal: stop }).catch(() => undefined);
  };
  try {
    await liveTraffic({ ...world, rate: RATE, now: Date.now, wait }, sender.send, signal);
  } catch (fault) {
    if (!signal.aborted) throw fault;
  } finally {
    sender.close();
  }
}
