import { BEGINNING, END, type TimeSpan } from '@filrouge/domain/identity';

/** A span as it is told: what has no beginning or no end yet names none, where stored spans have the first and last instant. */
export type ShownSpan = { readonly from?: string; readonly to?: string };

export function shownSpan({ from, to }: TimeSpan): ShownSpan {
  return {
    ...(from <= BEGINNING ? {} : { from: new Date(from).toISOString() }),
    ...(to >= END ? {} : { to: new Date(to).toISOString() }),
  };
}
