import { scrubPersonal } from './scrub-personal.ts';

/** Length of an event's name where it stands in clear: headers, counters, columns. */
export const CLEAR_NAME_LENGTH_MAX = 128;

/** An event's name as it may stand in clear (S2, S15): without anything that carries an `@` or six or more digits. */
export function clearName(name: string): string {
  return scrubPersonal(name, CLEAR_NAME_LENGTH_MAX);
}
