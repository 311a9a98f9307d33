/**
 * A part of the ledger as text: one consent record with facts of it, as a JSON object that only the engine reads, but for
 * `key.id`, the data key of what is sealed in it, and the id of the record, which stands in it in quotes.
 */
export type LedgerLine = {
  /** Ledger positions of its facts, first and last, both included. */
  readonly first: number;
  readonly last: number;
  readonly text: string;
};

/** What the ledger is asked, and told, so that it can be kept in a second place too. */
export interface LedgerCopyStore {
  head(): Promise<number>;
  /** Record by record what follows a position, about so many facts. */
  linesAfter(position: number, factsMax: number): Promise<readonly LedgerLine[]>;
  /** Runs of imports that are undone, or are to be: their yeses count no more. A name is never another run's. */
  undoneRuns(): Promise<readonly string[]>;
  /** The record of the fact at a position, by which two ledgers are told apart; undefined where there is none. */
  recordAt(position: number): Promise<string | undefined>;
  /**
   * Appends lines of a copy at the positions that they had; what is there already is passed over. Yeses that came with
   * imports are voided: what else these brought is not there. Keys of `keysGone` are not put to claims again. Throws, and
   * appends nothing, where the positions leave a gap, or one is told in two ways. Answers how many facts are new.
   */
  append(lines: readonly LedgerLine[], keysGone: readonly number[]): Promise<number>;
  /** Voids the yeses of these runs, where they are known; answers how many stood. */
  voidRuns(runs: readonly string[]): Promise<number>;
}
