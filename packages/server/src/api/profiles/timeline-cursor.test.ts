import { instant } from '@filrouge/domain/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import { readCursor, writeCursor } from './timeline-cursor.ts';

test('a cursor comes back as it was given out', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2_208_988_800_000, max: 4_000_000_000_000 }), fc.uuid(), (ms, eventId) => {
      const cursor = { t: instant(ms), eventId };
      expect(readCursor(writeCursor(cursor))).toEqual(cursor);
    }),
  );
});

test.each([
  '',
  'x',
  Buffer.from('12 not-an-id').toString('base64url'),
  Buffer.from(`x ${'0'.repeat(36)}`).toString('base64url'),
])('the word %j is no cursor', (word) => {
  expect(() => readCursor(word)).toThrow(ProblemAnswer);
});
