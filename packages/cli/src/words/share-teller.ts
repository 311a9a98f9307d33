import type { CommandContext } from '../command-context.ts';
import { percent } from './figures.ts';

const TOLD_EVERY_MS = 2_000;

/** Says how much of something is done, now and then: `copied 120 MB of 340 MB (35.3%)`. Unit: bytes. */
export function shareTeller(
  { progress }: Pick<CommandContext, 'progress'>,
  done: string,
): (bytes: number, total: number) => void {
  let toldAt = performance.now();
  return (bytes, total) => {
    const now = performance.now();
    if (now - toldAt < TOLD_EVERY_MS) return;
    toldAt = now;
    progress(`${done} ${megabytes(bytes)} of ${megabytes(total)} (${percent(total === 0 ? 1 : bytes / total)})`);
  };
}

/** `340 MB`, `1.2 GB`. */
export function megabytes(bytes: number): string {
  const gigabytes = bytes / 1_000_000_000;
  return gigabytes < 1 ? `${Math.ceil(bytes / 1_000_000)} MB` : `${gigabytes.toFixed(1)} GB`;
}
