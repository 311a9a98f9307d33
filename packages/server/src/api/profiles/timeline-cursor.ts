import { parseInstantMs } from '@filrouge/domain/base';
import type { TimelineCursor } from '@filrouge/ports';
import { ProblemAnswer } from '../../http/problem-answer.ts';

/** A place in a timeline as an opaque word. */
export function writeCursor({ t, eventId }: TimelineCursor): string {
  return Buffer.from(`${t} ${eventId}`).toString('base64url');
}

/** Throws 400 for a word that no timeline gave out. */
export function readCursor(word: string): TimelineCursor {
  const [, ms, eventId] =
    /^(-?\d{1,15}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(word, 'base64url').toString()) ??
    [];
  const t = parseInstantMs(Number(ms ?? Number.NaN));
  if (t === undefined || eventId === undefined) throw new ProblemAnswer('cursor-unreadable', { pointer: '/cursor' });
  return { t, eventId };
}
