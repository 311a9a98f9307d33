/**
 * What whoever imports should know of rows that were taken: a total that its lines do not come to; a yes without all of its
 * proof, and what of it is missing; a decision without a date.
 */
export const ROW_NOTES = [
  'total-differs',
  'to-confirm',
  'no-date-of-decision',
  'no-channel',
  'no-text-shown',
  'dated-to-receipt',
] as const;
export type RowNote = (typeof ROW_NOTES)[number];

/** A note on the row that begins on a line of the file. */
export type NotedRow = { readonly line: number; readonly note: RowNote };
