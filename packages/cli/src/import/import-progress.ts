import { amount, count, duration } from '../words/figures.ts';
import type { ImportProgress } from './import-file.ts';

const EVERY_MS = 2_000;

/**
 * Says where an import stands, every two seconds: rows, rate, time left. What an earlier run had done counts for nothing in
 * the rate. `now` is a clock in ms.
 */
export function createProgressTeller(
  say: (line: string) => void,
  now: () => number,
): (progress: ImportProgress) => void {
  let begun: (ImportProgress & { readonly at: number }) | undefined;
  let saidAt = now();
  return ({ rows, share }) => {
    const at = now();
    begun ??= { rows, share, at };
    if (at - saidAt < EVERY_MS || at === begun.at) return;
    saidAt = at;
    const elapsed = at - begun.at;
    const done = share - begun.share;
    const left = done > 0 && share < 1 ? `, ${duration((elapsed / done) * (1 - share))} left` : '';
    say(`${amount(rows, 'row')}, ${count(((rows - begun.rows) / elapsed) * 1_000)} a second${left}`);
  };
}
