import { count, duration } from '../words/figures.ts';
import type { ImportProgress } from './import-file.ts';

const EVERY_MS = 2_000;

/** Says where an import stands, every two seconds: rows, rate, time left. `now` is a clock in ms. */
export function createProgressTeller(
  say: (line: string) => void,
  now: () => number,
): (progress: ImportProgress) => void {
  const begun = now();
  let saidAt = begun;
  return ({ rows, share }) => {
    const at = now();
    if (at - saidAt < EVERY_MS) return;
    saidAt = at;
    const elapsed = at - begun;
    const left = share > 0 && share < 1 ? `, ${duration((elapsed / share) * (1 - share))} left` : '';
    say(`${count(rows)} rows, ${count((rows / elapsed) * 1_000)} a second${left}`);
  };
}
