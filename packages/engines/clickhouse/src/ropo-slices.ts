import type { RopoCell, SampleTally, Tally } from '@filrouge/domain/measurement';
import { EngineError } from '@filrouge/ports';
import type { Slice } from './ropo-query.ts';

/** Into how many slices a question is cut, one try after the other. */
const SLICES = [1, 4, 16, 64] as const;

/**
 * The cells of a question, where the engine's memory does not hold it whole: of one slice of the persons after the
 * other, added up. A refusal costs the time up to it, so that the cuts are coarse. Throws what `ask` throws, a refusal
 * for memory only where even the finest slice is refused.
 */
export async function askInSlices(ask: (slice: Slice) => Promise<readonly RopoCell[]>): Promise<readonly RopoCell[]> {
  for (const of of SLICES) {
    try {
      const parts: (readonly RopoCell[])[] = [];
      for (let at = 0; at < of; at += 1) parts.push(await ask({ at, of }));
      return addCells(parts);
    } catch (error) {
      if (!(error instanceof EngineError) || error.failure !== 'memory' || of === SLICES.at(-1)) throw error;
    }
  }
  return [];
}

/** Cells of persons who are not in each other's slice: all that is counted adds up, the persons too. */
function addCells(slices: readonly (readonly RopoCell[])[]): readonly RopoCell[] {
  const [only] = slices;
  if (slices.length === 1 && only !== undefined) return only;
  const sums = new Map<string, RopoCell>();
  for (const cell of slices.flat()) {
    const name = JSON.stringify([cell.key, cell.month, cell.currency]);
    const sum = sums.get(name);
    sums.set(name, sum === undefined ? cell : addCell(sum, cell));
  }
  return [...sums.values()].sort(
    (a, b) => order(a.key, b.key) || order(a.month, b.month) || order(a.currency, b.currency),
  );
}

/** By bytes, as the engine sorts text. */
function order(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function addCell(a: RopoCell, b: RopoCell): RopoCell {
  return {
    key: a.key,
    month: a.month,
    currency: a.currency,
    all: addTally(a.all, b.all),
    identified: addTally(a.identified, b.identified),
    consented: addTally(a.consented, b.consented),
    observable: addSample(a.observable, b.observable),
    ropo: addSample(a.ropo, b.ropo),
    asked: { ...addTally(a.asked, b.asked), valueSquares: a.asked.valueSquares + b.asked.valueSquares },
    confirmed: addTally(a.confirmed, b.confirmed),
  };
}

function addTally(a: Tally, b: Tally): Tally {
  return { count: a.count + b.count, valueMinor: a.valueMinor + b.valueMinor };
}

function addSample(a: SampleTally, b: SampleTally): SampleTally {
  return { ...addTally(a, b), valueSquares: a.valueSquares + b.valueSquares, persons: a.persons + b.persons };
}
