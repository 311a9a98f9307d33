import type { ProblemCode } from '../../problem/catalogue.ts';

/**
 * What was done to a cell beyond changing its notation, counted by file and told: each is a conclusion that somebody may
 * want to check.
 */
export const REPAIR_NOTES = [
  'leading-zero-restored',
  'plus-restored',
  'spreadsheet-mark-removed',
  'postal-code-unlikely',
  'clock-left-out-this-hour',
  'clock-showed-this-hour-twice',
  'no-time-of-day',
] as const;
export type RepairNote = (typeof REPAIR_NOTES)[number];

/** A cell in our notation, or why it cannot be brought into it. */
export type Repaired =
  | { readonly ok: true; readonly text: string; readonly note?: RepairNote }
  | { readonly ok: false; readonly code: ProblemCode; readonly detail?: string };

/** Where a cell stands, for repairs that depend on it. */
export type RepairPlace = {
  /** ISO 3166-1: the row's own country, else the file's. */
  readonly country: string;
  /** IANA time zone of the clock that wrote the file. */
  readonly zone: string;
};

export function repaired(text: string, note?: RepairNote): Repaired {
  return note === undefined ? { ok: true, text } : { ok: true, text, note };
}
