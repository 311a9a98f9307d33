import type { SubmissionOutcome } from '@filrouge/pipeline';

/** What became of the items and decisions of a request of an import that were not refused: each is counted once. */
export type ImportOutcome = {
  readonly new: number;
  /** Here already, from this file or by another way. */
  readonly duplicates: number;
  readonly withheld: number;
  readonly quarantined: number;
};

export function importOutcome({ items, consents }: SubmissionOutcome): ImportOutcome {
  const kinds: readonly string[] = [...items, ...consents].map(({ kind }) => kind);
  const counted = (...names: readonly string[]): number => kinds.filter((kind) => names.includes(kind)).length;
  return {
    new: counted('pending', 'recorded'),
    duplicates: counted('duplicate'),
    withheld: counted('withheld'),
    quarantined: counted('quarantined'),
  };
}
