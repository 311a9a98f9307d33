import type { OutputFile } from '../output-file.ts';

/** Why a row must be refused: by the name of the file's column, and the word of `errors.csv` for it. */
export type Fault = {
  /** Empty where it is the whole row. */
  readonly column: string;
  readonly code: string;
};

export type UglyRow = {
  readonly cells: readonly string[];
  readonly fault?: Fault | undefined;
  /** What a reader has to conclude, cell by cell, in the words of the import's summary. */
  readonly notes?: readonly string[];
  /** Wrong in a way that no reader of the file can see, counted by what it is. */
  readonly unseen?: readonly string[];
  /** How many of the cells are written: a row that was cut. */
  readonly cut?: number;
};

/** Stands in a cell for a delimiter that nobody put quotes around: the cells after it are shifted by one. */
export const SHIFT = '\u0001';

type Counts = Record<string, number>;

/**
 * A file as a French retailer's programs write it: cp1252, semicolons, lines that end in CR LF, quotes only where they
 * must be. Counts what an import of it must say, and notes every row that must be refused.
 */
export class UglyFile {
  readonly name: string;
  readonly #file: OutputFile;
  readonly #lines: OutputFile;
  #line = 1;
  #rows = 0;
  #good = 0;
  #repaired = 0;
  #items = 0;
  #amountMinor: number | undefined;
  readonly #bad: Counts = {};
  readonly #repairs: Counts = {};
  readonly #unseen: Counts = {};

  constructor(name: string, file: OutputFile, lines: OutputFile, header: string) {
    this.name = name;
    this.#file = file;
    this.#lines = lines;
    this.#put(header);
  }

  write({ cells, fault, notes = [], unseen = [], cut }: UglyRow): void {
    const line = this.#line;
    this.#put(cells.slice(0, cut).map(quoted).join(';').replaceAll(SHIFT, ';'));
    this.#rows++;
    for (const each of unseen) raise(this.#unseen, each);
    if (fault === undefined) {
      // What was repaired of a row that is refused all the same went nowhere.
      for (const note of notes) raise(this.#repairs, note);
      if (notes.length === 0) this.#good++;
      else this.#repaired++;
      return;
    }
    raise(this.#bad, fault.code);
    const { column, code } = fault;
    this.#lines.write(`${JSON.stringify({ file: this.name, line, column, code })}\n`);
  }

  /** An item that good rows make, and what was paid in it. */
  addItem(amountMinor?: number): void {
    this.#items++;
    if (amountMinor !== undefined) this.#amountMinor = (this.#amountMinor ?? 0) + amountMinor;
  }

  /** Plain JSON: rows = good + repaired + bad. */
  close() {
    const bad = Object.values(this.#bad).reduce((sum, count) => sum + count, 0);
    return {
      rows: this.#rows,
      good: this.#good,
      repaired: this.#repaired,
      bad,
      items: this.#items,
      ...(this.#amountMinor === undefined ? {} : { amountMinor: this.#amountMinor }),
      reasons: sorted(this.#bad),
      repairs: sorted(this.#repairs),
      unseen: sorted(this.#unseen),
    };
  }

  #put(text: string): void {
    this.#file.write(`${text}\r\n`);
    this.#line++;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#line++;
  }
}

function quoted(cell: string): string {
  return /[";\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function raise(counts: Counts, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function sorted(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
