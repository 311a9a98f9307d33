import type { NotedRow, RowNote } from '@filrouge/wire/import';

/** How often a note stands on what was taken, and the first line it stands on. */
export type NoteCount = { readonly times: number; readonly line: number };
export type NoteCounts = Readonly<Partial<Record<RowNote, NoteCount>>>;

/** The counts with those of more rows added. */
export function withNotes(counts: NoteCounts, noted: readonly NotedRow[]): NoteCounts {
  const told: Partial<Record<RowNote, NoteCount>> = { ...counts };
  for (const { note, line } of noted) {
    const known = told[note];
    told[note] = { times: (known?.times ?? 0) + 1, line: Math.min(known?.line ?? line, line) };
  }
  return told;
}
