import type { Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';

/** What a request says of the import that its rows belong to. */
export type ImportNote = {
  /** The same for every run of the same file into the same source. */
  readonly import: string;
  /** What the rows are: `tickets`; empty where nobody said. */
  readonly kind: string;
  /** The file's own name, without its directory; empty where nobody said. */
  readonly file: string;
  /** SHA-256 of the file, 64 hexadecimal digits; empty where nobody said. */
  readonly content: string;
  /** The run that the sender believes it goes on with. */
  readonly run?: number;
};

/** What one import brought until it was undone. The same file imported again after that is another run. */
export type ImportRun = Omit<ImportNote, 'run'> & {
  readonly number: number;
  readonly brand: BrandId;
  readonly source: SourceId;
  readonly begunAt: Instant;
  readonly lastAt: Instant;
  /** Journal positions between which all it kept stands; undefined while nothing of it was kept. */
  readonly journal: { readonly first: number; readonly last: number } | undefined;
  /** Items that the door took, duplicates not among them; `withheld` and `quarantined` are some of them. */
  readonly accepted: number;
  readonly withheld: number;
  readonly quarantined: number;
  /** Consent records. */
  readonly consents: number;
  /** Rows of products, stores or campaigns. */
  readonly reference: number;
  readonly state: 'open' | 'undoing' | 'undone';
  readonly undo?: ImportUndo;
};

export type ImportUndo = {
  readonly askedAt: Instant;
  readonly askedBy: string;
  readonly doneAt?: Instant;
  /** Journal items that were read so far, of so many. */
  readonly read: number;
  readonly total: number;
};

/** What one commit adds to a run. */
export type ImportTally = {
  readonly run: number;
  readonly accepted: number;
  readonly withheld: number;
  readonly quarantined: number;
  readonly consents: number;
  /** Whether something of it stands in the commit's journal row. */
  readonly journaled: boolean;
};

export type ImportQuery = {
  readonly brand?: BrandId;
  readonly import?: string;
  readonly content?: string;
  readonly state?: ImportRun['state'];
  readonly limit: number;
  /** Runs with a smaller number. */
  readonly before?: number;
};

/** The import that a request belongs to was undone since its run began, or is being undone: nothing of it is taken. */
export class ImportClosed extends Error {
  override readonly name = 'ImportClosed';
}

/** Imports and what is to be done to undo one. */
export interface ImportStore {
  /** Latest first. */
  list(query: ImportQuery): Promise<readonly ImportRun[]>;
  run(number: number): Promise<ImportRun | undefined>;
  /** Closes an open run, under the appender's lock: nothing of it comes in afterwards. False where it is not open. */
  close(number: number, by: string, at: Instant): Promise<boolean>;
  /** Frees the ids that a closed run claimed, and gives up what of it waits in quarantine. Goes on where it stopped. */
  release(run: ImportRun): Promise<void>;
  progress(number: number, read: number, total: number): Promise<void>;
  /** Opens a closed run again, of which it turned out that it cannot be taken back. */
  reopen(number: number): Promise<void>;
  /** Says that all of it is taken back. */
  finish(number: number, at: Instant): Promise<void>;
}
