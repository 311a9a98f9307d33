import type { Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { ReferenceEntry, ReferenceKind } from '@filrouge/domain/reference';
import type { ImportNote } from './import-store.ts';

/** An entry as it was last told, and by whom. */
export type ToldReference = ReferenceEntry & { readonly source: SourceId; readonly toldAt: Instant };

export type ReferenceQuery = {
  readonly brand: BrandId;
  readonly kind: ReferenceKind;
  /** Only what has this text in its id or name, whatever the case. */
  readonly text?: string;
  readonly limit: number;
  /** Ids after this one. */
  readonly after?: string;
};

/** Versions of one thing that are kept, the last told included: as many imports of it can be undone. */
export const REFERENCE_VERSIONS_MAX = 5;

/** Products, stores and campaigns by brand and id; what was told last stands. */
export interface ReferenceStore {
  /**
   * Tells some entries of one kind, each id once; the same again changes nothing. Answers the run of their import. Throws
   * `ImportClosed` where the import is being undone, or the run that the note names is over.
   */
  tell(
    source: { readonly brand: BrandId; readonly id: SourceId },
    entries: readonly ReferenceEntry[],
    note: ImportNote | undefined,
    at: Instant,
  ): Promise<number | undefined>;
  /** By id, ascending. */
  list(query: ReferenceQuery): Promise<readonly ToldReference[]>;
  /** The names of these, as far as they were told. */
  names(brand: BrandId, kind: ReferenceKind, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
