import type { Instant } from '@filrouge/domain/base';
import { BEGINNING, END } from '@filrouge/domain/identity';
import { readTime } from '@filrouge/wire';
import { z } from 'zod';

export const brandParameter = z
  .string()
  .min(1)
  .max(64)
  .optional()
  .describe('The credential’s own where it is bound to one.');

/** A date, or a date and time; without zone it is UTC. */
export const instantText = z
  .string()
  .max(64)
  .refine((text) => readTime(text) !== undefined, { message: 'a date or a date and time, ISO 8601' })
  .meta({ format: 'date-time' });

/** An instant that its schema has let through. */
export function instantOf(text: string | undefined, otherwise: Instant): Instant {
  return (text === undefined ? undefined : readTime(text)) ?? otherwise;
}

/** A half-open span of time out of `from` and `to`; undefined where both are absent. */
export function spanOf(query: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): { readonly from: Instant; readonly to: Instant } | undefined {
  if (query.from === undefined && query.to === undefined) return undefined;
  return { from: instantOf(query.from, BEGINNING), to: instantOf(query.to, END) };
}

/** A whole number in a query string. */
export function wholeNumber(min: number, max: number, otherwise: number) {
  return z.coerce.number().int().min(min).max(max).default(otherwise);
}

export const instantShown = z.string().meta({ format: 'date-time' });

/** What `allowed` says of a purpose, wherever a subject's standing is told. */
export const ALLOWED_MEANS =
  'Whether it is open for this subject now: by a yes that holds, or, on another basis, unless it objected. Of a person, what comes from a till, a server or a call; a terminal decides for itself.';
