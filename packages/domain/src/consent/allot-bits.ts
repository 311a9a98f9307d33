import { accept, type Result, refuse } from '../base/result.ts';
import type { Purpose, PurposeId } from './purpose.ts';

/** Bits of a purposes mask: it travels as a signed 64-bit number. */
export const PURPOSE_BITS_MAX = 63;

/**
 * Gives every purpose its bit for life. Stored rows carry bits and not names: a purpose keeps the bit it was given once,
 * and no other gets it, whether the configuration moved the purpose or left it out; its rows would pass for the other's.
 * Refused with the first purpose for which no bit is left.
 */
export function allotBits(
  purposes: readonly Purpose[],
  given: ReadonlyMap<PurposeId, number>,
): Result<readonly Purpose[], PurposeId> {
  const taken = new Set(given.values());
  const allotted: Purpose[] = [];
  for (const purpose of purposes) {
    const bit = given.get(purpose.id) ?? freeBit(purpose.bit, taken);
    if (bit === undefined) return refuse(purpose.id);
    taken.add(bit);
    allotted.push({ ...purpose, bit });
  }
  return accept(allotted);
}

/** The wished one, else the first. */
function freeBit(wished: number, taken: ReadonlySet<number>): number | undefined {
  if (!taken.has(wished)) return wished;
  for (let bit = 0; bit < PURPOSE_BITS_MAX; bit += 1) if (!taken.has(bit)) return bit;
  return undefined;
}
